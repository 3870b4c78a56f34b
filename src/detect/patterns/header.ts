/** A header ends within this many characters. */
const FARTHEST = 120
const LONGEST_BLOCK = 400

const SYSLOG = /^(?:<\d{1,3}>)?[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d \S+ (?:[^\s:[]+(?:\[\d+\])?: +)?/
const PIPED = /^\d[^ |]*\|(?:[^ |]*\|)*/
const EPOCH = /^(?:\S+ ){1,5}1\d{9}(?:\d{3})? /
const LEVEL = /\b(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|CRITICAL|FATAL)\b|\[(?:trace|debug|info|notice|warn|warning|error|crit|alert|emerg|fatal)\]/
const BETWEEN = /[ \-:\]|]/

/**
 * Finds where the message of a line begins: behind the time, host and program of syslog, fields in bars, a level with what stands before
 * it and the bracketed blocks after it, or a time in epoch seconds. Returns 0 for a line without a header.
 */
export function headerEnd (line: string): number {
  if (!startsLikeHeader(line)) return 0
  const start = line.slice(0, FARTHEST)
  return lengthOf(SYSLOG, start) || lengthOf(PIPED, start) || levelEnd(line, start) || lengthOf(EPOCH, start)
}

/** Headers hold a time, so that there is a digit early; a bare message may name a level too. */
function startsLikeHeader (line: string): boolean {
  const first = line.charCodeAt(0)
  if (first === 0x5b || first === 0x2d || first === 0x3c) return true
  for (let at = 0, blanks = 0; at < 24 && blanks < 3; at++) {
    const code = line.charCodeAt(at)
    if (code >= 0x30 && code <= 0x39) return true
    if (code === 0x20) blanks++
  }
  return false
}

function lengthOf (expression: RegExp, text: string): number {
  return expression.exec(text)?.[0].length ?? 0
}

function levelEnd (line: string, start: string): number {
  const level = LEVEL.exec(start)
  return level === null ? 0 : skipBlocks(line, level.index + level[0].length)
}

function skipBlocks (line: string, from: number): number {
  let at = from
  for (;;) {
    while (at < line.length && BETWEEN.test(line.charAt(at))) at++
    const end = line[at] === '[' ? blockEnd(line, at) : -1
    if (end < 0) return at
    at = end
  }
}

/** Blocks may hold blocks: `[QuorumPeer[myid=1]/0:0]`. Returns -1 for one that does not end. */
function blockEnd (line: string, from: number): number {
  let depth = 0
  for (let at = from; at < Math.min(line.length, from + LONGEST_BLOCK); at++) {
    if (line[at] === '[') depth++
    else if (line[at] === ']' && --depth === 0) return at + 1
  }
  return -1
}
