import { test, type Test } from 'tap'
import { Admission, type Ticket } from '../../src/ingest/admission.ts'
import type { RawEnvelope } from '../../src/ingest/envelope.ts'
import { IngestMeter } from '../../src/events/ingest-meter.ts'
import { IngestPipeline } from '../../src/pipelines/ingest-pipeline.ts'
import { Intake, type Taken } from '../../src/events/intake.ts'
import { Metrics } from '../../src/metrics/metrics.ts'
import type { Store } from '../../src/store/store.ts'
import { systemClock } from '../../src/core/clock.ts'
import { CooperativeScheduler } from '../../src/core/cooperative-scheduler.ts'
import type { IdentifiedEvent } from '../../src/events/wire-event.ts'
import { buildStore } from '../helper.ts'
import { seriesOf } from '../support/prometheus.ts'
import { until } from '../support/until.ts'

const LIMITS = { maxBodyBytes: 10_000_000, maxBatch: 10_000 }
const NOTHING = { bytes: 0, events: 0 }
const LINES = 'text/plain'

function envelope (contentType: string, more: Partial<RawEnvelope> = {}): RawEnvelope {
  return { contentType, contentEncoding: undefined, idempotencyKey: undefined, stamp: {}, ...more }
}

function lines (count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, (_, n) => `line ${n}`).join('\n'))
}

/** An intake over a store, with what it told as stored. */
function intakeOn (store: Pick<Store, 'append' | 'read'>) {
  const told: IdentifiedEvent[] = []
  const metrics = new Metrics()
  const admission = new Admission({ bytes: 100_000_000, events: 2_000 })
  const intake = new Intake({
    pipeline: new IngestPipeline(systemClock),
    store,
    clock: { now: () => Date.now() },
    scheduler: new CooperativeScheduler(),
    limits: LIMITS,
    meter: new IngestMeter(metrics)
  })
  intake.onStored((events) => { told.push(...events) })
  const take = async (body: Buffer, raw: RawEnvelope): Promise<Taken> => {
    const ticket = admission.enter('t', body.length)
    try {
      return await intake.take({ tokenId: 't', body, envelope: raw }, ticket)
    } finally {
      ticket.leave()
    }
  }
  return { told, metrics, admission, intake, take }
}

/** Another request that has so many events on their way into the store. */
function fill (admission: Admission, events: number): Ticket {
  const ticket = admission.enter('other', 1)
  ticket.receive(1)
  ticket.begin(events)
  return ticket
}

/** What must not be there when the test ends: promises that failed and that nobody waited for. */
function forgotten (t: Test): unknown[] {
  const reasons: unknown[] = []
  const note = (reason: unknown): void => { reasons.push(reason) }
  process.on('unhandledRejection', note)
  t.teardown(() => process.off('unhandledRejection', note))
  return reasons
}

