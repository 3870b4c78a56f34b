import { test } from 'tap'
import type { ReplayAnswer } from '../../schemas/replay.ts'
import { buildTestApp } from '../helper.ts'
import { pathsOf, post } from './support.ts'
import { makeRule, world } from './world.ts'

const RULE = { name: 'Errors', signal: { events: 'level>=error' }, levels: { critical: { op: '>=', value: 1 } } }

test('a rule is replayed over what was received, and compared when it has the id of a rule', async (t) => {
  const app = await buildTestApp(t)
  await post(app, '/events', { message: 'it burns', level: 'error' })

  const answer = await post(app, '/rules/replay', { rule: { ...RULE, id: 'builtin-error-burst' }, from: '-1h', sweep: { level: 'critical', values: [1, 5] } })

  t.equal(answer.statusCode, 200)
  t.match(answer.json<ReplayAnswer>(), { step_ms: 10_000, pages: Number, sweep: [{ value: 1 }, { value: 5, firings: 0 }], compared: { removed: 0, acked_removed: 0 } })
})

test('a query that may mean something else is hinted at', async (t) => {
  const all = await world(t)
  const hinted = { hints: [/^\/signal\/events column 9: "or" .*OR/] }
  const rule = { ...RULE, window: '2h', signal: { events: 'timeout or refused' } }

  const made = await makeRule(all, rule)

  t.match(made, hinted)
  t.match((await all.ask('GET', `/rules/${made.id}`)).json(), hinted)
  t.match((await all.ask('POST', '/rules/replay', { rule })).json(), hinted)
  t.notOk('hints' in (await all.ask('POST', '/rules/replay', { rule: { ...RULE, window: '2h' } })).json<ReplayAnswer>())
})

test('a bad rule is refused with the places in the request', async (t) => {
  const app = await buildTestApp(t)

  const faulty = await post(app, '/rules/replay', { rule: { ...RULE, for: '99d', aggregate: 'avg' } })
  const sweep = await post(app, '/rules/replay', { rule: RULE, from: '-1h', sweep: { level: 'warning', values: [1] } })
  const long = await post(app, '/rules/replay', { rule: RULE, from: '-1h', sweep: { for: ['30d', '31d'] } })
  const range = await post(app, '/rules/replay', { rule: RULE, from: 'then' })
  const unknown = await post(app, '/rules/replay', { rule: 'gone' })

  t.equal(faulty.statusCode, 400)
  t.same(pathsOf(faulty), ['/rule/for', '/rule/aggregate'])
  t.same(pathsOf(sweep), ['/sweep/level'], 'the rule has no such level')
  t.same(pathsOf(range), ['/from'])
  t.same(pathsOf(long), ['/sweep/for/1'])
  t.equal(unknown.statusCode, 404)
})
