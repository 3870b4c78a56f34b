import fc from 'fast-check'
import { test } from 'tap'
import { matcher, type Matchable } from '../../src/query/match.ts'
import { parseQuery } from '../../src/query/parse.ts'
import { indexQueries } from '../../src/rules/query-index.ts'
import { anyQuery, FEW_QUERIES, someEvents } from '../contract/random.ts'

const EVENTS: Matchable[] = someEvents(150).map((event, index) => ({ ...event, patternId: index % 3 === 0 ? 'p1' : null, anomaly: index % 4 === 0 ? index / 40 : null }))

test('the index finds exactly the queries that match', async (t) => {
  const texts = [...FEW_QUERIES, 'pattern:p1', 'pattern:p1 level>=warn', ...fc.sample(anyQuery(someEvents(150)), { numRuns: 3_000, seed: 3 })]
  const nodes = texts.map((text) => parseQuery(text))
  const tests = nodes.map((node) => node === undefined ? () => true : matcher(node))
  const index = indexQueries(nodes)

  let found = 0
  for (const event of EVENTS) {
    const wanted = texts.filter((_, place) => tests[place]?.(event))
    found += wanted.length
    t.same(index(event).map((place) => texts[place]).toSorted(), wanted.toSorted())
  }
  t.ok(found > 1_000, 'queries do match')
})

const narrow = [
  'service:s{n}',
  'level>=error service:s{n}',
  '"timeout of s{n}"',
  'service:s{n} OR host:h{n}',
  '-level:info type:s{n}',
  'trace_id:s{n} meta.a:1'
]

test('a query that names something is asked only for events that have it', async (t) => {
  for (const query of narrow) {
    const index = indexQueries(Array.from({ length: 1_000 }, (_, n) => parseQuery(query.replaceAll('{n}', String(n)))))
    const { event, reads } = watched({
      level: 'ERROR', severity: 'HIGH', service: 's7', host: 'h7', type: 's7', traceId: 's7', message: 'timeout of s7', meta: '{"a":1}', patternId: null, anomaly: null
    })

    t.same(index(event), [7], query)
    t.ok(reads() < 30, `${query}: ${reads()} fields were read`)
  }
})

/** An event that counts how often a field of it is read: a thousand queries that were asked would read a thousand. */
function watched (target: Matchable): { event: Matchable, reads: () => number } {
  let count = 0
  const event = new Proxy(target, {
    get: (object, name, receiver) => {
      count++
      return Reflect.get(object, name, receiver)
    }
  })
  return { event, reads: () => count }
}
