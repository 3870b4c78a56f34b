import { test } from 'tap'
import type { Event } from '../../schemas/event.ts'
import type { TokenCaller } from '../../schemas/token.ts'
import { Audit } from '../../src/access/audit.ts'
import { isoTime, systemClock } from '../../src/core/clock.ts'
import { CooperativeScheduler } from '../../src/core/cooperative-scheduler.ts'
import { csvHead, csvRow } from '../../src/events/csv.ts'
import { IngestMeter } from '../../src/events/ingest-meter.ts'
import { IngestPipeline } from '../../src/pipelines/ingest-pipeline.ts'
import { Intake } from '../../src/events/intake.ts'
import { RejectBox } from '../../src/events/reject-box.ts'
import { type IdentifiedEvent, wireEvent } from '../../src/events/wire-event.ts'
import { Admission } from '../../src/ingest/admission.ts'
import { Metrics } from '../../src/metrics/metrics.ts'
import { buildStore } from '../helper.ts'

function event (message: string, more: Partial<Event> = {}): Event {
  return {
    id: '1',
    time: 'T',
    received_at: 'R',
    level: 'INFO',
    severity: 'LOW',
    service: null,
    type: null,
    host: null,
    trace_id: null,
    message,
    meta: {},
    pattern_id: null,
    anomaly: { score: 0, flagged: false, reasons: [] },
    ...more
  }
}

test('a row has the columns that the head names, and ends as RFC 4180 says', async (t) => {
  t.equal(csvHead(), 'id,time,received_at,level,severity,service,type,host,trace_id,message,pattern_id,meta\r\n')
  t.equal(csvRow(event('hello', { service: 'api', trace_id: 'abc' })), '1,T,R,INFO,LOW,api,,,abc,hello,,{}\r\n')
})

const cells: ReadonlyArray<[message: string, cell: string]> = [
  ['plain', 'plain'],
  ['', ''],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
  ['a\r', '"a\r"'],
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@sum', "'@sum"],
  ['\tx', "'\tx"],
  ['\rx', '"\'\rx"'],
  ['=a,"b"', '"\'=a,""b"""'],
  ['a=b', 'a=b'],
  [' =b', ' =b']
]
for (const [message, cell] of cells) {
  test(`the text ${JSON.stringify(message)} is written so that it is read back and not run`, async (t) => {
    t.equal(csvRow(event(message)), `1,T,R,INFO,LOW,,,,,${cell},,{}\r\n`)
  })
}

test('every column that a sender fills is made safe', async (t) => {
  const hostile = '=cmd()'
  const row = csvRow(event(hostile, { id: hostile, service: hostile, type: hostile, host: hostile, trace_id: hostile, pattern_id: hostile }))

  t.equal(row, "'=cmd(),T,R,INFO,LOW,'=cmd(),'=cmd(),'=cmd(),'=cmd(),'=cmd(),'=cmd(),{}\r\n")
})

test('meta is one cell of JSON', async (t) => {
  t.equal(csvRow(event('m', { meta: { a: [1, 'x'] } })), '1,T,R,INFO,LOW,,,,,m,,"{""a"":[1,""x""]}"\r\n')
})

const RECEIVED = Date.UTC(2026, 0, 2, 3, 4, 5, 6)

function identified (more: Partial<IdentifiedEvent> = {}): IdentifiedEvent {
  return {
    id: RECEIVED * 1024 + 77,
    receivedAt: RECEIVED,
    time: Date.UTC(2026, 0, 1),
    level: 'WARN',
    severity: 'MEDIUM',
    service: 'api',
    type: null,
    host: null,
    traceId: 't1',
    clientId: null,
    message: 'm',
    meta: null,
    patternId: null,
    anomaly: null,
    ...more
  }
}

test('an event is answered with its own id or its row id, and when it was received', async (t) => {
  t.equal(wireEvent(identified()).id, String(RECEIVED * 1024 + 77))
  t.equal(wireEvent(identified({ clientId: 'mine' })).id, 'mine')
  t.equal(wireEvent(identified()).received_at, '2026-01-02T03:04:05.006Z')
})

