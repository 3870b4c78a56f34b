import { isAscii, isUtf8 } from 'node:buffer'

/** Whole lines of an input. */
export interface CutLines {
  lines: string[]
  /** Places, among the lines, of those that are no text: they hold U+FFFD where the bytes could not be read. */
  broken: number[]
  /** The bytes of a line, for one that is broken. */
  bytesOf: (place: number) => Buffer
  /** How many bytes a line has that is broken: of one that is too long not all are kept. */
  lengthOf: (place: number) => number
}

/** What ends the lines of an input: that of its first line. */
export type LineEnd = '\n' | '\r\n'

const NEWLINE = 10
const NONE: CutLines = { lines: [], broken: [], bytesOf: () => Buffer.alloc(0), lengthOf: () => 0 }
/** What some editors write before the first line of UTF-8. */
const BYTE_ORDER_MARK = Buffer.from('\uFEFF')
/** Bytes of a line that is too long which are shown. */
const SHOWN_BYTES = 2_000

export interface CutterOptions {
  encoding: 'utf8' | 'latin1'
  /** Bytes of a line; what is longer is broken, and cut. */
  longest: number
}

/** Cuts bytes into lines. Where the first line ends with CR and LF, both end every line. */
export class LineCutter {
  readonly #options: CutterOptions
  /** What is kept of a line that is not whole yet, never much more than may become a line. */
  #rest: Buffer[] = []
  #keptBytes = 0
  #restBytes = 0
  #isStart = true
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

  /** Goes on within a file: there is no mark before the next line. */
  goOn (): void {
    this.#isStart = false
  }

  /** Takes bytes, which may be changed afterwards; gives the lines that are whole with them, whose bytes are good until then. */
  take (bytes: Buffer): CutLines {
    const last = bytes.lastIndexOf(NEWLINE)
    if (last === -1) {
      this.#keep(bytes)
      return NONE
    }
    const first = this.#restBytes === 0 ? -1 : bytes.indexOf(NEWLINE)
    const begun = first === -1 ? undefined : this.#ended(bytes.subarray(0, first))
    if (last + 1 < bytes.length) this.#keep(bytes.subarray(last + 1))
    if (first === last) return begun ?? NONE
    const others = this.#cut(bytes.subarray(first + 1, last))
    return begun === undefined ? others : inOne(begun, others)
  }

  /** Gives the last line, when it has no end. */
  finish (): CutLines {
    const last = this.#restBytes === 0 ? NONE : this.#ended(Buffer.alloc(0))
    this.#isStart = true
    return last
  }

  /** The line that was begun, whole with these bytes. */
  #ended (bytes: Buffer): CutLines {
    this.#keep(bytes)
    const whole = Buffer.concat(this.#rest)
    const length = this.#restBytes
    this.#rest = []
    this.#keptBytes = 0
    this.#restBytes = 0
    if (length <= this.#options.longest) return this.#cut(whole)
    this.#isStart = false
    return { lines: [whole.toString('utf8', 0, SHOWN_BYTES)], broken: [0], bytesOf: () => whole.subarray(0, this.#options.longest), lengthOf: () => length }
  }

  #keep (bytes: Buffer): void {
    // One more than a line may have tells that it is too long.
    const own = Buffer.from(bytes.subarray(0, Math.max(0, this.#options.longest + 1 - this.#keptBytes)))
    this.#rest.push(own)
    this.#keptBytes += own.length
    this.#restBytes += bytes.length
  }

  #cut (bytes: Buffer): CutLines {
    const whole = this.#isStart && bytes.indexOf(BYTE_ORDER_MARK) === 0 ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes
    this.#isStart = false
    this.#end ??= isEndedByBoth(whole) ? '\r\n' : '\n'
    const { encoding, longest } = this.#options
    const isText = encoding === 'latin1' || isAscii(whole) || isUtf8(whole)
    const text = encoding === 'latin1' || isAscii(whole) ? whole.toString('latin1') : whole.toString('utf8')
    const lines = this.#end === '\r\n' ? text.split('\n').map(withoutReturn) : text.split('\n')
    if (isText && whole.length <= longest) return { lines, broken: [], bytesOf: () => whole, lengthOf: () => whole.length }
    return this.#judged(lines, whole, isText)
  }

  /** Looks for the lines that are broken, one by one. */
  #judged (lines: string[], whole: Buffer, isText: boolean): CutLines {
    const bounds = boundsOf(whole)
    const bytesOf = (place: number): Buffer => whole.subarray(...bounds[place] ?? [0, 0])
    const broken = bounds.flatMap(([start, end], place) => end - start > this.#options.longest || (!isText && !isUtf8(whole.subarray(start, end))) ? [place] : [])
    return { lines, broken, bytesOf, lengthOf: (place) => bytesOf(place).length }
  }
}

/** One line, and those behind it. */
function inOne (first: CutLines, others: CutLines): CutLines {
  others.lines.unshift(...first.lines)
  const isSound = first.broken.length + others.broken.length === 0
  return {
    lines: others.lines,
    broken: isSound ? others.broken : [...first.broken, ...others.broken.map((place) => place + 1)],
    bytesOf: (place) => place === 0 ? first.bytesOf(0) : others.bytesOf(place - 1),
    lengthOf: (place) => place === 0 ? first.lengthOf(0) : others.lengthOf(place - 1)
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
