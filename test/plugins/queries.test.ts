import { test } from 'tap'
import type { Event } from '../../schemas/event.ts'
import type { EventContext, EventsPage, Facets, Histogram } from '../../schemas/event-query.ts'
import { LEVELS } from '../../schemas/words.ts'
import { buildTestApp } from '../helper.ts'
import { find, get, messagesOf, pathsOf, post, problemFaults } from './support.ts'

const START = Date.UTC(2026, 0, 1)
const MINUTE = 60_000
const COUNT = 60

/** One event a minute: six levels in turn, two services, three types, two hosts. */
const sent = Array.from({ length: COUNT }, (_, n) => ({
  id: `e-${n}`,
  time: new Date(START + n * MINUTE).toISOString(),
  level: LEVELS[n % 6] ?? 'INFO',
  service: n % 2 === 0 ? 'api' : 'web',
  type: `T${n % 3}`,
  host: n % 4 < 2 ? 'h1' : 'h2',
  message: `request ${n} timed out`,
  meta: { status: 400 + n, user: n % 5 === 0 ? 'ann' : 'bob' }
}))

type Sent = typeof sent[number]

test('finding events', async (t) => {
  const app = await buildTestApp(t)
  await post(app, '/events', sent)
  const ids = (events: readonly Event[]) => events.map(({ id }) => id)
  const where = (accepts: (event: Sent, n: number) => boolean) => sent.filter(accepts).map(({ id }) => id)
  const page = async (query: string) => (await get(app, `/events?${query}`)).json<EventsPage>()

  const filters: ReadonlyArray<[query: string, accepts: (event: Sent, n: number) => boolean]> = [
    ['', () => true],
    ['level=error', ({ level }) => level === 'ERROR'],
    ['level=warn,crit', ({ level }) => level === 'WARN' || level === 'FATAL'],
    ['service=api', ({ service }) => service === 'api'],
    ['service=api,web', () => true],
    ['service=ap', () => false],
    ['type=T1,T2', ({ type }) => type !== 'T0'],
    ['anomalous=true', () => false],
    ['anomalous=false', () => true],
    ['pattern=p1', () => false],
    ['q=level>=error', ({ level }) => level === 'ERROR' || level === 'FATAL'],
    ['q="timed out" meta.status>=455', (_, n) => n >= 55],
    ['q=host:h1 -service:api', ({ host, service }) => host === 'h1' && service !== 'api'],
    ['q=meta.user:ann OR type:T2', ({ meta, type }) => meta.user === 'ann' || type === 'T2'],
    ['q=out&service=web&level=debug&type=T1', ({ service, level, type }) => service === 'web' && level === 'DEBUG' && type === 'T1'],
    ['from=2026-01-01T00:10:00Z', (_, n) => n >= 10],
    ['from=2026-01-01T00:10:00Z&to=2026-01-01T00:10:00.001Z', (_, n) => n === 10],
    ['from=2026-01-01T00:10:00Z&to=2026-01-01T00:10:00Z', () => false],
    ['to=2026-01-01 01:01:00 01:00', (_, n) => n === 0],
    [`from=${START + 5 * MINUTE}&to=${START + 6 * MINUTE}`, (_, n) => n === 5],
    ['from=-1h', () => false],
    ['from=-520w&to=now', () => true]
  ]
  for (const [query, accepts] of filters) {
    await t.test(`?${query} finds what it should, newest first and oldest first, and counts it`, async (t) => {
      const url = new URLSearchParams(query).toString()
      const wanted = where(accepts)

      t.same(ids(await find(app, `${url}&order=asc`)), wanted)
      t.same(ids(await find(app, url)), wanted.toReversed())
      t.same((await page(url)).total, { count: wanted.length, capped: false })
    })
  }

  await t.test('lower-case and, or, not are words, and the answer hints at what may be meant', async (t) => {
    for (const path of ['/events?', '/events/histogram?', '/events/facets?field=level&']) {
      t.match((await get(app, `${path}q=timed+or+out`)).json(), { hints: [/"or".*OR/] }, path)
      t.notHas((await get(app, `${path}q=timed+OR+out`)).json(), { hints: [] }, path)
    }
  })

  const bad: ReadonlyArray<[query: string, path: string, message?: RegExp]> = [
    ['q=level:', 'q', /column 7/], ['q=(a', 'q', /column \d+/], ['q="a', 'q', /column 1/], [`q=${'x'.repeat(2_001)}`, 'q', /at most 2000/],
    ['q=a&q=b', 'q'], ['level=loud', 'level'], ['level=', 'level'], ['service=', 'service'], ['service=a,,b', 'service'], ['type=', 'type'],
    ['pattern=', 'pattern'], ['anomalous=maybe', 'anomalous'], ['anomalous=1', 'anomalous'], ['limit=0', 'limit'], ['limit=1001', 'limit'], ['limit=ten', 'limit'],
    ['limit=1e2', 'limit'], ['limit=1.5', 'limit'], ['limit=%205', 'limit'], ['limit=', 'limit'], ['order=up', 'order'], ['total=all', 'total'], ['cursor=abc', 'cursor'],
    ['cursor=1_2_3', 'cursor'], ['from=yesterday', 'from'], ['from=2026-02-30', 'from'], ['to=2026-13-01', 'to'], ['to=-5y', 'to'],
    ['from=2026-01-02&to=2026-01-01', 'from', /later/], ['colour=red', 'colour', /not known/], ['constructor=1', 'constructor', /not known/]
  ]
  await t.test('a parameter that will not do is 400 and named', async (t) => {
    for (const [query, path, message = /./] of bad) {
      const response = await get(app, `/events?${query}`)

      t.same(problemFaults(response, 400), [], query.slice(0, 40))
      t.same(pathsOf(response), [path], query.slice(0, 40))
      t.match(response.json(), { detail: message })
    }
  })

  await t.test('the other queries refuse bad parameters by name as well', async (t) => {
    const cases: ReadonlyArray<[url: string, path: string]> = [
      ['/events/histogram?bins=0', 'bins'], ['/events/histogram?bins=501', 'bins'], ['/events/histogram?limit=5', 'limit'], ['/events/histogram?q=(', 'q'],
      ['/events/facets', 'field'], ['/events/facets?field=message', 'field'], ['/events/facets?field=meta.a"b', 'field'], ['/events/facets?field=level&limit=0', 'limit'],
      ['/events/export?format=xml', 'format'], ['/events/export?limit=5', 'limit'], ['/events/export?q=level:', 'q'], ['/events/export?order=x', 'order'],
      ['/events/e-1/context?before=-1', 'before'], ['/events/e-1/context?after=201', 'after'],
      ['/stream?topics=weather', 'topics'], ['/stream?q=level:', 'q'], ['/stream?last_event_id=x', 'last_event_id']
    ]
    for (const [url, path] of cases) {
      const response = await get(app, encodeURI(url))

      t.same(problemFaults(response, 400), [], url)
      t.equal(pathsOf(response)[0], path, url)
    }
  })

  await t.test('pages by cursor meet without a hole or a repeat, in both orders and at any limit', async (t) => {
    for (const [order, limit] of [['asc', 1], ['desc', 7], ['asc', 59], ['desc', 60], ['asc', 61]] as const) {
      const seen: string[] = []
      for (let cursor: string | null = ''; cursor !== null;) {
        const { events, next }: EventsPage = await page(`order=${order}&limit=${limit}&service=api,web${cursor === '' ? '' : `&cursor=${cursor}`}`)
        seen.push(...ids(events))
        cursor = next
      }
      t.same(seen, order === 'asc' ? where(() => true) : where(() => true).toReversed(), `${order} by ${limit}`)
    }
  })

  await t.test('the total is capped unless it is asked for, and left out when it is not wanted', async (t) => {
    t.same((await page('limit=1&total=exact')).total, { count: COUNT, capped: false })
    t.same((await page('limit=1&total=capped')).total, { count: COUNT, capped: false })
    t.equal((await page('limit=1&total=none')).total.capped, true)
  })

  await t.test('an event that does not exist is 404, whatever its id', async (t) => {
    for (const id of ['none', '1', '9999999999999999', '%00', '%F0%9F%98%80', "x'--", '..%2f..']) {
      t.same(problemFaults(await get(app, `/events/${id}`), 404), [], id)
      t.same(problemFaults(await get(app, `/events/${id}/context`), 404), [], id)
    }
  })

  await t.test('the histogram is dense, on round times, and its sum is the count', async (t) => {
    const response = await get(app, '/events/histogram?from=2026-01-01T00:00:00Z&to=2026-01-01T02:00:00Z&bins=12')

    const { bins, bin_ms: binMs, source, from, to } = response.json<Histogram>()
    t.same([from, to, binMs, source], ['2026-01-01T00:00:00.000Z', '2026-01-01T02:00:00.000Z', 10 * MINUTE, 'rollup'])
    t.same(bins.map(({ time }) => Date.parse(time)), Array.from({ length: 12 }, (_, n) => START + n * 10 * MINUTE))
    t.same(bins.map(({ total }) => total), [10, 10, 10, 10, 10, 10, 0, 0, 0, 0, 0, 0])
    t.same(bins[0]?.by_level, { TRACE: 2, DEBUG: 2, INFO: 2, WARN: 2, ERROR: 1, FATAL: 1 })
    t.same(bins[11]?.by_level, {})
  })

  await t.test('the histogram from rows agrees with the one from rollups', async (t) => {
    const of = async (query: string) => (await get(app, `/events/histogram?from=2026-01-01&to=2026-01-01T00:59:59Z&bins=24${query}`)).json<Histogram>()

    const [kept, counted] = [await of(''), await of('&q=timed')]

    t.same([kept.source, counted.source], ['rollup', 'rows'])
    t.same(kept.bins, counted.bins)
  })

  await t.test('the histogram keeps to its bins for every range, and needs no from', async (t) => {
    for (const query of ['from=0001-01-01&to=9999-12-31&bins=3', 'from=-999999999w', 'from=-7d&bins=500', 'to=2026-01-02', 'from=now&to=now&bins=1', 'from=-24h&bins=24']) {
      const response = await get(app, `/events/histogram?${query}`)
      const most = Number(new URLSearchParams(query).get('bins') ?? 60)

      t.equal(response.statusCode, 200, query)
      t.ok(response.json<Histogram>().bins.length <= most, query)
    }
    const { bins } = (await get(app, '/events/histogram?to=2026-01-01T01:00:00Z')).json<Histogram>()
    t.equal(bins.reduce((sum, { total }) => sum + total, 0), COUNT, 'the 24 hours before to')
  })

  await t.test('facets count the most common values, and what lies beyond the limit', async (t) => {
    const facets = async (query: string) => (await get(app, `/events/facets?${query}`)).json<Facets>()

    t.same(await facets('field=service'), { field: 'service', values: [{ value: 'api', count: 30 }, { value: 'web', count: 30 }], other: 0, missing: 0 })
    t.same(await facets('field=level&limit=1&q=level>=error'), { field: 'level', values: [{ value: 'ERROR', count: 10 }], other: 10, missing: 0 })
    t.same((await facets('field=meta.user')).values, [{ value: 'bob', count: 48 }, { value: 'ann', count: 12 }])
    t.same((await facets('field=host&service=web')).values, [{ value: 'h1', count: 15 }, { value: 'h2', count: 15 }])
    t.same(await facets('field=meta.none'), { field: 'meta.none', values: [], other: 0, missing: COUNT })
  })

  await t.test('the context of an event is its neighbours from the same service and host', async (t) => {
    const alike = where(({ service, host }) => service === 'web' && host === 'h1')
    const at = alike.indexOf('e-29')
    const context = async (query: string) => (await get(app, `/events/e-29/context${query}`)).json<EventContext>()

    const { before, event, after } = await context('?before=2&after=3')
    t.same([ids(before), event.id, ids(after)], [alike.slice(at - 2, at), 'e-29', alike.slice(at + 1, at + 4)])
    const all = await context('')
    t.same(ids([...all.before, all.event, ...all.after]), alike, 'the ends of the store end it')
    t.same(await context('?before=0&after=0'), { before: [], event, after: [] })
  })

  await t.test('HEAD answers as GET does, without a body', async (t) => {
    for (const url of ['/events', '/events/e-1', '/events/histogram', '/events/facets?field=level', '/events/export', '/events/export?format=csv', '/stream', '/rejected']) {
      const response = await app.inject({ method: 'HEAD', url, headers: { authorization: 'Bearer ops-token-for-tests' } })

      t.equal(response.statusCode, 200, url)
      t.equal(response.body, '')
    }
    t.equal((await app.inject({ method: 'HEAD', url: '/events?limit=0', headers: { authorization: 'Bearer ops-token-for-tests' } })).statusCode, 400)
  })
})

