import { gzipSync } from 'node:zlib'
import { test } from 'tap'
import type { Problem } from '../../schemas/common.ts'
import type { Event } from '../../schemas/event.ts'
import type { Receipt, Rejected } from '../../schemas/submission.ts'
import { buildTestApp } from '../helper.ts'
import { countEvents, find, get, JSON_BODY, messagesOf, NDJSON_BODY, pathsOf, post, problemFaults, TEXT_BODY } from './support.ts'

const SLICES = 6
const MANY = 500 * SLICES

function lines (count: number, word: string): string {
  return Array.from({ length: count }, (_, n) => `${word} number ${n}`).join('\n')
}

test('taking in many events', async (t) => {
  const app = await buildTestApp(t)

  await t.test('an array is answered with 201 and a receipt that can be read again', async (t) => {
    const response = await post(app, '/events', [{ message: 'a1' }, { message: 'a2', id: 'mine' }])

    const receipt = response.json<Receipt>()
    t.equal(response.statusCode, 201)
    t.same(receipt, { receipt: receipt.receipt, accepted: 2, duplicates: 0, rejected: 0, items: [] })
    const { received_at: receivedAt, ...again } = (await get(app, `/receipts/${receipt.receipt}`)).json<Receipt & { received_at: string }>()
    t.same(again, receipt)
    t.ok(Math.abs(Date.parse(receivedAt) - Date.now()) < 60_000)
  })

  await t.test('?items=all lists each item with the id by which it is found', async (t) => {
    const { items } = (await post(app, '/events?items=all', [{ message: 'b1' }, { message: 'b2', id: 'b-2' }, { message: 'b2', id: 'b-2' }, { nothing: 1 }])).json<Receipt>()

    t.match(items, [
      { index: 0, id: /^\d+$/, status: 'accepted' },
      { index: 1, id: 'b-2', status: 'accepted' },
      { index: 2, id: 'b-2', status: 'duplicate' },
      { index: 3, status: 'rejected', error: /an event needs a text/, errors: [{ path: '/3' }] }
    ])
    t.equal((await get(app, `/events/${items[0]?.id}`)).json<Event>().message, 'b1')
  })

  await t.test('one bad line of NDJSON is told with its line, kept in the reject box, and does not sink the others', async (t) => {
    const response = await post(app, '/events', '{"message":"c1"}\n\n{"message":\n["x"]\n{"message":"c2"}\r\n', NDJSON_BODY)

    const receipt = response.json<Receipt>()
    t.equal(response.statusCode, 207)
    t.match(receipt, { accepted: 2, duplicates: 0, rejected: 2 })
    t.same(receipt.items.map(({ index, status }) => [index, status]), [[2, 'rejected'], [3, 'rejected']])
    t.match(receipt.items[0]?.error, /line 3/)
    const { rejected } = (await get(app, '/rejected?limit=2')).json<{ rejected: Rejected[] }>()
    t.match(rejected, [{ index: 3, original: '["x"]', receipt: receipt.receipt }, { index: 2, original: '{"message":', receipt: receipt.receipt }])
    t.equal(await countEvents(app, 'q=c1 OR c2'), 2)
  })

  await t.test('nothing is no mistake of lines and arrays: shippers flush what they have', async (t) => {
    const gzip = { 'content-encoding': 'gzip' }
    const empties: Array<[payload: string | Buffer, headers: Record<string, string>]> = [
      ['', TEXT_BODY], ['\n\r\n \t\n', TEXT_BODY], ['', NDJSON_BODY], ['\n', NDJSON_BODY], ['[]', JSON_BODY], [' [ ] ', JSON_BODY],
      [gzipSync(''), { ...TEXT_BODY, ...gzip }], [gzipSync('\n'), { ...NDJSON_BODY, ...gzip }], ['', { ...NDJSON_BODY, ...gzip }],
      ['', { ...TEXT_BODY, 'idempotency-key': 'of nothing' }], ['', { ...TEXT_BODY, 'idempotency-key': 'of nothing' }]
    ]

    for (const [payload, headers] of empties) {
      for (const url of ['/events', '/events?dry=1', '/events?items=all']) {
        const response = await post(app, url, payload, headers)
        t.equal(response.statusCode, 200, JSON.stringify([payload.toString(), headers, url, response.body]))
        t.match(response.json(), { accepted: 0, duplicates: 0, rejected: 0, items: [] })
      }
    }
    t.equal((await post(app, '/events', 'a line', { ...TEXT_BODY, 'idempotency-key': 'of nothing' })).statusCode, 422)
  })

  await t.test('when no item will do the answer is 400 and names each', async (t) => {
    const response = await post(app, '/events', [{ a: 1 }, 'x', { message: '\0' }])

    t.same(problemFaults(response, 400), [])
    t.same(pathsOf(response), ['/0', '/1', '/2/message'])
    t.match(response.json<Problem>().detail, /none of the events was accepted.*GET \/rejected/)
  })

  await t.test('lines of text become messages as they are, stamped by the query, blank ones left out', async (t) => {
    const body = '\uFEFF  indented line\r\n\n{"message":"no JSON here"}\nlast line'

    const response = await post(app, '/events?service=cron&level=err&type=BATCH&host=h1', body, TEXT_BODY)

    t.equal(response.statusCode, 201)
    const events = await find(app, 'service=cron&order=asc')
    t.same(messagesOf(events), ['  indented line', '{"message":"no JSON here"}', 'last line'])
    for (const event of events) t.match(event, { level: 'ERROR', type: 'BATCH', host: 'h1', service: 'cron' })
  })

  await t.test('a stamp never replaces what an event says of itself', async (t) => {
    await post(app, '/events?service=stamp&level=fatal', [{ message: 'own', service: 'own', level: 'debug' }, { message: 'stamped' }])

    t.match(await find(app, 'q=own'), [{ service: 'own', level: 'DEBUG' }])
    t.match(await find(app, 'q=stamped'), [{ service: 'stamp', level: 'FATAL' }])
  })

  await t.test('?dry=1 judges every item and stores neither events nor refusals', async (t) => {
    const before = await countEvents(app)
    const box = (await get(app, '/rejected')).body

    const mixed = await post(app, '/events?dry=1', [{ message: 'd1' }, {}])
    const good = await post(app, '/events?dry=1', lines(MANY, 'dry'), TEXT_BODY)

    t.equal(mixed.statusCode, 207)
    t.match(mixed.json(), { receipt: null, accepted: 1, rejected: 1, items: [{ index: 1, status: 'rejected' }] })
    t.equal(good.statusCode, 200)
    t.match(good.json(), { receipt: null, accepted: MANY, rejected: 0 })
    t.equal(await countEvents(app), before)
    t.equal((await get(app, '/rejected')).body, box)
  })

  await t.test('a batch that is sent again counts as duplicates and stores nothing', async (t) => {
    const batch = Array.from({ length: 1_200 }, (_, n) => ({ id: `dup-${n}`, message: 'twice', service: 'dup' }))

    const first = await post(app, '/events', batch)
    const second = await post(app, '/events', batch)

    t.match(first.json(), { accepted: 1_200, duplicates: 0 })
    t.equal(second.statusCode, 201)
    t.match(second.json(), { accepted: 0, duplicates: 1_200, items: { length: 1_200 } })
    t.equal(await countEvents(app, 'service=dup'), 1_200)
  })

  for (const [name, count] of [['one slice', 3], ['three slices', 1_200], ['six slices', MANY]] as const) {
    await t.test(`an Idempotency-Key for a body of ${name} replays the receipt, and refuses another body`, async (t) => {
      const service = `key-${count}`
      const send = (word: string, more = 0) => post(app, `/events?service=${service}`, lines(count + more, word), { ...TEXT_BODY, 'idempotency-key': service })

      const first = await send('first')
      const [again, twice] = await Promise.all([send('first'), send('first')])
      const others = await Promise.all([send('other'), send('other', 1_000), send('first', 1)])

      t.equal(first.statusCode, 201)
      t.same([again.statusCode, twice.statusCode], [201, 201])
      t.same([again.json(), twice.json()], [first.json(), first.json()])
      for (const other of others) t.same(problemFaults(other, 422), [])
      t.equal(await countEvents(app, `service=${service}`), count)
    })
  }

  await t.test('requests with one key at the same time store once', async (t) => {
    const send = () => post(app, '/events?service=race', lines(1_200, 'race'), { ...TEXT_BODY, 'idempotency-key': 'race' })

    const answers = await Promise.all([send(), send(), send()])

    t.same(answers.map(({ statusCode }) => statusCode), [201, 201, 201])
    t.equal(new Set(answers.map(({ body }) => body)).size, 1)
    t.equal(await countEvents(app, 'service=race'), 1_200)
  })

  await t.test('a refusal of all items is replayed as the refusal that it was', async (t) => {
    const send = () => post(app, '/events', [{ nothing: 1 }], { 'idempotency-key': 'refused' })

    const [first, again] = [await send(), await send()]

    t.same([first.statusCode, again.statusCode], [400, 400])
    t.equal(again.json<Problem>().detail, first.json<Problem>().detail)
  })

  await t.test('100,000 lines are stored line by line, and a phrase from the middle is found', async (t) => {
    const count = 100_000
    const body = Array.from({ length: count }, (_, n) => `2026-01-01 00:00:00 status installed package-${n}:amd64 1.${n}`).join('\n')

    const response = await post(app, '/events?service=dpkg', body, TEXT_BODY)

    t.equal(response.statusCode, 201)
    t.match(response.json(), { accepted: count, duplicates: 0, rejected: 0, items: [] })
    t.equal(await countEvents(app, 'service=dpkg'), count)
    t.same(messagesOf(await find(app, `q=${encodeURIComponent('"installed package 49999" service:dpkg')}`)), [
      '2026-01-01 00:00:00 status installed package-49999:amd64 1.49999'
    ])
  })

  t.same(app.service.admission.load, { bytes: 0, events: 0 }, 'nothing is left in the queue')
})

