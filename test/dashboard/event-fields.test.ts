import { test } from 'tap'
import { cutText, fieldNames, fieldsOf, fieldText, prettyJson } from '../../dashboard/pages/events/event-fields.ts'
import { matcher } from '../../src/query/match.ts'
import { parseQuery } from '../../src/query/parse.ts'
import type { Event } from '../../schemas/event.ts'

const event: Event = {
  id: '7',
  time: '2026-01-01T00:00:00.000Z',
  received_at: '2026-01-01T00:00:01.000Z',
  level: 'ERROR',
  severity: 'HIGH',
  service: 'api',
  type: null,
  host: 'web 1',
  trace_id: 'abc',
  message: 'no',
  pattern_id: null,
  anomaly: { score: 0, flagged: false, reasons: [] },
  meta: { status: 500, ok: false, http: { method: 'GET', 'user agent': 'curl' }, tags: ['a'], none: null, empty: {}, dump: 'x'.repeat(600) }
}

test('an event is told field by field, those inside others by their path', async (t) => {
  const texts = Object.fromEntries(fieldsOf(event).map(({ name, text }) => [name, text]))

  t.match(texts, { id: '7', level: 'error', service: 'api', host: 'web 1', 'meta.status': '500', 'meta.http.method': 'GET', 'meta.tags': '["a"]', 'meta.none': 'null', 'meta.empty': '{}' })
  t.notOk('type' in texts || 'anomaly' in texts, 'what it does not have is left out')
  t.equal(fieldText(event, 'meta.http.method'), 'GET')
  t.equal(fieldText(event, 'meta.http'), '')
})

test('whatever a field offers to ask for finds the event itself', async (t) => {
  const terms = fieldsOf(event).flatMap(({ term }) => term === undefined ? [] : [term])
  const matchable = { ...event, traceId: event.trace_id, patternId: null, anomaly: null, meta: JSON.stringify(event.meta) }

  t.same(terms, ['level:error', 'severity:high', 'service:api', 'host:"web 1"', 'trace_id:abc', 'meta.status:500', 'meta.ok:false', 'meta.http.method:GET'])
  for (const term of terms) {
    const query = parseQuery(term)
    t.ok(query !== undefined && matcher(query)(matchable), term)
  }
})

test('fields that have no column are listed, the commonest first', async (t) => {
  const names = fieldNames([event, { ...event, meta: { status: 200 } }])

  t.ok(names.indexOf('meta.status') < names.indexOf('meta.ok'))
  t.notOk(['id', 'time', 'level', 'service'].some((name) => names.includes(name)))
})

test('a long text is cut at 4 KB, between two letters, with its whole size', async (t) => {
  t.same(cutText('é'.repeat(4_096)), { shown: 'é'.repeat(4_096), bytes: undefined })
  t.same(cutText('é'.repeat(4_097)), { shown: 'é'.repeat(4_096), bytes: 8_194 })
  t.equal(cutText(`${'x'.repeat(4_095)}😀`).shown, 'x'.repeat(4_095))
})

test('only what is a JSON object or list is put on lines, and no giant', async (t) => {
  t.equal(prettyJson('{"a":[1]}'), '{\n  "a": [\n    1\n  ]\n}')
  for (const text of ['5', 'GET {a}', '{broken', `["${'x'.repeat(262_144)}"]`]) t.equal(prettyJson(text), undefined, text.slice(0, 20))
})
