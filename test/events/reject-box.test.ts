import { test } from 'tap'
import type { TokenCaller } from '../../schemas/token.ts'
import { Audit } from '../../src/access/audit.ts'
import { systemClock } from '../../src/core/clock.ts'
import { Admission } from '../../src/ingest/admission.ts'
import { IngestMeter } from '../../src/events/ingest-meter.ts'
import { IngestPipeline } from '../../src/pipelines/ingest-pipeline.ts'
import { Intake } from '../../src/events/intake.ts'
import { Metrics } from '../../src/metrics/metrics.ts'
import { RejectBox } from '../../src/events/reject-box.ts'
import { CooperativeScheduler } from '../../src/core/cooperative-scheduler.ts'
import { buildStore } from '../helper.ts'

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