test('the reject box', async (t) => {
  const app = await buildTestApp(t)
  const { secret } = await app.service.access.create({ name: 'admin', scopes: ['admin'], expiresAt: null })
  const admin = { authorization: `Bearer ${secret}` }
  const box = async (query = '') => (await get(app, `/rejected${query}`)).json<{ rejected: Rejected[], next: string | null }>()
  await post(app, '/events', Array.from({ length: 5 }, (_, n) => ({ id: `r-${n}`, message: `\0${n}` })))
  await post(app, '/events', [{ message: 'fine' }])

  await t.test('lists what was refused newest first, page by page', async (t) => {
    const first = await box('?limit=3')
    const second = await box(`?limit=3&before=${first.next}`)

    t.same(first.rejected.map(({ index }) => index), [4, 3, 2])
    t.same(second.rejected.map(({ index }) => index), [1, 0])
    t.equal(second.next, null)
    t.match(first.rejected[0], { errors: [{ path: '/4/message' }], original: '{"id":"r-4","message":"\\u00004"}' })
  })

  await t.test('an item that was mended is stored and leaves the box', async (t) => {
    const [item] = (await box()).rejected

    const response = await post(app, `/rejected/${item?.id}/retry`, { id: 'r-4', message: 'four' }, admin)

    t.equal(response.statusCode, 201)
    t.equal(response.json<Event>().message, 'four')
    t.equal((await get(app, '/events/r-4')).json<Event>().message, 'four')
    t.same((await box()).rejected.map(({ index }) => index), [3, 2, 1, 0])
  })

  await t.test('an item that is as bad as before stays in the box', async (t) => {
    const [item] = (await box()).rejected

    const response = await app.inject({ method: 'POST', url: `/rejected/${item?.id}/retry`, headers: admin })

    t.same(problemFaults(response, 400), [])
    t.same(pathsOf(response), ['/message'])
    t.equal((await box()).rejected.length, 4)
    t.same(app.service.admission.load, { bytes: 0, events: 0 })
  })

  await t.test('a mend in text/plain is 415: it does not mean lines there', async (t) => {
    const [item] = (await box()).rejected

    t.same(problemFaults(await post(app, `/rejected/${item?.id}/retry`, 'mended', { ...TEXT_BODY, ...admin }), 415), [])
  })

  await t.test('an id that is unknown is 404, one that is none 400', async (t) => {
    t.same(problemFaults(await post(app, '/rejected/1/retry', { message: 'x' }, { ...JSON_BODY, ...admin }), 404), [])
    t.same(problemFaults(await post(app, '/rejected/x/retry', { message: 'x' }, { ...JSON_BODY, ...admin }), 400), [])
    t.same(problemFaults(await get(app, '/receipts/1'), 404), [])
    t.same(problemFaults(await get(app, '/receipts/latest'), 400), [])
    t.same(pathsOf(await get(app, '/rejected?limit=0&before=x')), ['limit', 'before'])
  })
})

test('a large body that the store refuses is answered, and no promise of it is left to end the process', async (t) => {
  const app = await buildTestApp(t, { MIN_FREE_BYTES: '900TB' })
  const forgotten: unknown[] = []
  const note = (reason: unknown) => { forgotten.push(reason) }
  process.on('unhandledRejection', note)
  t.teardown(() => process.off('unhandledRejection', note))

  const response = await post(app, '/events', lines(MANY, 'full'), TEXT_BODY)

  t.same(problemFaults(response, 507), [])
  t.equal(response.headers['retry-after'], '5')
  t.same(forgotten, [])
  t.same(app.service.admission.load, { bytes: 0, events: 0 })
})
