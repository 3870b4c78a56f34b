import fc from 'fast-check'
import type { EventFields, NewEvent } from '../../schemas/event.ts'
import { LEVELS, SEVERITIES } from '../../schemas/words.ts'
import { DAY_MS, HOUR, MINUTE_MS } from './given.ts'

/** Small pools, so that queries and events meet; with what tends to break: case, accents, wildcards of SQL, quotes, look-alikes of JSON. */
const NAMES = ['api', 'API', 'api-gateway', 'größe', 'É', 'é', '😀xyz', 'a b', 'a"b', 'a\\b', '%', 'a_i', 'null', 'true', '500', "o'hara"]
const WORDS = ['timeout', 'TIMEOUT', 'timed', 'out', 'outage', 'of', 'memory', 'Größe', 'grosse', 'é', 'É', 'e\u0301', '数据', '数据库超时', 'ERROR発生', '서버가', 'ผิดพลาด', '\u001b[31mtimeout\u001b[0m', '\u009b1mout\u009b0mage', '😀', 'db-7', '100%', '"', '-', 'null', 'AND']
const TEXTS = [...NAMES, '', 'Ünder Load', 'timed out', '5e2', '500.0', 'false', '[1]', '{}', '😀x', 'A', 'gate', 'PI', 'ü']
const KEYS = ['a', 'b', 'a.b', 'a.b.c', 'b.c', 'größe', 'x-y', '@t', '$v', '0', '__proto__', 'toString']
const PATHS = [...KEYS, 'a.a.b', 'a.0', 'a.length', 'a.toString', '__proto__.a', 'none', 'none.at.all']
const NUMBERS = [0, -0, 1, -1, 0.5, 500, 499.999, 1e21, 1e-7, 2 ** 53, -(2 ** 53), 2 ** 63, Number.MAX_VALUE, 5e-324]
/** Beyond what a double holds: ingest keeps them as they were written. */
const LONG_NUMBERS = ['9007199254740993', '12345678901234567890', '-9223372036854775809', '0.1000000000000000055511151231257827']
const TEXT_FIELDS = ['service', 'type', 'host', 'trace_id', 'pattern']

const name = fc.constantFrom(...NAMES)
const number = fc.oneof(fc.constantFrom(...NUMBERS), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: -3, max: 600 }))
const message = fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 6 }).map((parts) => parts.join(' '))

const { meta } = fc.letrec<{ value: unknown, meta: object }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 },
    fc.constantFrom(...TEXTS), number, fc.constantFrom(true, false, null),
    fc.constantFrom(...LONG_NUMBERS).map((text) => JSON.rawJSON(text)),
    fc.array(tie('value'), { maxLength: 2 }), tie('meta')),
  meta: fc.dictionary(fc.constantFrom(...KEYS), tie('value'), { maxKeys: 5 })
}))

/** Times with many ties, some far from their receipt in either direction. */
const time = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 20 }).map((n) => HOUR + n) },
  { weight: 3, arbitrary: fc.integer({ min: -50, max: 50 }).map((n) => HOUR + n * MINUTE_MS) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, HOUR - 400 * DAY_MS, HOUR + 30 * DAY_MS, Date.UTC(2200, 0, 1)) }
)

const anyEvent: fc.Arbitrary<NewEvent> = fc.record({
  time,
  level: fc.constantFrom(...LEVELS),
  severity: fc.constantFrom(...SEVERITIES),
  service: fc.option(name, { nil: null }),
  type: fc.option(name, { nil: null }),
  host: fc.option(name, { nil: null }),
  traceId: fc.option(name, { nil: null }),
  clientId: fc.constant(null),
  message,
  meta: fc.option(meta.map((value) => JSON.stringify(value)), { nil: null }),
  idHint: fc.constant(null),
  isTimed: fc.constant(true)
})

/** The same events each time, unless another seed is given. */
export function someEvents (count: number, seed = 7): NewEvent[] {
  return fc.sample(anyEvent, { numRuns: count, seed })
}

const range = fc.constantFrom('>', '>=', '<', '<=')
const field = fc.oneof(fc.constantFrom(...TEXT_FIELDS), fc.constantFrom(...PATHS).map((path) => `meta.${path}`))
const value = fc.oneof(fc.constantFrom(...TEXTS.filter((text) => text !== ''), ...LONG_NUMBERS, '1E400'), number.map((value) => JSON.stringify(value)))
const phrase = fc.constantFrom('timeout', 'out', '"timed out"', '"out of memory"', '"of mem"*', 'time*', 'out*', 'GROSSE', 'größe', 'é', '数据', '-数据', '超时', '据库*', 'error', '発生', '-서버', 'พลาด', '"timeout timed"',
  'db-7', '100', '"and"', 'nope')

