import { unreachable } from '../errors.ts'
import type { NoticeBody } from '../../schemas/notice.ts'
import { formatNumber } from './fields.ts'

export type Tone = 'good' | 'warning' | 'bad'

/** What every chat says of a notice, as plain text: each channel escapes and cuts it in its own way. */
export interface Wording {
  title: string
  text: string
  tone: Tone
}

/** Puts a notice into words. The rule's annotation `summary` is the text where there is one, `description` follows it. */
export function wordingOf (body: NoticeBody): Wording {
  const { annotations } = body
  const lines = [annotations['summary'] ?? sentence(body), annotations['description'], labelsText(body), timesText(body)]
  return { title: title(body), text: lines.filter((line) => line !== undefined && line !== '').join('\n'), tone: tone(body) }
}

function title ({ type, rule, severity }: NoticeBody): string {
  switch (type) {
    case 'alert.firing': return `${severity.toUpperCase()}: ${rule.name}`
    case 'alert.escalated': return `ESCALATED, ${severity.toUpperCase()}: ${rule.name}`
    case 'alert.resolved': return `RESOLVED: ${rule.name}`
    case 'test': return `TEST: ${rule.name}`
    default: return unreachable(type)
  }
}

function sentence ({ value, limit, unit, state }: NoticeBody): string | undefined {
  if (value === null) return undefined
  const is = state === 'firing' ? 'is' : 'is now'
  const against = limit === null ? '' : `, the limit is ${quantity(limit, unit)}`
  return `The value ${is} ${quantity(value, unit)}${against}.`
}

function quantity (value: number, unit: string): string {
  return unit === '' ? formatNumber(value) : `${formatNumber(value)} ${unit}`
}

function labelsText ({ labels }: NoticeBody): string {
  return Object.entries(labels).map(([name, value]) => `${name}=${value}`).join(', ')
}

function timesText ({ started_at: startedAt, ended_at: endedAt }: NoticeBody): string {
  return endedAt === undefined ? `Since ${startedAt}` : `From ${startedAt} to ${endedAt}`
}

function tone ({ type, state, severity }: NoticeBody): Tone {
  if (type === 'test' || state === 'resolved') return 'good'
  return severity === 'critical' ? 'bad' : 'warning'
}
