/** A header ends within this many characters. */
const FARTHEST = 120
const LONGEST_BLOCK = 400

/** Sticky or global, so that `lastIndex` tells where they end and nothing is made for a line. */
/** Also behind an epoch, a date and a host, as collectors write before it. */
const SYSLOG = /(?:<\d{1,3}>|(?:-|[^\s\d]*\d\S*) ){0,5}[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d(?:\.\d+)? \S+ (?:[^\s:[]+(?:\[\d+\])?: +|[^:[]{1,40}\[\d+\]: +)?/y
const SYSLOG_ISO = /\d{4}-\d\d-\d\dT\d\S+ \S+ [^\s:[]+\[\d+\]: +/y
const LOGCAT = /[\d\s.:-]+ [VDIWEF] [^:]{1,40}: /y
const PIPED = /\d[^ |]*\|(?:[^ |]*\|)*/y
const EPOCH = /(?:\S+ ){1,5}1\d{9}(?:\d{3})? /y
const LEVEL = /\b(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|CRITICAL|FATAL)\b|\[(?:trace|debug|info|notice|warn|warning|error|crit|alert|emerg|fatal)\]/g
/** In small letters or mixed it is a level where it is the first word behind a time. */
const FIRST_LEVEL = /[^A-Za-z]*\d[^A-Za-z]*(?:T\d[^A-Za-z]*)?(?:Z[^A-Za-z]*)?(?:trace|debug|info|notice|warn|warning|error|critical|fatal)\b/iy
/** What stands between a level, the blocks behind it and the message. */
const BETWEEN: ReadonlySet<number> = new Set([...' -:]|'].map((char) => char.charCodeAt(0)))
const OPENING_BRACKET = 0x5b
const CLOSING_BRACKET = 0x5d

/**
 * Finds where the message of a line begins: behind the time, host and program of syslog, fields in bars, a level with what stands before
 * it and the bracketed blocks after it, level and tag of Android's log, or a time in epoch seconds. Returns 0 for a line without a header.
 */
export function headerEnd (line: string): number {
  if (!startsLikeHeader(line)) return 0
  const start = line.length > FARTHEST ? line.slice(0, FARTHEST) : line
  return endOf(PIPED, start) || behindBlocks(line, endOf(FIRST_LEVEL, start)) || endOf(SYSLOG, start) || endOf(SYSLOG_ISO, start) ||
    behindBlocks(line, endOf(LEVEL, start)) || endOf(LOGCAT, start) || endOf(EPOCH, start)
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

/** Goes on behind the bracketed blocks after a level; 0 stays 0. */
function behindBlocks (line: string, levelEnd: number): number {
  return levelEnd === 0 ? 0 : skipBlocks(line, levelEnd)
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
