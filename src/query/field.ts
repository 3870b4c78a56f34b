import { queryFault, quoted } from './fault.ts'
import type { Field, FieldName } from './node.ts'

const NAMES = ['message', 'level', 'severity', 'anomaly', 'service', 'type', 'host', 'trace_id', 'pattern'] as const satisfies readonly FieldName[]

const OTHER_NAMES: Readonly<Record<string, string>> = {
  msg: 'use message',
  text: 'use message',
  lvl: 'use level',
  app: 'use service',
  logger: 'use service',
  hostname: 'use host',
  traceid: 'use trace_id',
  trace: 'use trace_id',
  pattern_id: 'use pattern',
  anomalous: 'use anomaly:true',
  time: 'a span of time is given by from= and to=, beside the query',
  timestamp: 'a span of time is given by from= and to=, beside the query'
}

/** Reads the name before an operator. `written` is the whole term, for the advice to put it in quotes. */
export function parseField (name: string, written: string, column: number): Field {
  if (name === '') throw queryFault(column, `an operator needs a field right before it, without a blank, like level>=warn; to search for this text, put it in quotes: ${quoted(written)}`)
  if (name === 'meta' || name.startsWith('meta.')) return { name: 'meta', path: parsePath(name, column) }
  const known = knownField(name)
  if (known !== undefined) return { name: known }
  throw queryFault(column, `there is no field ${quoted(name)}; ${advice(name)}; to search for this text, put it in quotes: ${quoted(written)}`)
}

/** Says whether a name stands for a field, as `level=error` needs to know. */
export function isField (name: string): boolean {
  return knownField(name) !== undefined || /^meta\../.test(name)
}

function knownField (name: string): FieldName | undefined {
  return NAMES.find((known) => known === name)
}

function parsePath (name: string, column: number): string[] {
  const path = name.split('.').slice(1)
  if (path.length > 0 && path.every((part) => part !== '')) return path
  throw queryFault(column, 'meta needs a name after each dot, like meta.status:500 or meta.http.status:500')
}

function advice (name: string): string {
  const lower = name.toLowerCase()
  const known = knownField(lower)
  if (known !== undefined) return `use ${known}`
  if (Object.hasOwn(OTHER_NAMES, lower)) return OTHER_NAMES[lower] ?? ''
  return `fields are ${NAMES.join(', ')}, and meta.${name} for one of your own`
}
