import { test } from 'tap'
import { cutText, fieldNames, fieldsOf, fieldText, prettyJson } from '../../dashboard/pages/events/event-fields.ts'
import { barsOf, highestOf, matchedIn, pathOf, snap } from '../../dashboard/pages/events/histogram-bars.ts'
import { chosenValues, joinText, readQuery, termOf, typedAt, valueText, withoutChip, withoutField, withTerm, withValues } from '../../dashboard/pages/events/query-text.ts'
import { rowAt, shiftOf, topsOf, windowOf } from '../../dashboard/pages/events/row-window.ts'
import { around, arrive, catchUp, heldCount, MOST_HELD, MOST_LIVE, NO_ROWS, release, type Rows, rowsOf, withPage } from '../../dashboard/pages/events/rows.ts'
import type { Histogram } from '../../schemas/event-query.ts'
import type { Event, Level } from '../../schemas/event.ts'
import { matcher } from '../../src/query/match.ts'
import { parseQuery } from '../../src/query/parse.ts'

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

const texts = (q: string): string[] => {
  const read = readQuery(q)
  return 'fault' in read ? [read.fault] : read.chips.map(({ text }) => text)
}

test('a query becomes chips that together ask for the same', async (t) => {
  const cases: Array<[q: string, chips: string[]]> = [
    ['', []],
    ['  level>=warn   -route ', ['level>=warn', '-route']],
    ['level>=warn -meta.route:/v1/health "timed out" time*', ['level>=warn', '-meta.route:/v1/health', '"timed out"', 'time*']],
    ['a AND NOT service:api,"my web"', ['a', 'NOT service:api,"my web"']],
    ['-(a OR b) level:error', ['-(a OR b)', 'level:error']],
    ['a OR b c', ['a OR b c']],
    ['"a😀 \\" )" host:x', ['"a😀 \\" )"', 'host:x']]
  ]
  for (const [q, chips] of cases) {
    t.same(texts(q), chips, q)
    t.same(parseQuery(chips.join(' ')), parseQuery(q), `${q}: the same query`)
  }
})

test('a chip knows what it is about, and where it stands', async (t) => {
  const read = readQuery('a😀 -service:api,"my web"* (a b)')
  if ('fault' in read) return t.fail(read.fault)

  t.match(read.chips[1], { name: 'service', op: ':', values: ['api', 'my web*'], isExcluded: true, start: 4 })
  t.match(read.chips[2], { name: undefined, isExcluded: false, text: '(a b)' })
})

test('what cannot be read is told with its column', async (t) => {
  t.match(readQuery('level>=warn level>=loud'), { fault: /^column 20: "loud" is no level/ })
  t.match(readQuery('(a'), { fault: /^column 1: this bracket is not closed/ })
})

test('terms are included and excluded, once, in place of their opposite', async (t) => {
  t.equal(withTerm('', 'service:api'), 'service:api')
  t.equal(withTerm('a', 'service:api'), 'a service:api')
  t.equal(withTerm('a service:api', 'service:api'), 'a service:api')
  t.equal(withTerm('a service:api', 'service:api', { isExcluded: true }), 'a -service:api')
  t.equal(withTerm('-service:api b', 'service:api'), 'b service:api')
  t.equal(withTerm('a OR b', 'service:api', { isExcluded: true }), '(a OR b) -service:api', 'alternatives keep together')
  t.equal(withoutChip('a -b c', 1), 'a c')
  t.equal(joinText('a OR b', ' c '), '(a OR b) c')
  t.equal(joinText('a', ''), 'a')
})

test('any value can be asked for, or is said to be none', async (t) => {
  for (const value of ['api', 'my web', 'a"b\\c', '', '>5', '-x', 'a,b', 'x*', '(y)', '/v1/health', '~', 'a:b', '5', 'é 😀']) {
    const term = termOf('meta.x', value)
    t.same(parseQuery(term ?? ''), { kind: 'compare', field: { name: 'meta', path: ['x'] }, op: '=', value }, `${term}`)
  }
  t.equal(termOf('message', 'it\'s (broken)'), 'message~"it\'s (broken)"')
  t.equal(termOf('meta.a b', 'x'), undefined)
  t.equal(termOf('meta.a..b', 'x'), undefined)
  t.equal(valueText('plain'), 'plain')
})

test('values of a field are chosen, also levels by a limit', async (t) => {
  t.equal(chosenValues('a -level:info', 'level'), undefined)
  t.same([...chosenValues('level>=warn', 'level') ?? []], ['WARN', 'ERROR', 'FATAL'])
  t.same([...chosenValues('level>=warn level<fatal', 'level') ?? []], ['WARN', 'ERROR'])
  t.same([...chosenValues('x service:api,web', 'service') ?? []], ['api', 'web'])
  t.equal(withValues('x service:api', 'service', ['api', 'my web']), 'x service:api,"my web"')
  t.equal(withValues('x service:api', 'service', []), 'x')
  t.equal(withValues('level:info x', 'level', ['ERROR', 'WARN', 'FATAL']), 'x level>=warn')
  t.equal(withValues('x', 'level', ['ERROR', 'INFO']), 'x level:info,error')
  t.equal(withValues('x', 'level', ['FATAL']), 'x level:fatal')
  t.equal(withValues('a OR b', 'service', ['api']), '(a OR b) service:api')
  t.equal(withoutField('a service:api -service:web service~x', 'service'), 'a -service:web service~x')
})

