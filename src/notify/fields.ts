import type { NoticeBody } from '../../schemas/notice.ts'

/** What may stand in braces in an annotation, besides the labels. */
const FIELDS = ['rule', 'severity', 'state', 'value', 'limit', 'unit', 'started_at', 'url'] as const

const FIELD = /\{([a-z_]+(?:\.[^{}\s]{1,200})?)\}/g
const LABEL_PREFIX = 'labels.'

type Filled = Pick<NoticeBody, 'rule' | 'severity' | 'state' | 'value' | 'limit' | 'unit' | 'labels' | 'started_at' | 'url'>

/**
 * Puts values in the place of `{field}`: those of `FIELDS` and `{labels.x}`, nothing else, in one pass, so that a value is
 * never read as a text to be filled. What is no field stays as it is; a label that is missing becomes nothing.
 */
export function fillFields (text: string, body: Filled): string {
  return text.replace(FIELD, (whole, name: string) => valueOf(name, body) ?? whole)
}

/** Lists what stands in braces and is no field, to be told when a rule is saved. */
export function unknownFields (text: string): string[] {
  const sample = { rule: { id: '', name: '' }, severity: 'warning', state: 'firing', value: 0, limit: 0, unit: '', labels: {}, started_at: '', url: '' } as const
  return Array.from(text.matchAll(FIELD), ([, name = '']) => name).filter((name) => valueOf(name, sample) === undefined)
}

function valueOf (name: string, body: Filled): string | undefined {
  if (name.startsWith(LABEL_PREFIX)) return textOfLabel(body.labels, name.slice(LABEL_PREFIX.length))
  const field = FIELDS.find((known) => known === name)
  switch (field) {
    case undefined: return undefined
    case 'rule': return body.rule.name
    case 'value':
    case 'limit': return formatNumber(body[field])
    default: return body[field]
  }
}

function textOfLabel (labels: Readonly<Record<string, string>>, name: string): string {
  return Object.hasOwn(labels, name) ? labels[name] ?? '' : ''
}

/** Writes a number for a person: four digits that count, no exponent for usual sizes. */
export function formatNumber (value: number | null): string {
  if (value === null) return 'no value'
  return String(Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(4)))
}