test('exporting events', async (t) => {
  const app = await buildTestApp(t)
  const hostile = ['=1+1', '+1', '-1', '@x', '\tx', 'say "hi", twice', 'two\nlines', 'caf\u00e9 \u{1f600}', '<script>', "it's"]
  const many = Array.from({ length: 2_500 }, (_, n) => ({ message: hostile[n] ?? `plain ${n}`, service: '=cmd()', meta: { n } }))
  await post(app, '/events', many)

  await t.test('NDJSON holds every event as it is answered elsewhere, over more than one page', async (t) => {
    const response = await get(app, '/events/export')

    const rows = response.body.trimEnd().split('\n').map((line) => parseEvent(line))
    t.match(response.headers, { 'content-type': 'application/x-ndjson; charset=utf-8', 'content-disposition': 'attachment; filename="events.ndjson"' })
    t.same(messagesOf(rows), many.map(({ message }) => message))
    t.same(rows.slice(0, 1_000), await find(app, 'order=asc'))
  })

  await t.test('CSV has one quoted row an event, and no cell that a spreadsheet would run', async (t) => {
    const response = await get(app, '/events/export?format=csv')

    const [head, ...rows] = parseCsv(response.body)
    t.match(response.headers, { 'content-type': 'text/csv; charset=utf-8', 'content-disposition': 'attachment; filename="events.csv"' })
    const column = (name: string) => rows.map((row) => row[head?.indexOf(name) ?? -1] ?? 'missing')
    t.equal(rows.length, many.length)
    t.same(column('message'), many.map(({ message }) => /^[=+\-@\t]/.test(message) ? `'${message}` : message))
    t.same(new Set(column('service')), new Set(["'=cmd()"]))
    t.same(column('meta'), many.map(({ meta }) => JSON.stringify(meta)))
    t.ok(rows.every((row) => row.length === head?.length && row.every((cell) => !/^[=+\-@\t\r]/.test(cell))))
  })

  await t.test('filters and order hold for it; finding nothing is an empty answer', async (t) => {
    const export_ = async (query: string) => (await get(app, `/events/export?${query}`)).body

    t.equal((await export_('q=plain&order=desc')).split('\n').length, 2_491)
    t.match(parseEvent((await export_('q=plain&order=desc')).split('\n')[0] ?? ''), { message: 'plain 2499' })
    t.equal(await export_('service=none'), '')
    t.equal((await export_('service=none&format=csv')).split('\r\n').length, 2)
  })
})

function parseEvent (line: string): Event {
  return JSON.parse(line) as Event
}

/** Reads CSV as RFC 4180 says. */
function parseCsv (text: string): string[][] {
  const rows: string[][] = []
  for (let at = 0; at < text.length;) {
    const row: string[] = []
    for (let isEnd = false; !isEnd;) {
      const [cell = '', quoted, bare = ''] = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))/.exec(text.slice(at, at + 70_000)) ?? []
      row.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'))
      at += cell.length
      isEnd = text[at] !== ','
      at += isEnd ? 2 : 1
    }
    rows.push(row)
  }
  return rows
}
