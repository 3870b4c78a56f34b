import { pino } from 'pino'
import { test, type Test } from 'tap'
import type { NewEvent } from '../../schemas/event.ts'
import { Evidence } from '../../src/alerting/evidence.ts'
import { advance, openAlert, type AlertRecord } from '../../src/store/hot/alerts/alert-rows.ts'
import { withReads } from '../../src/store/hot/offline.ts'
import type { Store } from '../../src/store/store.ts'
import { newAlert } from '../contract/given-alerts.ts'
import { newEvent } from '../contract/given.ts'
import { aCompiledRule, MINUTE } from '../rules/support.ts'
import { NOON, openParts } from '../store/support.ts'
import { testFolder } from '../support/test-folder.ts'

const NOW = NOON + 60_000
const RULE = aCompiledRule({ signal: { events: 'service:api' } })
const BUSY = { pid: 7, name: 'node', cpuPercent: 199.98765, rssBytes: 5, startedAt: NOON + 1, parent: { pid: 1, name: 'init' } }

/** Opens a store that holds events, each a second after the one before. */
async function given<T> (t: Test, events: Array<Partial<NewEvent>>, task: (store: Pick<Store, 'read'>) => Promise<T>): Promise<T> {
  const dataDir = testFolder(t)
  const parts = await openParts(t, { dataDir })
  for (const [second, event] of events.entries()) {
    parts.clock.ms = NOON + second * 1_000
    parts.store([newEvent({ time: parts.clock.ms, service: 'api', ...event })])
  }
  return withReads(dataDir, task)
}

function evidenceOf (store: Pick<Store, 'read'>, mostMs?: number): Evidence {
  return new Evidence({ store, sampler: { busiest: async () => [BUSY] }, log: pino({ level: 'silent' }), startedAt: NOON + 30_000, ...(mostMs === undefined ? {} : { mostMs }) })
}

function alerts (count: number): Array<{ alert: AlertRecord, rule: typeof RULE }> {
  return Array.from({ length: count }, (_, index) => {
    const { opened, first } = newAlert(`a${index}`, { at: NOW })
    return { alert: advance(openAlert(opened, first), first), rule: RULE }
  })
}

test('evidence holds events with their meta and without their secrets, and lists what came before, oldest first', async (t) => {
  const meta = JSON.stringify({ user: 'ann', 'x-api-key': 'abc', long: 'x'.repeat(3_000), n: 5 })
  const events = [
    { type: 'DEPLOY', message: 'version 7 with token=abc' }, { type: 'DEPLOY', message: 'version 8' }, { type: 'RESTART', message: 'restarted' },
    { message: 'login with password=hunter2 failed', meta }
  ]
  const body = await given(t, events, async (store) => (await evidenceOf(store).of(alerts(1), NOW)).get('a0'))

  t.match(body, {
    events: [{ message: 'login with password=[redacted] failed' }, {}, {}, {}],
    deploys: [{ message: 'version 7 with token=[redacted]' }, { message: 'version 8' }],
    restarts: [{ message: 'restarted' }, { service: 'bellwether' }],
    processes: [{ pid: 7, cpu_percent: 199.988, started_at: '2026-06-01T12:00:00.000Z', parent: { pid: 1, name: 'init' } }],
    changes: { length: 0 }
  })
  t.same(parseEvents(body)[0]?.['meta'], { user: 'ann', 'x-api-key': '[redacted]', n: 5 })
  t.notOk(body !== undefined && 'missing' in body)
})

test('what is not found in time is left out, and named', async (t) => {
  await given(t, [{ type: 'DEPLOY' }], async (store) => {
    const slow: Pick<Store, 'read'> = { read: (name, args, options) => name === 'newestReceived' ? new Promise(() => {}) : store.read(name, args, options) }
    const broken: Pick<Store, 'read'> = { read: (name, args, options) => name === 'listAudit' ? Promise.reject(new Error('the disk is bad')) : store.read(name, args, options) }

    const late = (await evidenceOf(slow, 500).of(alerts(1), NOW)).get('a0')
    const partly = (await evidenceOf(broken).of(alerts(1), NOW)).get('a0')

    t.same(late?.['missing'], ['events', 'restarts', 'deploys'].map((part) => ({ part, why: 'timeout' })))
    t.same(Object.keys(late ?? {}).toSorted(), ['changes', 'compared', 'missing', 'processes'])
    t.same(partly?.['missing'], [{ part: 'changes', why: 'error' }])
  })
})

test('of more alerts than fifty at one moment the rest gets what is the same for all, and says so', async (t) => {
  const bodies = await given(t, [{}], (store) => evidenceOf(store, MINUTE).of(alerts(51), NOW))

  t.equal(parseEvents(bodies.get('a49')).length, 1)
  t.notOk(bodies.get('a49')?.['missing'])
  t.match(bodies.get('a50'), { events: undefined, processes: [{ pid: 7 }], missing: [{ part: 'events', why: 'too_many_alerts' }] })
})

function parseEvents (body: Record<string, unknown> | undefined): Array<Record<string, unknown>> {
  return body?.['events'] as Array<Record<string, unknown>>
}