test('the end of what is typed is a field or a value of one', async (t) => {
  t.same(typedAt('lev'), { start: 0, field: undefined, part: 'lev' })
  t.same(typedAt('a -serv'), { start: 3, field: undefined, part: 'serv' })
  t.same(typedAt('level>=w'), { start: 7, field: 'level', part: 'w' })
  t.same(typedAt('x service:api,we'), { start: 14, field: 'service', part: 'we' })
  t.same(typedAt('service:"my w'), { start: 8, field: 'service', part: 'my w' })
  t.same(typedAt('(host:'), { start: 6, field: 'host', part: '' })
  t.equal(typedAt('a "quoted'), undefined)
})

/** An event at a second of the hour. */
function eventAt (second: number, id = `e${second}`): Event {
  const time = new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString()
  return {
    id,
    time,
    received_at: time,
    level: 'INFO',
    severity: 'LOW',
    service: null,
    type: null,
    host: null,
    trace_id: null,
    message: id,
    meta: {},
    pattern_id: null,
    anomaly: { score: 0, flagged: false, reasons: [] }
  }
}

const events = (...seconds: number[]): Event[] => seconds.map((second) => eventAt(second))
const ids = ({ rows }: Rows): string[] => rows.map(({ id, kind }) => kind === 'event' ? id : kind)
const page = (...seconds: number[]): Rows => withPage(NO_ROWS, events(...seconds), 'next')

test('pages follow one another, and a row that was there is not there twice', async (t) => {
  const list = withPage(page(9, 8, 7), events(7, 6, 5), null)

  t.same(ids(list), ['e9', 'e8', 'e7', 'e6', 'e5'])
  t.equal(list.next, undefined)
  t.same(page(9).next, { cursor: 'next' })
})

test('rows arrive at the place of their time, and what is older than all that was read waits for its page', async (t) => {
  const list = arrive(page(9, 7, 5), rowsOf(events(11, 10, 8, 7, 3)), false)

  t.same(ids(list), ['e11', 'e10', 'e9', 'e8', 'e7', 'e5'])
  t.same(ids(arrive(withPage(NO_ROWS, events(9), null), rowsOf(events(3)), false)), ['e9', 'e3'], 'unless there is no other page')
})

test('while somebody reads nothing moves: what comes is counted and let in later', async (t) => {
  const before = page(9, 8, 7)
  const list = arrive(arrive(before, rowsOf(events(10, 9)), true), rowsOf(events(12, 11, 10)), true)

  t.equal(list.rows, before.rows)
  t.equal(heldCount(list), 3)
  t.same(ids(release(list)), ['e12', 'e11', 'e10', 'e9', 'e8', 'e7'])
  t.equal(heldCount(release(list)), 0)
})

test('of more than can wait the oldest are counted, and a divider says how many', async (t) => {
  const many = Array.from({ length: MOST_HELD + 200 }, (_, at) => 100 + at)
  const list = many.reduce((now, second) => arrive(now, rowsOf(events(second)), true), page(9, 8))

  t.equal(heldCount(list), MOST_HELD + 200)
  const after = release(list)
  t.equal(after.rows.length, MOST_HELD + 2)
  t.match(after.rows[MOST_HELD - 1], { kind: 'divider', why: 'held', count: 201, from: Date.parse(eventAt(100).time), at: Date.parse(eventAt(300).time) })
  t.equal(after.rows[MOST_HELD]?.id, 'e9')
})

test('a list that is followed for long stays short, and goes on where it was cut', async (t) => {
  const list = arrive(page(2, 1), rowsOf(events(...Array.from({ length: MOST_LIVE }, (_, at) => 10 + at))), false)

  t.equal(list.rows.length, MOST_LIVE)
  t.same(list.next, { before: Date.parse(eventAt(10).time) + 1 })
})

test('a span that was missed is put in whole, or with a divider that counts what is not there', async (t) => {
  const missed = { events: events(14, 13, 9), isCapped: false, from: Date.parse(eventAt(8).time), why: 'away' as const }

  t.same(ids(catchUp(page(9, 8), { ...missed, total: 4 }, false)), ['e14', 'e13', 'e9', 'e8'], 'one of the four was there')
  const list = catchUp(page(9, 8), { ...missed, events: events(14, 13), total: 60 }, false)
  t.same(ids(list), ['e14', 'e13', 'divider', 'e9', 'e8'])
  t.match(list.rows[2], { count: 56, why: 'away', from: missed.from })
  const held = catchUp(page(9, 8), { ...missed, events: events(14, 13), total: 60 }, true)
  t.equal(heldCount(held), 58)
  t.same(ids(release(held)), ids(list))
  t.same(ids(catchUp(list, { ...missed, events: events(14, 13), total: 60, why: 'sampled' }, false)), ids(list), 'what a divider stands for is not missed twice')
})

