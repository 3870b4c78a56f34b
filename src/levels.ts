import type { Level } from '../schemas/event.ts'
import { LEVELS } from '../schemas/words.ts'

/** Words as loggers write them: syslog, Python, Java, .NET, Go, Rust, Android, npm, PostgreSQL, MongoDB, OpenTelemetry. */
const SPELLINGS: Readonly<Record<Level, string>> = {
  TRACE: 'trace trc t verbose verb vrb v finest silly trace1 trace2 trace3 trace4',
  DEBUG: 'debug dbg debg deb d fine finer debug1 debug2 debug3 debug4 debug5 d1 d2 d3 d4 d5',
  INFO: 'info inf i information informational informative notice n log http config default info1 info2 info3 info4',
  WARN: 'warn wrn w warning warn1 warn2 warn3 warn4',
  ERROR: 'error err e severe error1 error2 error3 error4',
  FATAL: 'fatal ftl f critical crit c alert a emergency emerg panic p dpanic assert wtf fatal1 fatal2 fatal3 fatal4'
}

/** Bare numbers. 10 and 20 are pino's (TRACE, DEBUG) and not OpenTelemetry's (INFO, ERROR). */
const NUMBERS: Readonly<Record<Level, readonly number[]>> = {
  TRACE: [10],
  DEBUG: [7, 8, 20],
  INFO: [5, 6, 9, 11, 12, 30],
  WARN: [4, 13, 14, 15, 16, 40],
  ERROR: [3, 17, 18, 19, 50],
  FATAL: [0, 1, 2, 21, 22, 23, 24, 60]
}

const LONGEST_SPELLING = 32

const known = new Map<string | number, Level>()
for (const level of LEVELS) {
  for (const word of SPELLINGS[level].split(' ')) known.set(word, level).set(word.toUpperCase(), level)
  for (const number of NUMBERS[level]) known.set(number, level).set(String(number), level)
}

/**
 * Reads a level in any usual spelling, in any case, blanks around it allowed. `undefined` when it is none.
 *
 * Numbers, and their texts alike, are read by value, because the schemes overlap:
 * - 0..7 are syslog (0..2 FATAL, 3 ERROR, 4 WARN, 5 and 6 INFO, 7 DEBUG);
 * - 10, 20, 30, 40, 50, 60 are pino and bunyan (TRACE to FATAL);
 * - 8, 9, 11..19, 21..24 are OpenTelemetry severity numbers (8 DEBUG, 9..12 INFO, 13..16 WARN, 17..20 ERROR, 21..24 FATAL).
 *
 * Python's 10..50 (DEBUG to CRITICAL) therefore read one level too low; its JSON loggers send `levelname`, which is a word.
 * OpenTelemetry's 1..7 read as syslog; its senders give `severityText` beside the number.
 * Sources: RFC 5424 table 2; pino "logger.levels"; OpenTelemetry logs data model, "SeverityNumber".
 */
export function parseLevel (text: string | number): Level | undefined {
  const level = known.get(text)
  if (level !== undefined || typeof text === 'number' || text.length > LONGEST_SPELLING) return level
  return known.get(text.trim().toLowerCase())
}

/** Gives the number by which levels are stored and compared: TRACE 1 to FATAL 6. */
export function levelNumber (level: Level): number {
  return LEVELS.indexOf(level) + 1
}