test('every field of an answer is there, with the names of the interface', async (t) => {
  t.same(wireEvent(identified()), {
    id: String(RECEIVED * 1024 + 77),
    time: '2026-01-01T00:00:00.000Z',
    received_at: '2026-01-02T03:04:05.006Z',
    level: 'WARN',
    severity: 'MEDIUM',
    service: 'api',
    type: null,
    host: null,
    trace_id: 't1',
    message: 'm',
    meta: {},
    pattern_id: null,
    anomaly: { score: 0, flagged: false, reasons: [] }
  })
})

test('an anomaly is flagged from a score of 1 on', async (t) => {
  for (const [anomaly, flagged] of [[0, false], [0.99, false], [1, true], [7, true]] as const) {
    t.same(wireEvent(identified({ anomaly })).anomaly, { score: anomaly, flagged, reasons: [] })
  }
})

test('meta keeps numbers that a double would change', async (t) => {
  const text = '{"n":12345678901234567890,"__proto__":1}'

  t.equal(JSON.stringify(wireEvent(identified({ meta: text })).meta), text)
})

test('times are ISO 8601 in UTC', async (t) => {
  t.equal(isoTime(0), '1970-01-01T00:00:00.000Z')
})

const CALLER: TokenCaller = { kind: 'token', id: 't', tokenId: 't', name: 'mender', scopes: ['admin'] }
const BY = { caller: CALLER, from: '192.0.2.1' }

test('trying again what was refused', async (t) => {
  const { store } = await buildStore(t)
  const audit = new Audit({ store, clock: systemClock })
  const admission = new Admission({ bytes: 1_000, events: 10 })
  const intake = new Intake({
    pipeline: new IngestPipeline(systemClock),
    store,
    clock: { now: () => Date.now() },
    scheduler: new CooperativeScheduler(),
    limits: { maxBodyBytes: 1_000, maxBatch: 10 },
    meter: new IngestMeter(new Metrics())
  })
  const box = new RejectBox({ store, intake, admission, audit })
  const refuse = async (...originals: string[]) => store.append({
    tokenId: 't',
    events: [],
    indexes: [],
    rejections: originals.map((original, index) => ({ index, faults: [{ path: `/${index}`, message: 'bad' }], original }))
  })
  const newest = async () => (await box.list({ limit: 1 })).rejected[0]?.id ?? 'none'

  await t.test('an item that is good by now is stored as it was sent', async (t) => {
    await refuse('{"message":"good by now","id":"g"}')

    const id = await newest()
    t.match(await box.retry(id, undefined, BY), { id: 'g', message: 'good by now' })
    t.match((await audit.list({})).entries, [{ action: 'rejected.retry', actor: { id: 't' }, from: '192.0.2.1', target: id, detail: { event: 'g' } }])
    t.same((await box.list({})).rejected, [])
    await t.rejects(box.retry('1', undefined, BY), { code: 'not_found' })
  })

  await t.test('an item that is no JSON must be mended first', async (t) => {
    await refuse('a line of text')
    const id = await newest()

    await t.rejects(box.retry(id, undefined, BY), { code: 'invalid', message: /not JSON/ })
    t.match(await box.retry(id, { message: 'mended' }, BY), { message: 'mended' })
    t.same(admission.load, { bytes: 0, events: 0 })
  })

  await t.test('a retry waits its turn like any other body, and the item stays', async (t) => {
    await refuse('{"message":"later"}')
    const other = admission.enter('other', 1_000)
    other.receive(1_000)

    await t.rejects(box.retry(await newest(), undefined, BY), { code: 'overloaded' })
    other.leave()

    t.match(await box.retry(await newest(), undefined, BY), { message: 'later' })
    t.same(admission.load, { bytes: 0, events: 0 })
  })

  await t.test('pages meet at their ends', async (t) => {
    await refuse('1', '2', '3', '4')
    const first = await box.list({ limit: 2 })
    const second = await box.list({ limit: 2, before: first.next ?? '' })
    const third = await box.list({ limit: 2, before: second.next ?? '' })

    t.same([...first.rejected, ...second.rejected, ...third.rejected].map(({ original }) => original), ['4', '3', '2', '1'])
    t.equal(third.next, null)
    t.match(first.rejected[0], { errors: [{ path: '/3', message: 'bad' }], receipt: null, received_at: /^20\d\d-/ })
  })

  await t.test('a receipt that is not there is not found', async (t) => {
    await t.rejects(box.receipt('1'), { code: 'not_found', message: 'no receipt has the id "1"' })
  })
})