test('a linked event stands among its neighbours, under word of newer ones', async (t) => {
  const list = around({ newer: events(6, 7), event: eventAt(5), older: events(5, 4), next: 'more', hasNewer: true })

  t.same(ids(list), ['divider', 'e7', 'e6', 'e5', 'e4'])
  t.same(list.next, { cursor: 'more' })
  t.same(ids(around({ newer: [], event: eventAt(5), older: events(4), next: null, hasNewer: false })), ['e5', 'e4'], 'also one that the filter hides')
})

const thousand = Array.from({ length: 1_000 }, (_, at) => `e${at}`)

test('rows stand under one another, measured ones as high as they are', async (t) => {
  const tops = topsOf(['a', 'b', 'c'], new Map([['b', 100]]), 25)

  t.same([...tops], [0, 25, 125, 150])
  t.same([-5, 0, 24, 25, 124, 125, 900].map((y) => rowAt(tops, y)), [0, 0, 0, 1, 1, 2, 2])
})

test('no more rows are drawn than are seen and twenty', async (t) => {
  const tops = topsOf(thousand, new Map([['e500', 3_000]]), 25)
  for (const top of [0, 10, 2_500, 12_499, 13_000, 20_000, 27_900, 40_000]) {
    const { first, last } = windowOf(tops, { top, height: 500 })
    const seen = thousand.filter((_, at) => (tops[at + 1] ?? 0) > top && (tops[at] ?? 0) < top + 500).length
    t.ok(last - first <= Math.max(seen, 1) + 21, `${top}: ${last - first} rows`)
    t.ok(first >= 0 && last <= thousand.length)
    if (seen > 0) t.ok((tops[first] ?? 0) <= top && (tops[last] ?? 0) >= Math.min(top + 500, tops.at(-1) ?? 0), `${top}: all that is seen is there`)
  }
  t.same(windowOf(topsOf([], new Map(), 25), { top: 0, height: 500 }), { first: 0, last: 0 })
})

test('what is seen is moved back by what grew above it, and by nothing else', async (t) => {
  const changes = [{ top: 0, before: 25, after: 75 }, { top: 100, before: 50, after: 43 }, { top: 400, before: 25, after: 300 }]

  t.equal(shiftOf(changes, 400), 43)
  t.equal(shiftOf(changes, 24), 0)
  t.equal(shiftOf(changes, 425), 318)
})

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString()
const ms = (second: number): number => Date.parse(at(second))
const bins = (...counts: Array<Partial<Record<Level, number>>>): Histogram => ({
  from: at(0),
  to: at(25),
  bin_ms: 10_000,
  source: 'rows',
  bins: counts.map((byLevel, index) => ({ time: at(index * 10), by_level: byLevel, total: Object.values(byLevel).reduce((sum, count) => sum + count, 0) }))
})

const matched = bins({ WARN: 2, ERROR: 1, FATAL: 1 }, {}, { INFO: 3, DEBUG: 1 })
const bars = barsOf(matched, bins({ WARN: 2, ERROR: 1, FATAL: 1, INFO: 6 }, { INFO: 5 }, { INFO: 3, DEBUG: 1 }))

test('bars are stacked by level over what the filter hides, and end where the next begins', async (t) => {
  t.same(bars.map(({ parts }) => parts), [
    { unmatched: 6, ordinary: 0, warning: 2, critical: 2 }, { unmatched: 5, ordinary: 0, warning: 0, critical: 0 }, { unmatched: 0, ordinary: 4, warning: 0, critical: 0 }
  ])
  t.same(bars.map(({ from, to }) => [from, to]), [[ms(0), ms(10)], [ms(10), ms(20)], [ms(20), ms(25)]])
  t.equal(highestOf(bars), 10)
  t.equal(barsOf(matched, undefined)[0]?.parts.unmatched, 0, 'without a filter nothing is hidden')
})

test('a tone is one path, each part of it upon those below', async (t) => {
  const plane = { from: ms(0), to: ms(25), width: 250, height: 100, most: 10 }

  t.equal(pathOf(bars, 'unmatched', plane), 'M0 100v-60h86v60zM100 100v-50h86v50z')
  t.equal(pathOf(bars, 'critical', plane), 'M0 20v-20h86v20z')
  t.equal(pathOf(bars, 'ordinary', plane), 'M200 100v-40h43v40z')
})

test('a selection is made of whole bars, whichever way it is drawn', async (t) => {
  t.same(snap(bars, ms(4), ms(12)), { from: ms(0), to: ms(20) })
  t.same(snap(bars, ms(21), ms(10)), { from: ms(10), to: ms(25) })
  t.same(snap(bars, ms(13), ms(13)), { from: ms(10), to: ms(20) })
  t.equal(snap([], 1, 2), undefined)
  t.equal(matchedIn(bars, { from: ms(10), to: ms(25) }), 4)
})
