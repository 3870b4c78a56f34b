import { setFlagsFromString } from 'node:v8'
import { AppError } from '../core/errors.ts'

/** Counted repetitions are written out, so that the length of what is compiled is bounded too. */
const EXPRESSION_LIMITS = { length: 512, writtenOut: 8_192, repeats: 256 } as const

/** Catastrophic for an engine that tries every way: 2^60 ways, and none fits. */
const TRAP = { expression: '^(a*)*(b*)*$', text: `${'ab'.repeat(30)}!` }
const SELF_TEST_MS = 1_000

interface Part {
  text: string
  /** One character, class or escape, which may be written several times over. */
  isAtom: boolean
}

const COUNT = /^\{(\d+)(,?)(\d*)\}/
/** Longer texts go to the engine without backtracking at once: the usual one may take the square of their length, and does not see it. */
const LONG_TEXT = 1_000
/** What a backslash makes of what follows it: `\x41`, `\u0041`, `\cJ`, `\d`. */
const ESCAPE = /^\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|c[a-zA-Z]|k<[^>]*>|[^])/

const NOT_LINEAR = 'cannot be run in linear time: look-around, back-references and large counts of groups are not taken'

let isReady = false

/**
 * Makes the regular expression of a user so that no text can stall it: only what V8's engine without backtracking can run is taken,
 * and V8 changes over to that engine when the usual one tries too often. So there is no look-around and no back-reference.
 * Throws `invalid`, naming what is wrong.
 */
export function compileExpression (text: string, { ignoreCase = false, flags = '' }: { ignoreCase?: boolean, flags?: '' | 'g' } = {}): RegExp {
  prepare()
  if (text.length > EXPRESSION_LIMITS.length) throw refused(text, `has ${text.length} characters, at most ${EXPRESSION_LIMITS.length}`)
  syntaxCheck(text)
  const written = partsOf(text, ignoreCase).join('')
  if (written.length > EXPRESSION_LIMITS.writtenOut) throw refused(text, 'is too long once its counted repetitions are written out')
  return new BoundedExpression(written, flags, linear(text, written, flags))
}

function linear (text: string, written: string, flags: string): RegExp {
  try {
    return new RegExp(written, `l${flags}`)
  } catch (error) {
    throw refused(text, NOT_LINEAR, error)
  }
}

/** Leaves short texts to the engine that is fast with them, and long ones to that which is never slow. */
class BoundedExpression extends RegExp {
  readonly #short: RegExp
  readonly #long: RegExp

  constructor (written: string, flags: string, long: RegExp) {
    super(written, flags)
    this.#short = new RegExp(written, flags)
    this.#long = long
  }

  override exec (text: string): RegExpExecArray | null {
    const engine = this.#for(text)
    engine.lastIndex = this.lastIndex
    const found = engine.exec(text)
    this.lastIndex = engine.lastIndex
    return found
  }

  override test (text: string): boolean {
    return this.global ? this.exec(text) !== null : this.#for(text).test(text)
  }

  override [Symbol.replace] (text: string, replacement: string | ((substring: string, ...args: unknown[]) => string)): string {
    const engine = this.#for(text)
    return typeof replacement === 'string' ? text.replace(engine, replacement) : text.replace(engine, replacement)
  }

  override [Symbol.matchAll] (text: string): RegExpStringIterator<RegExpExecArray> {
    return text.matchAll(this.#for(text))
  }

  #for (text: string): RegExp {
    return text.length > LONG_TEXT ? this.#long : this.#short
  }
}

/** Has V8 switch to its engine without backtracking where the usual one runs away, and proves that it does. */
function prepare (): void {
  if (isReady) return
  setFlagsFromString('--enable-experimental-regexp-engine')
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')
  const startedAt = performance.now()
  new RegExp(TRAP.expression).test(TRAP.text)
  if (performance.now() - startedAt > SELF_TEST_MS) throw new AppError('internal', 'this Node cannot run regular expressions in linear time')
  isReady = true
}

function syntaxCheck (text: string): void {
  try {
    RegExp(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^Invalid regular expression: \/.*\/\w*: /s, '') : String(error)
    throw refused(text, `is no regular expression: ${reason.slice(0, 1).toLowerCase()}${reason.slice(1)}`, error)
  }
}

function refused (text: string, reason: string, cause?: unknown): AppError {
  const shown = text.length > 60 ? `${text.slice(0, 60)}...` : text
  return new AppError('invalid', `the expression ${JSON.stringify(shown)} ${reason}`, cause === undefined ? {} : { cause })
}

