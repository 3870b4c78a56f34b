import { isAscii, isUtf8 } from 'node:buffer'

/** Whole lines of an input. */
export interface CutLines {
  lines: string[]
  /** Places, among the lines, of those that are no text: they hold U+FFFD where the bytes could not be read. */
  broken: number[]
  /** The bytes of a line, for one that is broken. */
  bytesOf: (place: number) => Buffer
}

/** What ends the lines of an input: that of its first line. */
export type LineEnd = '\n' | '\r\n'

const NEWLINE = 10
const NONE: CutLines = { lines: [], broken: [], bytesOf: () => Buffer.alloc(0) }

export interface CutterOptions {
  encoding: 'utf8' | 'latin1'
  /** Bytes of a line; what is longer is broken, and cut. */
  longest: number
}

/** Cuts bytes into lines. Where the first line ends with CR and LF, both end every line. */
export class LineCutter {
  readonly #options: CutterOptions
  #rest: Buffer[] = []
  #restBytes = 0
  #end: LineEnd | undefined

  constructor (options: CutterOptions) {
    this.#options = options
  }

  /** Bytes taken that belong to no whole line yet. */
  get pendingBytes (): number {
    return this.#restBytes
  }

  get lineEnd (): LineEnd {
    return this.#end ?? '\n'
  }

  /** Goes on with what an earlier one found. */
  set lineEnd (end: LineEnd) {
    this.#end = end
  }

  /** Takes bytes, which may be changed afterwards; gives the lines that are whole with them, whose bytes are good until then. */
  take (bytes: Buffer): CutLines {
    const last = bytes.lastIndexOf(NEWLINE)
    if (last === -1) {
      this.#keep(bytes)
      return NONE
    }
    const first = this.#restBytes === 0 ? -1 : bytes.indexOf(NEWLINE)
    const begun = first === -1 ? undefined : this.#cut(Buffer.concat([...this.#rest, bytes.subarray(0, first)]))
    this.#rest = []
    this.#restBytes = 0
    if (last + 1 < bytes.length) this.#keep(bytes.subarray(last + 1))
    if (first === last) return begun ?? NONE
    const others = this.#cut(bytes.subarray(first + 1, last))
    return begun === undefined ? others : inOne(begun, others)
  }

  /** Gives the last line, when it has no end. */
  finish (): CutLines {
    if (this.#restBytes === 0) return NONE
    const whole = Buffer.concat(this.#rest)
    this.#rest = []
    this.#restBytes = 0
    return this.#cut(whole)
  }

  #keep (bytes: Buffer): void {
    const own = Buffer.from(bytes)
    this.#rest.push(own)
    this.#restBytes += own.length
  }

  #cut (whole: Buffer): CutLines {
    this.#end ??= isEndedByBoth(whole) ? '\r\n' : '\n'
    const { encoding, longest } = this.#options
    const isText = encoding === 'latin1' || isAscii(whole) || isUtf8(whole)
    const text = encoding === 'latin1' || isAscii(whole) ? whole.toString('latin1') : whole.toString('utf8')
    const lines = this.#end === '\r\n' ? text.split('\n').map(withoutReturn) : text.split('\n')
    if (isText && whole.length <= longest) return { lines, broken: [], bytesOf: () => whole }
    return this.#judged(lines, whole, isText)
  }

  /** Looks for the lines that are broken, one by one. */
  #judged (lines: string[], whole: Buffer, isText: boolean): CutLines {
    const bounds = boundsOf(whole)
    const bytesOf = (place: number): Buffer => whole.subarray(...bounds[place] ?? [0, 0])
    const broken = bounds.flatMap(([start, end], place) => end - start > this.#options.longest || (!isText && !isUtf8(whole.subarray(start, end))) ? [place] : [])
    return { lines, broken, bytesOf }
  }
}

/** One line, and those behind it. */
function inOne (first: CutLines, others: CutLines): CutLines {
  others.lines.unshift(...first.lines)
  const isSound = first.broken.length + others.broken.length === 0
  return {
    lines: others.lines,
    broken: isSound ? others.broken : [...first.broken, ...others.broken.map((place) => place + 1)],
    bytesOf: (place) => place === 0 ? first.bytesOf(0) : others.bytesOf(place - 1)
  }
}

function isEndedByBoth (whole: Buffer): boolean {
  const first = whole.indexOf(NEWLINE)
  const end = first === -1 ? whole.length : first
  return end > 0 && whole[end - 1] === 13
}

function withoutReturn (line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}

function boundsOf (whole: Buffer): Array<[number, number]> {
  const bounds: Array<[number, number]> = []
  let start = 0
  for (let end = whole.indexOf(NEWLINE); end !== -1; end = whole.indexOf(NEWLINE, start)) {
    bounds.push([start, end])
    start = end + 1
  }
  bounds.push([start, whole.length])
  return bounds
}
