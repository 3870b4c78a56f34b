import { pino } from 'pino'
import { test } from 'tap'
import type { AlertState } from '../../schemas/alert-state.ts'
import type { NoticeBody } from '../../schemas/notice.ts'
import type { NewRule } from '../../schemas/rule.ts'
import { MissedTicks } from '../../src/alerting/missed-ticks.ts'
import { compileRule, completeRule } from '../../src/rules/compile.ts'
import { applyChanges } from '../../src/rules/evaluate.ts'
import { appendAll, newEvent } from '../contract/given.ts'
import { buildStore, buildTestApp } from '../helper.ts'
import { Receiver } from '../notify/receiver.ts'
import { post } from '../plugins/support.ts'
import { testFolder } from '../support/test-folder.ts'

const INTERVAL = 1_000
const TEN_MINUTES = 600_000
const BURST: NewRule = { name: 'burst', signal: { events: 'level>=error' }, window: '1m', levels: { critical: { op: '>=', value: 3 } } }

const cases: ReadonlyArray<[title: string, rule: Partial<NewRule>, transitions: string[]]> = [
  ['too many events fire', {}, ['firing']],
  ['those of a group fire for it', { group_by: ['service'] }, ['firing']],
  ['what has to last a while fires, as long as its window holds', { for: '30s' }, ['pending', 'firing']],
  ['what has to last longer than the window does not', { for: '1m' }, ['pending', 'inactive']],
  ['too few to fire do not', { levels: { critical: { op: '>=', value: 4 } } }, []],
  ['a window that reaches over the gap is left to the evaluation after it', { window: '1h' }, []],
  ['a rule that is switched off does nothing', { enabled: false }, []],
  ['too few events are the work of our own silence', { levels: { critical: { op: '<', value: 1 } } }, []],
  ['so is an absence', { signal: { absent: 'service:heart' }, levels: { critical: { op: '<', value: 1 } } }, []],
  ['and so is a series without data', { signal: { metric: 'heat' }, no_data: 'alert' }, []]
]

test('of what was acknowledged just before a gap longer than the window', async (t) => {
  const from = Date.now() - 1
  const { store } = await buildStore(t)
  await appendAll(store, [Array.from({ length: 3 }, () => newEvent({ level: 'ERROR', service: 'api', time: from }))])

  for (const [title, changes, expected] of cases) {
    await t.test(title, async (t) => {
      const states = new Map<string, Map<string, AlertState>>()
      const missed = new MissedTicks({ store, log: pino({ level: 'silent' }), book: { states }, intervalMs: INTERVAL, timeoutMs: 60_000 })
      const rule = compileRule(completeRule('r', { ...BURST, ...changes }), { intervalMs: INTERVAL })
      const seen: string[] = []

      for await (const { at, changes } of missed.judge([rule], { from, to: from + TEN_MINUTES })) {
        t.ok(at > from && at < from + TEN_MINUTES && at % INTERVAL === 0)
        applyChanges(states, changes)
        seen.push(...changes.flatMap(({ transition }) => transition === undefined ? [] : [transition.to]))
      }

      t.same(seen, expected)
    })
  }
})

test('where nothing was received since the last evaluation, nothing was missed', async (t) => {
  const { store } = await buildStore(t)
  await appendAll(store, [Array.from({ length: 3 }, () => newEvent({ level: 'ERROR' }))])
  const missed = new MissedTicks({ store, log: pino({ level: 'silent' }), book: { states: new Map() }, intervalMs: INTERVAL, timeoutMs: 60_000 })
  const from = Date.now() + INTERVAL

  const ticks = missed.judge([compileRule(completeRule('r', BURST), { intervalMs: INTERVAL })], { from, to: from + TEN_MINUTES })

  t.same(await Array.fromAsync(ticks), [])
})

test('what was acknowledged just before a stop longer than the window is told at the next start, and that it is late', async (t) => {
  const hour = 3_600_000
  const receiver = await Receiver.open(t)
  const dataDir = testFolder(t, { 'bellwether.yaml': JSON.stringify({ rules: [{ id: 'burst', ...BURST, window: '1h' }] }) })
  const settings = { DATA_DIR: dataDir, CONFIG_FILE: `${dataDir}/bellwether.yaml`, EVALUATE_INTERVAL: '1h', WEBHOOK_URL: receiver.url, WEBHOOK_ALLOW: '127.0.0.1' }
  const before = await buildTestApp(t, settings)
  await post(before, '/events', Array.from({ length: 3 }, (_, n) => ({ message: `last words ${n}`, level: 'ERROR' })))
  await before.service.close()

  await buildTestApp(t, settings, { now: () => Date.now() + 2 * hour })
  await receiver.until(1)

  const [fired] = receiver.received.map(({ body }) => JSON.parse(body) as NoticeBody)
  const begun = Date.now() - Date.now() % hour
  t.match(fired, { type: 'alert.firing', value: 3, late: { from: new Date(begun).toISOString(), to: new Date(begun + 2 * hour).toISOString() } })
  t.equal(fired?.started_at, new Date(begun + hour).toISOString(), 'when it would have fired')
})