test('taking bodies in', async (t) => {
  const { store } = await buildStore(t)

  await t.test('a body of more events than the queue holds is stored whole and told in order', async (t) => {
    const { told, admission, take } = intakeOn(store)

    const taken = await take(lines(6_000), envelope(LINES))

    t.match(taken, { kind: 'receipt', receipt: { accepted: 6_000, items: [] } })
    t.same(told.map(({ message }) => message), Array.from({ length: 6_000 }, (_, n) => `line ${n}`))
    t.same(told.map(({ id }) => id), told.map(({ id }) => id).toSorted((a, b) => a - b))
    t.same(admission.load, NOTHING)
  })

  await t.test('a receipt lists at most 10,000 items', async (t) => {
    const { take } = intakeOn(store)

    const taken = await take(lines(10_500), envelope(LINES, { items: 'all' }))

    t.match(taken, { receipt: { accepted: 10_500, items: { length: 10_000 } } })
    t.same(taken.kind === 'receipt' && taken.receipt.items.map(({ index }) => index), Array.from({ length: 10_000 }, (_, n) => n))
  })

  await t.test('what was stored before is told to no follower again, by id or by key', async (t) => {
    const { told, take } = intakeOn(store)
    const body = Buffer.from('[{"message":"a","id":"a"},{"message":"b"}]')

    await take(body, envelope('application/json', { idempotencyKey: 'k' }))
    await take(body, envelope('application/json', { idempotencyKey: 'k' }))
    await take(body, envelope('application/json'))

    t.same(told.map(({ message }) => message), ['a', 'b', 'b'])
  })

  await t.test('a client that leaves in the middle of a large body leaves nothing in the queue', async (t) => {
    const { told, admission, intake } = intakeOn(store)
    const body = lines(6_000)
    const ticket = admission.enter('t', body.length)

    const taking = intake.take({ tokenId: 't', body, envelope: envelope(LINES) }, ticket)
    await until(() => told.length > 0)
    ticket.leave()
    await taking

    t.same(admission.load, NOTHING)
  })

  await t.test('a part that fails ends the body with its error, after all parts ended, and none is forgotten', async (t) => {
    const reasons = forgotten(t)
    const { told, admission, take } = intakeOn({
      read: store.read.bind(store),
      append: async (submission) => {
        if (submission.events[0]?.message === 'line 500') throw new Error('the disk said no')
        return store.append(submission)
      }
    })

    await t.rejects(take(lines(6_000), envelope(LINES)), { message: 'the disk said no' })
    const toldThen = told.length
    await new Promise((resolve) => setImmediate(resolve))

    t.equal(told.length, toldThen, 'nothing goes on after the answer')
    t.ok(toldThen < 5_500, 'what was not begun is not stored')
    t.same(reasons, [])
    t.same(admission.load, NOTHING)
  })

  await t.test('a body that finds no room is refused before anything is stored', async (t) => {
    const reasons = forgotten(t)
    const { told, admission, take } = intakeOn(store)
    fill(admission, 1_900)

    await t.rejects(take(lines(6_000), envelope(LINES)), { code: 'overloaded', retryAfterSeconds: 1 })

    t.equal(told.length, 0)
    t.same(reasons, [])
    t.same(admission.load, { bytes: 1, events: 1_900 })
  })

  await t.test('a body that was let in waits when others fill the queue meanwhile, and is stored whole', async (t) => {
    const { told, admission, intake } = intakeOn(store)
    const body = lines(3_000)
    const ticket = admission.enter('t', body.length)
    const other = fill(admission, 2_000)

    const taking = intake.take({ tokenId: 't', body, envelope: envelope(LINES) }, ticket)
    await until(() => told.length > 0)
    await store.read('listRejected', { limit: 1, before: undefined })
    t.equal(told.length, 500, 'the first part goes, the others wait')
    other.leave()

    t.match(await taking, { receipt: { accepted: 3_000 } })
    ticket.leave()
    t.same(admission.load, NOTHING)
  })

  await t.test('a dry run counts what is expected, and no more', async (t) => {
    const { told, admission, intake } = intakeOn(store)
    const body = lines(3_000)
    const ticket = admission.enter('t', body.length)

    const taken = await intake.take({ tokenId: 't', body, envelope: envelope(LINES, { dry: '1' }) }, ticket)

    t.match(taken, { receipt: { receipt: null, accepted: 3_000 } })
    t.same(admission.load, { bytes: body.length, events: Math.ceil(body.length / 256) })
    t.equal(told.length, 0)
  })

  await t.test('in = out + dropped + errors, whatever was sent', async (t) => {
    const { metrics, take, intake, admission } = intakeOn(store)
    const json = envelope('application/json')
    const once = { ...json, idempotencyKey: 'metered' }
    const body = Buffer.from(JSON.stringify([{ message: 'a', id: 'm-1', service: 'api', level: 'error' }, { message: 'a', id: 'm-1', service: 'api', level: 'error' }, { none: 1 }, { message: 'c' }]))

    await take(body, once)
    await take(body, once)
    await take(Buffer.from('{"message":"d","level":"fatal"}'), json)
    await take(Buffer.from('{"message":"e"}'), { ...json, dry: '1' })
    await t.rejects(take(Buffer.from('{"message":'), json))
    await t.rejects(take(Buffer.from('{"message":'), { ...json, dry: '1' }))
    await t.rejects(take(Buffer.from('[{}, {}]'), json))
    await t.rejects(intake.takeDecoded({}, { tokenId: 't' }, fill(admission, 1)))
    await t.rejects(take(Buffer.from(`[${Array.from({ length: 10_000 }, () => '{}').join()}]`), json))

    const series = seriesOf((await metrics.render()).toString())
    const lines = (direction: string) => series.get(`bellwether_pipeline_lines_total{run="ingest",processor="ingest",direction="${direction}"}`)
    const errors = series.get('bellwether_pipeline_errors_total{run="ingest",processor="ingest"}')
    t.same([lines('in'), lines('out'), lines('dropped'), errors], [3 + 1 + 10_005, 3, 1, 10_005])
    t.equal(series.get('bellwether_events_rejected_total{reason="invalid"}'), errors)
    t.same([...series].filter(([name]) => name.startsWith('bellwether_events_ingested_total')), [
      ['bellwether_events_ingested_total{service="api",level="ERROR"}', 1],
      ['bellwether_events_ingested_total{service="(none)",level="INFO"}', 1],
      ['bellwether_events_ingested_total{service="(none)",level="FATAL"}', 1]
    ])
    t.match(Object.fromEntries(series), { 'bellwether_log_severity_total{severity="HIGH"}': 1, 'bellwether_log_severity_total{severity="CRITICAL"}': 1 })
  })
})
