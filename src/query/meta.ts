import { isRecord } from '../core/is-record.ts'
import { parseJsonExactly } from '../core/text/json-text.ts'
import { parseNumber } from './values.ts'

/** Reads the JSON text of an event's meta; null when there is no object. */
export function parseMeta (text: string | null): object | null {
  if (text === null) return null
  const value = parseJsonExactly(text)
  return isRecord(value) ? value : null
}

/**
 * Finds the value at a path, a way through objects. When that way ends nowhere, the member whose name is the path joined
 * by dots: many loggers write `{"http.status": 500}`. `undefined` when there is neither.
 */
export function metaValue (meta: object | null, path: readonly string[]): unknown {
  if (meta === null) return undefined
  const nested = path.reduce(memberOf, meta)
  return nested === undefined && path.length > 1 ? memberOf(meta, path.join('.')) : nested
}

/** Says whether a JSON value is what the text of a query means; see `matcher`. */
export function metaEquals (value: unknown, text: string): boolean {
  if (typeof value === 'string') return value === text
  if (typeof value === 'number') return value === parseNumber(text)
  return (typeof value === 'boolean' || value === null) && String(value) === text
}

function memberOf (value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined
}
