import { createHmac } from 'node:crypto'
import { REDACTIONS, type ProcessorConfig } from '../../../schemas/pipeline.ts'
import { expressionAt } from '../condition.ts'
import type { LineProcessor } from '../processor.ts'
import { keySpans } from './private-keys.ts'
import { KINDS, type Redaction } from './redactions.ts'
import { mergeSpans, type Span } from './spans.ts'

const MASK = '[redacted]'
const HASH_DIGITS = 16
/** What an earlier redaction left, cut where a value ends at a bracket. */
const HIDDEN = /^\[?(?:redacted|[\w -]{1,100}:[0-9a-f]{16})\]?$/
/** A key without its end hides no more lines than these. */
const MOST_KEY_LINES = 500
/** Stand for quotes and backslashes in what is put between quotes; each as long as what it stands for. */
const QUOTE = '\u0001'
const BACKSLASH = '\u0002'

/**
 * Replaces what secrets look like by a mask, or by a hash that is the same for the same secret; `{kind}` in the mask is what was found. Own
 * patterns hide their group `secret`, or all that they find. The fields of a line are searched too, each together with its name.
 */
export function redact ({ kinds = [...REDACTIONS], patterns = [], mode = 'mask', mask = MASK, salt = '' }: ProcessorConfig<'redact'>): LineProcessor {
  const own = patterns.map(({ name, pattern, ignore_case: ignoreCase }, at): Redaction =>
    ({ kind: name, expression: expressionAt(`patterns/${at}/pattern`, pattern, ignoreCase, 'g'), hints: [] }))
  // In this order: an address with a password in it is no e-mail address.
  const known = (['jwt', 'keys', 'email', 'card'] as const).filter((kind) => kinds.includes(kind)).flatMap((kind) => KINDS[kind])
  const redactions = [...known, ...own]
  const hasKeys = kinds.includes('keys')
  const counts = new Map<string, number>()
  let keyLines = 0
  const cover = (text: string, spans: readonly Span[]): string => {
    let done = 0
    let covered = ''
    for (const { start, end, kind, isRest } of spans) {
      if (isRest !== true) counts.set(kind, (counts.get(kind) ?? 0) + 1)
      covered += text.slice(done, start) + (mode === 'mask' ? mask.replaceAll('{kind}', () => kind) : hashed(kind, text.slice(start, end), salt))
      done = end
    }
    return spans.length === 0 ? text : covered + text.slice(done)
  }
  const coverValue = (name: string, value: string): string => {
    const keys = hasKeys ? keySpans(value, false).spans : []
    return cover(value, valueSpans(name, value, spansOf(value, keys, redactions), redactions))
  }
  return {
    process: (line, cursor) => {
      const { spans, isOpen } = hasKeys ? keySpans(line, keyLines > 0) : { spans: [], isOpen: false }
      keyLines = isOpen && keyLines < MOST_KEY_LINES ? keyLines + 1 : 0
      if (cursor.fields !== undefined) cursor.fields = coverFields(cursor.fields, coverValue)
      return cover(line, spansOf(line, spans, redactions))
    },
    details: () => Object.fromEntries(counts),
    state: () => ({ keyLines, counts: [...counts] }),
    restore: (state) => {
      const { keyLines: lines = 0, counts: earlier = [] } = parseState(state)
      keyLines = lines
      for (const [kind, count] of earlier) counts.set(kind, count)
    }
  }
}

function hashed (kind: string, secret: string, salt: string): string {
  return `[${kind}:${createHmac('sha256', salt).update(secret).digest('hex').slice(0, HASH_DIGITS)}]`
}

/** Where secrets stand in a text, beside those that are known already. */
function spansOf (text: string, known: readonly Span[], redactions: readonly Redaction[]): readonly Span[] {
  const lower = text.toLowerCase()
  let spans = known
  for (const redaction of redactions) {
    if (redaction.hints.length > 0 && !redaction.hints.some((hint) => lower.includes(hint))) continue
    spans = mergeSpans(spans, foundBy(redaction, text), redaction.isNarrow !== true)
  }
  return spans
}

function foundBy ({ kind, expression, isOne }: Redaction, text: string): Span[] {
  const spans: Span[] = []
  expression.lastIndex = 0
  for (let match = expression.exec(text); match !== null; match = expression.exec(text)) {
    const [whole] = match
    if (whole === '') expression.lastIndex++
    const secret = secretOf(match)
    if (secret === '' || HIDDEN.test(secret) || isOne?.(whole) === false) continue
    const start = match.index + whole.lastIndexOf(secret)
    spans.push({ start, end: start + secret.length, kind })
  }
  return spans
}

function secretOf ({ 0: whole, groups }: RegExpExecArray): string {
  return Object.values(groups ?? {}).find((group) => typeof group === 'string') ?? whole
}

/** Adds what a value is by its name: both are searched together, with the value between quotes. */
function valueSpans (name: string, value: string, own: readonly Span[], redactions: readonly Redaction[]): readonly Span[] {
  const begin = `${name}="`
  const named = spansOf(`${begin}${value.replaceAll('"', QUOTE).replaceAll('\\', BACKSLASH)}"`, [], redactions)
  const inside = named.flatMap(({ start, end, kind }): Span[] => {
    const from = Math.max(0, start - begin.length)
    const to = Math.min(value.length, end - begin.length)
    return to > from ? [{ start: from, end: to, kind }] : []
  })
  return mergeSpans(own, inside, true)
}

type CoverValue = (name: string, value: string) => string

function coverFields (fields: Record<string, unknown>, coverValue: CoverValue): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, covered(name, value, coverValue)]))
}

/** A number that is hidden becomes a text. */
function covered (name: string, value: unknown, coverValue: CoverValue): unknown {
  if (typeof value === 'string') return coverValue(name, value)
  if (Array.isArray(value)) return value.map((member: unknown) => covered(name, member, coverValue))
  // A number that no double holds is kept as it was written.
  const isExact = JSON.isRawJSON(value)
  if (typeof value === 'object' && value !== null && !isExact) return coverFields({ ...value }, coverValue)
  if (typeof value !== 'number' && !isExact) return value
  const text = isExact ? value.rawJSON : String(value)
  const hidden = coverValue(name, text)
  return hidden === text ? value : hidden
}

/** What `state` gave. */
function parseState (state: unknown): { keyLines?: number, counts?: ReadonlyArray<[string, number]> } {
  return Object(state)
}
