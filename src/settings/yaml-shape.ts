import { Value, type ValueError } from '@sinclair/typebox/value'
import { ConfigFileText } from '../../schemas/config-file.ts'
import { nearestErrors, parseChoices } from '../../schemas/nearest-errors.ts'
import type { Fault } from '../core/errors.ts'
import { isRecord } from '../core/is-record.ts'

/** A file of the right shape, and what had to be replaced to make it one: nothing below these places was said by anybody. */
export interface Shaped {
  value: ConfigFileText
  faults: Fault[]
  replaced: string[]
}

type Members = Record<string, unknown>

/** Stand for members that are needed and cannot be read, so that what stands beside them is checked in the same round. */
const STAND_INS: Readonly<Record<string, (at: number) => Members>> = {
  rules: (at) => ({ name: `unread rule ${at}`, signal: { events: '' }, levels: { warning: { op: '>', value: 0 } } }),
  channels: (at) => ({ name: `unread channel ${at}`, kind: 'webhook', url: 'https://example.com/' }),
  silences: () => ({ query: '', until_recovered: true }),
  retention: () => ({ level: 'TRACE', days: 1 }),
  pipelines: (at) => ({ id: `unread-pipeline-${at}`, processors: [{ type: 'trim' }] }),
  tests: (at) => ({ rule: `unread rule ${at}`, expect: [] })
}
/** What is wrong with these shows only beside the signal. */
const OF_SIGNAL = ['window', 'aggregate', 'levels', 'group_by', 'labels', 'no_data', 'renotify']

/** Tells everything that the shape of a file has wrong, and what remains of the file without that. */
export function shape (given: unknown): Shaped {
  if (Value.Check(ConfigFileText, given)) return { value: given, faults: [], replaced: [] }
  const faults = shapeFaults(given)
  const replaced = faults.flatMap(({ path }) => spoiltBy(path))
  const rest = mended(given, new Set(replaced))
  return { value: Value.Check(ConfigFileText, rest) ? rest : {}, faults, replaced }
}

/** `/rules/0/signal/events` spoils `/rules/0/signal`, and with it what is judged by the signal. */
function spoiltBy (path: string): string[] {
  const [, list = '', at, member] = path.split('/')
  if (at === undefined) return [`/${list}`]
  if (member === undefined) return [`/${list}/${at}`]
  return [`/${list}/${at}/${member}`, ...(list === 'rules' && member === 'signal' ? OF_SIGNAL.map((name) => `/rules/${at}/${name}`) : [])]
}

function mended (given: unknown, replaced: ReadonlySet<string>): Members {
  if (!isRecord(given)) return {}
  return Object.fromEntries(Object.entries(given).flatMap(([list, entries]) => {
    if (replaced.has(`/${list}`) || !Array.isArray(entries)) return []
    const standIn = STAND_INS[list]
    if (standIn === undefined) return [[list, entries.filter((_, at) => !replaced.has(`/${list}/${at}`))]]
    return [[list, entries.map((entry: unknown, at) => mendedEntry(entry, standIn(at), (member) => replaced.has(`/${list}/${at}${member}`)))]]
  }))
}

function mendedEntry (entry: unknown, standIn: Members, isReplaced: (member: string) => boolean): Members {
  if (!isRecord(entry) || isReplaced('')) return standIn
  const kept = Object.entries(entry).filter(([name]) => !isReplaced(`/${name}`))
  if (kept.length === Object.keys(entry).length && !Object.keys(standIn).some((name) => isReplaced(`/${name}`))) return entry
  const needed = Object.entries(standIn).filter(([name]) => isReplaced(`/${name}`))
  return Object.fromEntries([...kept, ...needed])
}

function shapeFaults (value: unknown): Fault[] {
  const byPath = new Map<string, Fault>()
  for (const error of nearestErrors(Value.Errors(ConfigFileText, value))) {
    if (!byPath.has(error.path)) byPath.set(error.path, { path: error.path, message: told(error) })
  }
  return [...byPath.values()]
}

function told ({ message, schema, value }: ValueError): string {
  if (message === 'Unexpected property') return 'is not known here'
  if (message === 'Expected required property') return 'is missing'
  const choices = parseChoices(schema)
  if (choices.length > 0) return `must be one of ${choices.join(', ')}, got ${JSON.stringify(value)}`
  return `${message[0]?.toLowerCase()}${message.slice(1)}${typeof value === 'object' ? '' : `, got ${JSON.stringify(value)}`}`
}
