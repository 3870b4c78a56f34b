import type { Condition } from '../../schemas/pipeline.ts'
import { AppError, type Fault } from '../core/errors.ts'
import { parseLevel } from '../core/levels.ts'
import { SEVERITIES } from '../../schemas/words.ts'
import { matcher, type Matchable } from '../query/match.ts'
import { parseQuery } from '../query/parse.ts'
import { compileExpression } from '../query/expression.ts'
import type { Cursor } from './processor.ts'
import type { Fields } from './batch.ts'

export type LineTest = (line: string, cursor: Cursor) => boolean

/** Where a line says its level by itself, in capitals. */
const LEVEL_WORD = /\b(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL)\b/
const OWN_FIELDS: ReadonlySet<string> = new Set(['level', 'severity', 'service', 'type', 'host', 'trace_id'])

/** Makes the test of a condition. Throws `invalid`, with the member that is wrong as the path of the fault. */
export function lineTest ({ pattern, regex = false, ignore_case: ignoreCase = false, query }: Condition): LineTest {
  if ((pattern === undefined) === (query === undefined)) throw fault(pattern === undefined ? 'pattern' : 'query', pattern === undefined ? 'either pattern or query is needed' : 'stands beside pattern: take one of both out')
  if (query !== undefined) return queryTest(query)
  if (pattern === undefined) throw fault('pattern', 'is missing')
  if (regex) {
    const expression = expressionAt('pattern', pattern, ignoreCase)
    return (line) => expression.test(line)
  }
  if (!ignoreCase) return (line) => line.includes(pattern)
  const sought = pattern.toLowerCase()
  return (line) => line.toLowerCase().includes(sought)
}

/** Makes the test of a query, which sees the fields of a line, and the line as its message. */
export function queryTest (query: string, path = 'query'): LineTest {
  const node = at(path, () => parseQuery(query))
  if (node === undefined) throw fault(path, 'asks for everything: say what is sought')
  const test = matcher(node)
  return (line, { fields }) => test(matchable(line, fields))
}

/** Compiles an expression of a configuration. Throws `invalid` with `path`. */
export function expressionAt (path: string, text: string, ignoreCase = false, flags: '' | 'g' = ''): RegExp {
  return at(path, () => compileExpression(text, { ignoreCase, flags }))
}

export function fault (path: string, message: string): AppError {
  const faults: Fault[] = [{ path: path === '' ? '' : `/${path}`, message }]
  return new AppError('invalid', `${path} ${message}`, { faults })
}

function at<T> (path: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw error instanceof AppError ? fault(path, error.message) : error
  }
}

function matchable (message: string, fields: Fields = {}): Matchable {
  const text = (name: string): string | null => typeof fields[name] === 'string' ? fields[name] : null
  const { level, severity } = fields
  const told = typeof level === 'string' || typeof level === 'number' ? level : LEVEL_WORD.exec(message)?.[0]
  const rest = Object.entries(fields).filter(([name]) => !OWN_FIELDS.has(name))
  return {
    level: (told === undefined ? undefined : parseLevel(told)) ?? 'INFO',
    severity: SEVERITIES.find((known) => known === severity) ?? 'LOW',
    service: text('service'),
    type: text('type'),
    host: text('host'),
    traceId: text('trace_id'),
    message,
    meta: rest.length === 0 ? null : JSON.stringify(Object.fromEntries(rest)),
    patternId: null,
    anomaly: null
  }
}
