import { setField, type Fields } from './fields.ts'

/** What Python's logging.handlers.HTTPHandler calls things that events have other names for. */
const EVENT_NAMES = new Map([['name', 'service'], ['created', 'time'], ['levelname', 'level']])

function nameInEvent (fields: Fields, name: string): string {
  const better = EVENT_NAMES.get(name)
  const isFree = better !== undefined && !Object.hasOwn(fields, better)
  return isFree && typeof fields[name] === 'string' ? better : name
}

/**
 * Turns the fields of a form into an object that normaliseEvent reads: Python's names for service, time and level become ours
 * unless those were sent too. Texts stay as they are (also a `msg` with %s in it), fields sent twice stay arrays.
 */
export function parseForm (fields: Record<string, unknown>): unknown {
  const event: Fields = {}
  for (const name of Object.keys(fields)) setField(event, nameInEvent(fields, name), fields[name])
  return event
}

/** Reads the bytes of an x-www-form-urlencoded body, in one pass; fields sent twice become lists. */
export function readForm (body: Buffer): unknown {
  const fields: Fields = {}
  for (const [name, value] of new URLSearchParams(body.toString())) {
    const before = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (Array.isArray(before)) before.push(value)
    else setField(fields, name, before === undefined ? value : [before, value])
  }
  return parseForm(fields)
}
