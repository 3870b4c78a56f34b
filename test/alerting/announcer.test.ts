import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { test, type Test } from 'tap'
import type { AlertsPage } from '../../schemas/alert.ts'
import { post } from '../plugins/support.ts'
import { BUSY, makeRule, world, type World } from '../plugins/world.ts'
import { testFolder } from '../support/test-folder.ts'

const QUEUES = 100
/** Neither among the first that are stored together nor among the last. */
const JAMMED = 'queue-77'

/** Has the store refuse the alert of one queue, until the function that it returns is called. */
function jam (dataDir: string): () => void {
  const change = (sql: string): void => {
    const raw = new SqliteDatabase(join(dataDir, 'bellwether.db'))
    raw.exec(sql)
    raw.close()
  }
  change(`CREATE TRIGGER jam BEFORE INSERT ON alerts WHEN NEW.labels LIKE '%"${JAMMED}"%' BEGIN SELECT RAISE(ABORT, 'jammed'); END`)
  return () => change('DROP TRIGGER jam')
}

async function fillAll ({ app, clock }: World, value: number): Promise<void> {
  clock.time += 1_000
  const time = new Date(clock.time).toISOString()
  await post(app, '/samples', Array.from({ length: QUEUES }, (_, n) => ({ name: 'queue_length', value, labels: { queue: `queue-${n}` }, time })))
}

async function firing ({ ask }: World): Promise<number> {
  return (await ask('GET', '/alerts?state=firing&limit=1000')).json<AlertsPage>().alerts.length
}

async function jammed (t: Test): Promise<{ all: World, free: () => void }> {
  const dataDir = testFolder(t)
  const all = await world(t, { DATA_DIR: dataDir })
  await makeRule(all, { ...BUSY, levels: { critical: { op: '>', value: 10 } } })
  return { all, free: jam(dataDir) }
}

test('a storm that broke off in the middle of being stored is finished by the next evaluation: all are told, each once', async (t) => {
  const { all, free } = await jammed(t)
  await fillAll(all, 50)

  await t.rejects(all.app.service.evaluator.evaluateNow(), /jammed/)
  const stored = await firing(all)
  t.ok(stored > 0 && stored < QUEUES, `${stored} were stored before`)
  free()
  await fillAll(all, 50)
  await all.app.service.evaluator.evaluateNow()
  await fillAll(all, 1)
  await all.app.service.evaluator.evaluateNow()

  const notices = await all.arrived(2 * QUEUES)
  const told = notices.map(({ type, labels }) => `${type} ${labels['queue']}`)
  t.equal(told.length, 2 * QUEUES)
  t.equal(new Set(told).size, 2 * QUEUES)
  t.equal(new Set(notices.map(({ alert_id: id }) => id)).size, QUEUES)
  t.ok(notices.every(({ evidence }) => 'compared' in evidence), 'also the end is told with what was frozen at the beginning')
})

test('what sets timers is stored whole or not at all, since the next evaluation would set them once more', async (t) => {
  const { all, free } = await jammed(t)
  all.clock.time += 10 * 3_600_000
  await fillAll(all, 50)

  await t.rejects(all.app.service.evaluator.evaluateNow(), /jammed/)

  t.equal(await firing(all), 0)
  free()
})
