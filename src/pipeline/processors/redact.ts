import { createHmac } from 'node:crypto'
import { REDACTIONS, type ProcessorConfig } from '../../../schemas/pipeline.ts'
import { expressionAt } from '../condition.ts'
import type { LineProcessor } from '../processor.ts'
import { KINDS, type Redaction } from './redactions.ts'

const MASK = '[redacted]'
const HASH_DIGITS = 16
const KEY_BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/
const KEY_END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/
/** A key without its end hides no more lines than these. */
const MOST_KEY_LINES = 500

type Hide = (kind: string, secret: string) => string

/** Replaces what secrets look like by a mask, or by a hash that is the same for the same secret. The fields of a line are searched too. */
export function redact ({ kinds = [...REDACTIONS], patterns = [], mode = 'mask', mask = MASK, salt = '' }: ProcessorConfig<'redact'>): LineProcessor {
  const own = patterns.map(({ name, pattern, ignore_case: ignoreCase }, at): Redaction =>
    ({ kind: name, expression: expressionAt(`patterns/${at}/pattern`, pattern, ignoreCase, 'g'), hints: [] }))
  // In this order: an address with a password in it is no e-mail address.
  const known = (['jwt', 'keys', 'email', 'card'] as const).filter((kind) => kinds.includes(kind)).flatMap((kind) => KINDS[kind])
  const redactions = [...own, ...known]
  const counts = new Map<string, number>()
  const hide: Hide = (kind, secret) => {
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
    if (mode === 'mask') return mask.replaceAll('{kind}', kind)
    return `[${kind}:${createHmac('sha256', salt).update(secret).digest('hex').slice(0, HASH_DIGITS)}]`
  }
  const keyBlock = kinds.includes('keys') ? new KeyBlock(hide) : undefined
  const redactText = (text: string): string => {
    const lower = text.toLowerCase()
    return redactions.reduce((rest, redaction) => hasHint(lower, redaction) ? replaced(rest, redaction, hide) : rest, text)
  }
  return {
    process: (line, cursor) => {
      const hidden = keyBlock?.take(line)
      if (hidden !== undefined) return hidden
      const { fields } = cursor
      if (fields !== undefined) cursor.fields = redactFields(fields, redactText)
      return redactText(line)
    },
    details: () => Object.fromEntries(counts),
    state: () => keyBlock?.lines ?? 0,
    restore: (state) => { if (keyBlock !== undefined) keyBlock.lines = Number(state) }
  }
}

/** A private key in PEM goes over many lines. */
class KeyBlock {
  readonly #hide: Hide
  /** How many lines of a key were hidden; 0 outside of one. */
  lines = 0

  constructor (hide: Hide) {
    this.#hide = hide
  }

  /** Hides what of the line belongs to a key; undefined when nothing does. */
  take (line: string): string | undefined {
    if (this.lines > 0) return this.#inside(line)
    const begin = line.includes('-----BEGIN') ? KEY_BEGIN.exec(line) : null
    if (begin === null) return undefined
    const end = KEY_END.exec(line)
    if (end === null) this.lines = 1
    const rest = end === null ? '' : line.slice(end.index + end[0].length)
    return line.slice(0, begin.index) + this.#hide('private_key', line.slice(begin.index, line.length - rest.length)) + rest
  }

  #inside (line: string): string {
    const end = KEY_END.exec(line)
    this.lines = end !== null || this.lines >= MOST_KEY_LINES ? 0 : this.lines + 1
    return this.#hide('private_key', line) + (end === null ? '' : line.slice(end.index + end[0].length))
  }
}

function hasHint (lower: string, { hints }: Redaction): boolean {
  return hints.length === 0 || hints.some((hint) => lower.includes(hint))
}

function replaced (text: string, { kind, expression, isOne }: Redaction, hide: Hide): string {
  return text.replace(expression, (...found: unknown[]) => {
    const whole = String(found[0])
    const groups = found.at(-1)
    const secret = typeof groups === 'object' && groups !== null ? Object.values(groups).find((group): group is string => typeof group === 'string') ?? whole : whole
    // Hidden already, as what another kind found in it.
    if (secret.startsWith('[') || isOne?.(whole) === false) return whole
    const at = whole.lastIndexOf(secret)
    return whole.slice(0, at) + hide(kind, secret) + whole.slice(at + secret.length)
  })
}

function redactFields (fields: Record<string, unknown>, redactText: (text: string) => string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, redactedValue(name, value, redactText)]))
}

function redactedValue (name: string, value: unknown, redactText: (text: string) => string): unknown {
  if (typeof value === 'string') return textOf(name, value, redactText)
  if (Array.isArray(value)) return value.map((member: unknown) => redactedValue(name, member, redactText))
  return typeof value === 'object' && value !== null ? redactFields({ ...value }, redactText) : value
}

/** What a field holds is searched together with its name, which may say that it is a secret. */
function textOf (name: string, value: string, redactText: (text: string) => string): string {
  const own = redactText(value)
  const named = `${name}="`
  const whole = redactText(`${named}${own.replaceAll('"', '\u0001').replaceAll('\\', '\u0002')}"`)
  return whole.startsWith(named) && whole.endsWith('"') ? whole.slice(named.length, -1).replaceAll('\u0001', '"').replaceAll('\u0002', '\\') : own
}
