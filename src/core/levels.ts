import type { Level } from '../../schemas/event.ts'
import { LEVELS } from '../../schemas/words.ts'

/** Words as loggers write them: syslog, Python, Java, .NET, Go, Rust, Android, macOS, npm, MySQL, PostgreSQL, MongoDB, OpenTelemetry. */
const SPELLINGS: Readonly<Record<Level, string>> = {
  TRACE: 'trace trc trce trac t verbose verb vrb v finest silly sill trace1 trace2 trace3 trace4',
  DEBUG: 'debug dbg dbug debg debu deb d fine finer debug1 debug2 debug3 debug4 debug5 d1 d2 d3 d4 d5',
  INFO: 'info inf i information informational informative notice note n log http config default info1 info2 info3 info4',
  WARN: 'warn wrn w warning warn1 warn2 warn3 warn4',
  ERROR: 'error err eror erro e severe fail error1 error2 error3 error4',
  FATAL: 'fatal ftl fata f critical crit c alert a emergency emerg panic pani pnc p dpanic assert wtf fault fatal1 fatal2 fatal3 fatal4'
}

/**
 * Bare numbers. 10 and 20 are pino's (TRACE, DEBUG) and not OpenTelemetry's (INFO, ERROR); hundreds are Monolog's, thousands
 * those of log4j, logback and log4js.
 */
const NUMBERS: Readonly<Record<Level, readonly number[]>> = {
  TRACE: [10, 5000],
  DEBUG: [7, 8, 20, 100, 10_000],
  INFO: [5, 6, 9, 11, 12, 30, 200, 250, 20_000],
  WARN: [4, 13, 14, 15, 16, 40, 300, 30_000],
  ERROR: [3, 17, 18, 19, 50, 400, 40_000],
  FATAL: [0, 1, 2, 21, 22, 23, 24, 60, 500, 550, 600, 50_000]
}

export type Scale = 'python' | 'opentelemetry'

/** The least number of each level from TRACE on, and the greatest of all. */
const SCALES: Readonly<Record<Scale, { least: readonly number[], greatest: number }>> = {
  python: { least: [1, 10, 20, 30, 40, 50], greatest: 50 },
  opentelemetry: { least: [1, 5, 9, 13, 17, 21], greatest: 24 }
}

const LONGEST_SPELLING = 64
/** As the JSON of Protocol Buffers writes OpenTelemetry's numbers. */
const ENUM = /^severity_number_/
/** Terminal codes, and what stands round a word: blanks, brackets, colons, signs. */
// eslint-disable-next-line no-control-regex
const TERMINAL_CODE = /\u001b\[[\d;]*m/g
const DRESS = /^[^\p{L}\p{N}+-]+|[^\p{L}\p{N}]+$/gu
/** As Go's log/slog writes what lies between its levels. */
const SLOG = /^(DEBUG|INFO|WARN|ERROR)([+-]\d{1,3})$/
const SLOG_AS_OPENTELEMETRY: Readonly<Record<string, number>> = { DEBUG: 5, INFO: 9, WARN: 13, ERROR: 17 }

const known = new Map<string | number, Level>()
for (const level of LEVELS) {
  for (const word of SPELLINGS[level].split(' ')) known.set(word, level).set(word.toUpperCase(), level)
  for (const number of NUMBERS[level]) known.set(number, level).set(String(number), level)
}

/** Reads a number by the scale that its name tells. `undefined` when it lies outside. */
export function parseScale (scale: Scale, number: number): Level | undefined {
  const { least, greatest } = SCALES[scale]
  if (!(number <= greatest)) return undefined
  return LEVELS[least.findLastIndex((bound) => bound <= number)]
}

function parseSlog (text: string): Level | undefined {
  const [, word = '', offset] = SLOG.exec(text) ?? []
  const base = SLOG_AS_OPENTELEMETRY[word]
  return base === undefined ? undefined : parseScale('opentelemetry', Math.min(24, Math.max(1, base + Number(offset))))
}

function parseDressed (text: string): Level | undefined {
  const bare = text.replace(TERMINAL_CODE, '').replace(DRESS, '')
  return known.get(bare.toLowerCase().replace(ENUM, '')) ?? parseSlog(bare)
}

/**
 * Reads a level in any usual spelling, in any case, also dressed as loggers do: coloured, "[ERROR]", "error:". `undefined` when
 * it is none.
 *
 * Numbers, and their texts alike, are read by value, because the schemes overlap:
 * - 0..7 are syslog (0..2 FATAL, 3 ERROR, 4 WARN, 5 and 6 INFO, 7 DEBUG);
 * - 10, 20, 30, 40, 50, 60 are pino and bunyan (TRACE to FATAL);
 * - 8, 9, 11..19, 21..24 are OpenTelemetry severity numbers (8 DEBUG, 9..12 INFO, 13..16 WARN, 17..20 ERROR, 21..24 FATAL);
 * - 100 to 600 are Monolog, 5000 to 50000 log4j.
 *
 * Python's 10..50 (DEBUG to CRITICAL) therefore read one level too low, and OpenTelemetry's 1..7 as syslog: where the name of
 * the field tells the scale, `parseScale` reads it. Go's slog `ERROR+2` is OpenTelemetry's 17 + 2.
 * Sources: RFC 5424 table 2; pino "logger.levels"; OpenTelemetry logs data model, "SeverityNumber"; Monolog "Log Levels".
 */
export function parseLevel (text: string | number): Level | undefined {
  const level = known.get(text)
  if (level !== undefined || typeof text === 'number') return level
  return text.length > LONGEST_SPELLING ? undefined : parseDressed(text)
}

/** Gives the number by which levels are stored and compared: TRACE 1 to FATAL 6. */
export function levelNumber (level: Level): number {
  return LEVELS.indexOf(level) + 1
}