/** Cuts an expression into what stands for itself, writes letters in both cases where case counts not, and writes counts of atoms out. */
function partsOf (text: string, ignoreCase: boolean): string[] {
  const parts: Part[] = []
  for (let at = 0; at < text.length;) {
    const count = COUNT.exec(text.slice(at, at + 16))
    const last = parts.at(-1)
    if (count !== null && last?.isAtom === true && Number(count[3] || count[1]) <= EXPRESSION_LIMITS.repeats) {
      at += count[0].length
      const isLazy = text[at] === '?'
      if (isLazy) at++
      parts[parts.length - 1] = { text: writtenOut(last.text, count, isLazy), isAtom: false }
      continue
    }
    const { length, part } = nextPart(text, at, ignoreCase)
    parts.push(part)
    at += length
  }
  return parts.map((part) => part.text)
}

function nextPart (text: string, at: number, ignoreCase: boolean): { length: number, part: Part } {
  const letter = text.charAt(at)
  if (letter === '\\') {
    const whole = ESCAPE.exec(text.slice(at, at + 64))?.[0] ?? letter
    return { length: whole.length, part: { text: bothCases(whole, ignoreCase), isAtom: !/^\\[bBk\d]/.test(whole) } }
  }
  if (letter === '[') {
    const whole = text.slice(at, endOfClass(text, at))
    return { length: whole.length, part: { text: ignoreCase ? classOfBothCases(whole) : whole, isAtom: true } }
  }
  const group = /^\(\?(?:<[A-Za-z_$][\w$]*>|<?[=!:])/.exec(text.slice(at, at + 128))?.[0]
  // V8 would run some of these in linear time: all are refused, so that nobody need know which.
  if (group !== undefined && /[=!]$/.test(group)) throw refused(text, NOT_LINEAR)
  if (group !== undefined) return { length: group.length, part: { text: group, isAtom: false } }
  return { length: 1, part: { text: bothCases(letter, ignoreCase), isAtom: !'()|^$*+?{}'.includes(letter) } }
}

function endOfClass (text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== ']') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

/** `x{2,4}` is `xx(?:x(?:x)?)?`, `x{2,}` is `xxx*`. */
function writtenOut (atom: string, [, least = '', comma = '', most = '']: RegExpExecArray, isLazy: boolean): string {
  const lazy = isLazy ? '?' : ''
  const required = atom.repeat(Number(least))
  if (comma === '') return `(?:${required})`
  if (most === '') return `(?:${required}${atom}*${lazy})`
  const optional = Math.max(0, Number(most) - Number(least))
  return `(?:${required}${`(?:${atom}`.repeat(optional)}${`)?${lazy}`.repeat(optional)})`
}

function bothCases (part: string, ignoreCase: boolean): string {
  const letter = ignoreCase ? letterOf(part) : undefined
  const others = letter === undefined ? [] : otherCases(letter)
  return others.length === 0 ? part : `[${part}${others.join('')}]`
}

/** The letter that a part of an expression stands for; undefined when it is none. */
function letterOf (part: string): string | undefined {
  if (/^\\[xu]/.test(part) && part.length > 2) return String.fromCharCode(Number.parseInt(part.slice(2), 16))
  return part.length === 1 ? part : undefined
}

const LETTERS = Array.from({ length: 26 }, (_, at) => String.fromCharCode(97 + at)).flatMap((letter) => [letter, letter.toUpperCase()])
/** Letters beyond ASCII by what they are as capitals; made for the first that is asked for. */
let families: Map<string, string[]> | undefined

/** The letters that count as the same where case does not. Source: Canonicalize of ECMA-262, 22.2.2.7.3. */
function otherCases (letter: string): string[] {
  if (letter <= '\u007F') return LETTERS.includes(letter) ? [letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()] : []
  families ??= Map.groupBy(Array.from({ length: 0xFF80 }, (_, at) => String.fromCharCode(0x80 + at)), capital)
  return families.get(capital(letter))?.filter((other) => other !== letter) ?? []
}

/** A letter beyond ASCII is never the same as one of ASCII. */
function capital (letter: string): string {
  const upper = letter.toUpperCase()
  return upper.length === 1 && upper > '\u007F' ? upper : letter
}

/** Adds to a class each letter whose other case it has: what it takes is asked of the class itself, range by range as it stands. */
function classOfBothCases (whole: string): string {
  const isNegated = whole.startsWith('[^')
  const inner = whole.slice(isNegated ? 2 : 1, -1)
  const plain = new RegExp(`[${inner}]`)
  const letters = /[^\0-\u007F]|\\u/.test(inner) ? [...LETTERS, ...lettersBeyond()] : LETTERS
  const added = letters.filter((letter) => !plain.test(letter) && otherCases(letter).some((other) => plain.test(other)))
  // In front: what stands at the end may be a dash.
  return `[${isNegated ? '^' : ''}${added.join('')}${inner}]`
}

/** Those beyond ASCII that have another case. */
function lettersBeyond (): string[] {
  otherCases('\u0080')
  return [...families?.values() ?? []].filter(({ length }) => length > 1).flat()
}
