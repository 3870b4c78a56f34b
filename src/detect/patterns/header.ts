/** A header ends within this many characters. */
const FARTHEST = 120
const LONGEST_BLOCK = 400

/** Sticky or global, so that `lastIndex` tells where they end and nothing is made for a line. */
const SYSLOG = /(?:<\d{1,3}>)?[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d \S+ (?:[^\s:[]+(?:\[\d+\])?: +)?/y
const PIPED = /\d[^ |]*\|(?:[^ |]*\|)*/y
const EPOCH = /(?:\S+ ){1,5}1\d{9}(?:\d{3})? /y
const LEVEL = /\b(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|CRITICAL|FATAL)\b|\[(?:trace|debug|info|notice|warn|warning|error|crit|alert|emerg|fatal)\]/g
/** What stands between a level, the blocks behind it and the message. */
const BETWEEN: ReadonlySet<number> = new Set([...' -:]|'].map((char) => char.charCodeAt(0)))
const OPENING_BRACKET = 0x5b
const CLOSING_BRACKET = 0x5d

/**
 * Finds where the message of a line begins: behind the time, host and program of syslog, fields in bars, a level with what stands before
 * it and the bracketed blocks after it, or a time in epoch seconds. Returns 0 for a line without a header.
 */
export function headerEnd (line: string): number {
  if (!startsLikeHeader(line)) return 0
  const start = line.length > FARTHEST ? line.slice(0, FARTHEST) : line
  return endOf(SYSLOG, start) || endOf(PIPED, start) || levelEnd(line, start) || endOf(EPOCH, start)
}

/** Headers hold a time, so that there is a digit early; a bare message may name a level too. */
function startsLikeHeader (line: string): boolean {
  const first = line.charCodeAt(0)
  if (first === OPENING_BRACKET || first === 0x2d || first === 0x3c) return true
  for (let at = 0, blanks = 0; at < 24 && blanks < 3; at++) {
    const code = line.charCodeAt(at)
    if (code >= 0x30 && code <= 0x39) return true
    if (code === 0x20) blanks++
  }
  return false
}

function endOf (expression: RegExp, text: string): number {
  expression.lastIndex = 0
  return expression.test(text) ? expression.lastIndex : 0
}

function levelEnd (line: string, start: string): number {
  const end = endOf(LEVEL, start)
  return end === 0 ? 0 : skipBlocks(line, end)
}

function skipBlocks (line: string, from: number): number {
  let at = from
  for (;;) {
    while (BETWEEN.has(line.charCodeAt(at))) at++
    const end = line.charCodeAt(at) === OPENING_BRACKET ? blockEnd(line, at) : -1
    if (end < 0) return at
    at = end
  }
}

/** Blocks may hold blocks: `[QuorumPeer[myid=1]/0:0]`. Returns -1 for one that does not end. */
function blockEnd (line: string, from: number): number {
  let depth = 0
  for (let at = from; at < Math.min(line.length, from + LONGEST_BLOCK); at++) {
    const code = line.charCodeAt(at)
    if (code === OPENING_BRACKET) depth++
    else if (code === CLOSING_BRACKET && --depth === 0) return at + 1
  }
  return -1
}