/** All that compares fields whose values are few, so that none is left to chance. */
export const FEW_QUERIES: readonly string[] = [
  ...[':', '>', '>=', '<', '<='].flatMap((op) => [
    ...LEVELS.map((level) => `level${op}${level}`),
    ...SEVERITIES.map((severity) => `severity${op}${severity}`)
  ]),
  'level:*', 'severity:*', 'anomaly:*', 'anomaly:true', 'anomaly:false', 'anomaly>=0.5', 'anomaly<2', 'anomaly:1', 'level:debug,fatal', ''
]

/** Asks for a fact, whole or in part, so that queries find something. */
function aboutOneOf (facts: readonly Fact[]): fc.Arbitrary<string> {
  return fc.tuple(fc.constantFrom(...facts), fc.constantFrom(':', ':*', '~', '>', '>=', '<', '<='), fc.nat(4)).map(([fact, op, at]) => {
    const { name, text } = fact
    if (op === ':') return `${name}:${quote(text)}`
    if (op === ':*') return `${name}:${text === '' ? '' : quote(firstOf(text, at + 1))}*`
    if (op === '~') return `${name}~${quote(firstOf(text, at + 1))}`
    return fact.isNumber ? `${name}${op}${text}` : `${name}:*`
  })
}

/** Texts of the query language, over the same pools as `anyEvent` and over what the given events hold. */
export function anyQuery (events: readonly EventFields[]): fc.Arbitrary<string> {
  const facts = events.flatMap(factsOf)
  return fc.letrec<{ query: string, leaf: string }>((tie) => ({
    leaf: fc.oneof(
      { weight: 4, arbitrary: aboutOneOf(facts) },
      { weight: 3, arbitrary: aboutOneOf(facts.filter(({ isNumber }) => isNumber)) },
      { weight: 3, arbitrary: phrase },
      { weight: 1, arbitrary: fc.constantFrom(...FEW_QUERIES.filter((query) => query !== '')) },
      { weight: 1, arbitrary: value.map((text) => `message~${quote(text)}`) },
      { weight: 1, arbitrary: fc.tuple(field, value).map(([name, text]) => `${name}:${quote(text)}`) },
      { weight: 1, arbitrary: fc.tuple(field, value, value).map(([name, a, b]) => `${name}:${quote(a)},${quote(b)}`) },
      { weight: 1, arbitrary: fc.tuple(field, value).map(([name, text]) => `${name}:${quote(text)}*`) },
      { weight: 1, arbitrary: fc.tuple(field, value).map(([name, text]) => `${name}~${quote(text)}`) },
      { weight: 1, arbitrary: field.map((name) => `${name}:*`) },
      { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...PATHS), range, number).map(([path, op, limit]) => `meta.${path}${op}${JSON.stringify(limit)}`) }
    ),
    query: fc.oneof({ maxDepth: 3, withCrossShrink: true },
      { weight: 3, arbitrary: tie('leaf') },
      { weight: 2, arbitrary: fc.tuple(tie('query'), tie('query')).map(([a, b]) => `${a} ${b}`) },
      { weight: 2, arbitrary: fc.tuple(tie('query'), tie('query')).map(([a, b]) => `(${a} OR ${b})`) },
      { weight: 1, arbitrary: tie('query').map((query) => `-(${query})`) }
    )
  })).query
}

interface Fact {
  name: string
  text: string
  isNumber: boolean
}

function factsOf ({ service, type, host, traceId, message, meta }: EventFields): Fact[] {
  const named = Object.entries({ service, type, host, trace_id: traceId })
    .flatMap(([name, text]) => text === null ? [] : [{ name, text, isNumber: false }])
  const word = message.split(' ').filter((text) => /^[a-z]+$/i.test(text)).map((text) => ({ name: 'message', text, isNumber: false }))
  return [...named, ...word, ...(meta === null ? [] : metaFacts('meta', JSON.parse(meta)))]
}

function metaFacts (name: string, value: unknown): Fact[] {
  if (typeof value === 'string') return [{ name, text: value === '' ? '?' : value, isNumber: false }]
  if (Array.isArray(value)) return [{ name, text: JSON.stringify(value), isNumber: false }]
  if (typeof value !== 'object' || value === null) return [{ name, text: JSON.stringify(value), isNumber: typeof value === 'number' }]
  return Object.entries(value).flatMap(([key, member]) => metaFacts(`${name}.${key}`, member))
}

function firstOf (text: string, count: number): string {
  return [...text].slice(0, count).join('')
}

function quote (value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`
}
