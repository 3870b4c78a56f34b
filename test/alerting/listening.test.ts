import { test } from 'tap'
import type { App } from '../../plugins/app-type.ts'
import { buildTestApp } from '../helper.ts'
import { testFolder } from '../support/test-folder.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const BY = { caller: undefined, from: 'test' }
const HEARTBEAT = { name: 'Backup', signal: { absent: 'service:backup type:DONE' }, levels: { critical: { op: '<' as const, value: 1 } }, window: '26h' }

async function stop (app: App): Promise<void> {
  await app.close()
  await app.service.close()
}

test('a heartbeat of 26 hours is missing 26 hours after it was asked for and no sooner, over a restart too', async (t) => {
  const settings = { DATA_DIR: testFolder(t), EVALUATE_INTERVAL: '1h' }
  const began = Date.now()
  const clock = { time: began, now: () => clock.time }
  let app = await buildTestApp(t, settings, clock)
  const firingAfter = async (ms: number): Promise<number> => {
    clock.time = began + ms
    await app.service.evaluator.evaluateNow()
    return app.service.alerts.firingSince(began).length
  }

  t.equal(await firingAfter(HOUR), 0)
  const { id } = await app.service.rules.create(HEARTBEAT, BY)
  t.same([await firingAfter(HOUR + 11 * MINUTE), await firingAfter(13 * HOUR)], [0, 0])
  await app.service.rules.patch(id, { name: 'Backup of the night', window: '26h' }, BY)
  await stop(app)
  clock.time += 5 * MINUTE
  app = await buildTestApp(t, settings, clock)
  t.same([await firingAfter(13 * HOUR + 16 * MINUTE), await firingAfter(27 * HOUR - 1)], [0, 0])
  t.equal(await firingAfter(27 * HOUR), 1)
})
