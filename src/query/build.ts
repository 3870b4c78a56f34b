import { AppError } from '../core/errors.ts'
import { join, type QueryNode } from './node.ts'
import { LEVEL_HINT, parseBoolean, parseLevelNumber } from './values.ts'

export type FilterName = 'level' | 'service' | 'type' | 'pattern' | 'anomalous'

const MAX_VALUES = 64

/** Asks for everything that is asked for. `undefined` when nothing is. */
export function allOf (nodes: (QueryNode | undefined)[]): QueryNode | undefined {
  const asked = nodes.filter((node) => node !== undefined)
  return asked.length === 0 ? undefined : join('and', asked)
}

/**
 * Asks for any of the values of a request parameter: `?level=error,fatal`. Values are whole and exact; a level takes any
 * usual spelling, `anomalous` takes true or false. Throws `invalid`, with the parameter as path, for a value that cannot be.
 */
export function anyValue (name: FilterName, values: string[]): QueryNode {
  if (values.length === 0) throw fault(name, 'a value is missing')
  if (values.length > MAX_VALUES) throw fault(name, `at most ${MAX_VALUES} values, got ${values.length}`)
  return join('or', values.map((value) => valueNode(name, value)))
}

function valueNode (name: FilterName, value: string): QueryNode {
  if (value === '') throw fault(name, 'a value is empty')
  if (value.includes('\0') || !value.isWellFormed()) throw fault(name, 'the value is not well-formed text')
  switch (name) {
    case 'level': return { kind: 'compare', field: { name }, op: '=', value: levelOf(value) }
    case 'anomalous': return { kind: 'compare', field: { name: 'anomaly' }, op: '=', value: booleanOf(value) }
    default: return { kind: 'compare', field: { name }, op: '=', value }
  }
}

function levelOf (text: string): number {
  const level = parseLevelNumber(text)
  if (level === undefined) throw fault('level', `${JSON.stringify(text)} is no level; ${LEVEL_HINT}`)
  return level
}

function booleanOf (text: string): boolean {
  const flag = parseBoolean(text)
  if (flag === undefined) throw fault('anomalous', `must be true or false, got ${JSON.stringify(text)}`)
  return flag
}

function fault (name: FilterName, message: string): AppError {
  return new AppError('invalid', `${name}: ${message}`, { faults: [{ path: name, message }] })
}
