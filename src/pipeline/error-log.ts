/** Errors of one processor with one message. */
export interface ErrorGroup {
  processor: string
  message: string
  count: number
  /** Of the first. */
  lineNumber: number
  /** The newest line, cut. */
  line: string
  /** ms since the epoch of the newest. */
  time: number
}

const MOST_GROUPS = 1_000
const LONGEST_LINE = 2_000

/** Keeps errors by processor and message; past 1,000 of both the one not seen for longest is forgotten, and counted. */
export class ErrorLog {
  readonly #groups = new Map<string, ErrorGroup>()
  forgotten = 0

  add ({ processor, message, lineNumber, line, time }: Omit<ErrorGroup, 'count'>): void {
    const key = `${processor} ${message}`
    const known = this.#groups.get(key)
    this.#groups.delete(key)
    this.#groups.set(key, { processor, message, lineNumber: known?.lineNumber ?? lineNumber, count: (known?.count ?? 0) + 1, line: ownText(line, LONGEST_LINE), time })
    if (this.#groups.size <= MOST_GROUPS) return
    this.#groups.delete(this.#groups.keys().next().value ?? '')
    this.forgotten++
  }

  /** Newest first. */
  list (): ErrorGroup[] {
    return [...this.#groups.values()].reverse()
  }
}

/** Copies the start of a text: a piece of a batch would keep the whole batch in memory. */
export function ownText (text: string, longest: number): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text
  const narrow = Buffer.from(cut, 'latin1').toString('latin1')
  return narrow === cut ? narrow : Buffer.from(cut, 'utf16le').toString('utf16le')
}
