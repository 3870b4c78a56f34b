import type { ProcessorConfig } from '../../../schemas/pipeline.ts'
import { isRecord } from '../../core/is-record.ts'
import { parseJsonExactly } from '../../core/text/json-text.ts'
import type { Fields } from '../batch.ts'
import { expressionAt, fault } from '../condition.ts'
import type { LineProcessor } from '../processor.ts'
import { template } from '../template.ts'

type Reader = (line: string) => Fields | undefined

const PAIR = /([A-Za-z_@][\w.@/-]*)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))(?:\s+|$)/y
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }
/** RFC 5424. */
const SYSLOG_5424 = /^<(\d{1,3})>1 (\S+) (\S+) (\S+) (\S+) (\S+) (-|\[(?:[^\]\\"]|\\.|"(?:[^"\\]|\\.)*")*\](?:\[(?:[^\]\\"]|\\.|"(?:[^"\\]|\\.)*")*\])*) ?(.*)$/s
/** RFC 3164, as daemons write it: with or without the number in front, also with the time of RFC 3339. */
const SYSLOG_3164 = /^(?:<(\d{1,3})>)?([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) (\S+) ([^:[\s]{1,100})(?:\[(\w+)\])?: ?(.*)$/s
/** The common and the combined log format of Apache and nginx. */
const COMMON_LOG = /^(\S+) (\S+) (\S+) \[([^\]]+)\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-)(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?(.*)$/
const SYSLOG_LEVELS = ['FATAL', 'FATAL', 'FATAL', 'ERROR', 'WARN', 'INFO', 'INFO', 'DEBUG'] as const

/** Reads a line into fields, beside those that it has; what cannot be read is an error, or with `on_error: keep` goes on as it is. */
export function parse (config: ProcessorConfig<'parse'>): LineProcessor {
  const { format, output, on_error: onError = 'error' } = config
  const read = readerOf(config)
  const fill = output === undefined || output === 'json' ? undefined : template(output)
  return {
    process: (line, cursor) => {
      const found = read(line)
      if (found === undefined) {
        if (onError === 'keep') return line
        throw new Error(`is not ${format}`)
      }
      const fields = cursor.fields === undefined ? found : { ...cursor.fields, ...found }
      cursor.fields = fields
      if (output === undefined) return line
      return fill === undefined ? JSON.stringify(fields) : fill((name) => textOf(fields[name]))
    }
  }
}

function readerOf ({ format, pattern, columns }: ProcessorConfig<'parse'>): Reader {
  if (format !== 'regex' && pattern !== undefined) throw fault('pattern', `belongs to the format regex, not to ${format}`)
  if (format !== 'csv' && columns !== undefined) throw fault('columns', `belong to the format csv, not to ${format}`)
  switch (format) {
    case 'json': return readObject
    case 'logfmt': return readPairs
    case 'syslog': return readSyslog
    case 'common_log': return readCommonLog
    case 'csv': return csvReader(columns)
    case 'regex': return groupReader(pattern)
  }
}

function readObject (line: string): Fields | undefined {
  try {
    const value = parseJsonExactly(line)
    return isRecord(value) ? { ...value } : undefined
  } catch {
    // Not JSON: the caller says so.
    return undefined
  }
}

/** `level=warn msg="disk full"`, and nothing else on the line. */
function readPairs (line: string): Fields | undefined {
  const text = line.trim()
  const pairs: Array<[string, string]> = []
  PAIR.lastIndex = 0
  while (PAIR.lastIndex < text.length) {
    const [, name = '', quoted, bare = ''] = PAIR.exec(text) ?? []
    if (name === '') return undefined
    pairs.push([name, quoted?.replace(/\\(.)/gs, (_whole, letter: string) => ESCAPES[letter] ?? letter) ?? bare])
  }
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs)
}

function readSyslog (line: string): Fields | undefined {
  const [, priority, time, host, service, pid, id, data, message] = SYSLOG_5424.exec(line) ?? []
  if (priority !== undefined) return Number(priority) > 191 ? undefined : present({ ...weight(priority), time, host, service, pid, msg_id: id, data, message: message?.replace(/^\uFEFF/, '') })
  const [whole, number, stamp, from, program, process, text] = SYSLOG_3164.exec(line) ?? []
  return whole === undefined || Number(number ?? 0) > 191 ? undefined : present({ ...(number === undefined ? {} : weight(number)), time: stamp, host: from, service: program, pid: process, message: text })
}

function weight (priority: string): Fields {
  const number = Number(priority)
  return { facility: number >> 3, level: SYSLOG_LEVELS[number & 7] }
}

/** What stands for nothing in syslog is left out. */
function present (fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== '-'))
}

function readCommonLog (line: string): Fields | undefined {
  const [whole, client, , user, time, request = '', status, bytes, referrer, agent] = COMMON_LOG.exec(line) ?? []
  if (whole === undefined) return undefined
  const [method, path, protocol] = request.split(' ')
  const known = path === undefined ? {} : { method, path, protocol }
  return present({ client, user, time, request, ...known, status: Number(status), bytes: bytes === '-' ? 0 : Number(bytes), referrer, agent })
}

/** RFC 4180, one record a line: join the lines of a record before. */
function csvReader (columns: readonly string[] | undefined): Reader {
  return (line) => {
    const cells = cellsOf(line)
    if (cells === undefined || (columns !== undefined && cells.length > columns.length)) return undefined
    return Object.fromEntries(cells.map((cell, at) => [columns?.[at] ?? String(at + 1), cell]))
  }
}

function cellsOf (line: string): string[] | undefined {
  const cells: string[] = []
  let at = 0
  while (at <= line.length) {
    if (line[at] === '"') {
      const end = closingQuote(line, at)
      if (end === -1 || (end + 1 < line.length && line[end + 1] !== ',')) return undefined
      cells.push(line.slice(at + 1, end).replaceAll('""', '"'))
      at = end + 2
    } else {
      const comma = line.indexOf(',', at)
      const end = comma === -1 ? line.length : comma
      cells.push(line.slice(at, end))
      at = end + 1
    }
  }
  return cells
}

/** A quote in a cell is written twice. */
function closingQuote (line: string, start: number): number {
  let at = line.indexOf('"', start + 1)
  while (at !== -1 && line[at + 1] === '"') at = line.indexOf('"', at + 2)
  return at
}

function groupReader (pattern: string | undefined): Reader {
  if (pattern === undefined) throw fault('pattern', 'is needed for the format regex: named groups like (?<status>\\d+) become fields')
  const expression = expressionAt('pattern', pattern)
  if (!/\(\?<[A-Za-z_$]/.test(pattern)) throw fault('pattern', 'has no named group like (?<status>\\d+): nothing would become a field')
  return (line) => {
    const groups = expression.exec(line)?.groups
    return groups === undefined ? undefined : Object.fromEntries(Object.entries(groups).filter(([, value]) => typeof value === 'string'))
  }
}

function textOf (value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
