import { test } from 'tap'
import type { Told } from '../../schemas/alert-state.ts'
import type { MuteTarget } from '../../schemas/alert.ts'
import type { Labels, NewRule } from '../../schemas/rule.ts'
import { AppError } from '../../src/core/errors.ts'
import { compileTarget, isServed, subjectOf, type MutableAlert, type Mute } from '../../src/rules/mutes.ts'
import { dependencyCircle } from '../../src/rules/dependencies.ts'
import { NOTHING_TOLD, planFiring, planResolved, type Circumstances, type Plan } from '../../src/rules/suppress.ts'
import { aCompiledRule, aRule, MINUTE, START } from './support.ts'

const RULE = aRule({
  levels: { warning: { op: '>', value: 80, channels: ['chat'] }, critical: { op: '>', value: 95 } },
  channels: ['pager'],
  depends_on: ['uplink']
})
const WARNING: MutableAlert = { ruleId: 'r1', ruleName: 'Heat in the hall', level: 'warning', labels: { host: 'db-7', mount: '/data' }, about: undefined }
const CRITICAL: MutableAlert = { ...WARNING, level: 'critical' }
const CALM: Circumstances = { mutes: [], acknowledgement: undefined, firing: [], now: START }

function aMute (changes: Partial<Mute> = {}): Mute {
  return { kind: 'silence', id: 's1', isAbout: () => true, from: START, until: START + MINUTE, ...changes }
}

function lines ({ notices }: Plan): string[] {
  return notices.map(({ channel, type }) => `${channel} ${type}`)
}

test('a level has its own channels, or those of the rule', async (t) => {
  t.same(lines(planFiring(RULE, WARNING, NOTHING_TOLD, CALM)), ['chat alert.firing'])
  t.same(lines(planFiring(RULE, CRITICAL, NOTHING_TOLD, CALM)), ['pager alert.firing'])
})

test('a channel is told once, and once more when it gets worse', async (t) => {
  const first = planFiring(RULE, WARNING, NOTHING_TOLD, CALM)
  const worse = planFiring(RULE, CRITICAL, first.told, CALM)

  t.same(lines(planFiring(RULE, WARNING, first.told, CALM)), [])
  t.same(lines(worse), ['pager alert.firing', 'chat alert.escalated'])
  t.same(lines(planFiring(RULE, WARNING, worse.told, CALM)), [], 'eased')
  t.same(planResolved(worse.told).map(({ channel, type }) => `${channel} ${type}`), ['chat alert.resolved', 'pager alert.resolved'])
})

test('channels may have any name', async (t) => {
  const rule = aRule({ channels: ['constructor', 'toString'] })

  t.same(lines(planFiring(rule, CRITICAL, NOTHING_TOLD, CALM)), ['constructor alert.firing', 'toString alert.firing'])
})

const holders: Record<string, { circumstances: Partial<Circumstances>, held: string[] }> = {
  'a silence': { circumstances: { mutes: [aMute()] }, held: ['silence s1 1'] },
  'a silence about something else does not': { circumstances: { mutes: [aMute({ isAbout: () => false })] }, held: [] },
  'a silence that is over does not': { circumstances: { mutes: [aMute({ until: START })] }, held: [] },
  'a silence until it has recovered': { circumstances: { mutes: [aMute({ until: null })] }, held: ['silence s1 1'] },
  'a maintenance that has not begun does not': { circumstances: { mutes: [aMute({ kind: 'maintenance', from: START + 1 })] }, held: [] },
  'a maintenance and a silence, each': {
    circumstances: { mutes: [aMute(), aMute({ kind: 'maintenance', id: 'm1' })] }, held: ['silence s1 1', 'maintenance m1 1']
  },
  'an acknowledgement': { circumstances: { acknowledgement: { id: 'a1', level: 'warning', until: null } }, held: ['acknowledgement a1 1'] },
  'an acknowledgement that ended does not': { circumstances: { acknowledgement: { id: 'a1', level: 'warning', until: START } }, held: [] },
  'a rule that it depends on': { circumstances: { firing: [{ ruleId: 'uplink', labels: { host: 'db-7', x: 'y' }, isDraft: false }] }, held: ['dependency uplink 1'] },
  'a rule that it depends on, firing for another host, does not': { circumstances: { firing: [{ ruleId: 'uplink', labels: { host: 'db-8' }, isDraft: false }] }, held: [] },
  'a rule that it depends on, a draft, does not': { circumstances: { firing: [{ ruleId: 'uplink', labels: {}, isDraft: true }] }, held: [] },
  'another rule does not': { circumstances: { firing: [{ ruleId: 'other', labels: {}, isDraft: false }] }, held: [] }
}

for (const [title, { circumstances, held }] of Object.entries(holders)) {
  test(`what holds back a notice: ${title}`, async (t) => {
    const plan = planFiring(RULE, WARNING, NOTHING_TOLD, { ...CALM, ...circumstances })

    t.same(plan.held.map(({ kind, id, count }) => `${kind} ${id} ${count}`), held)
    t.equal(plan.notices.length, held.length === 0 ? 1 : 0)
  })
}

test('each notice that is held back is counted once, however often it is asked for', async (t) => {
  const rule = aRule({ channels: ['a', 'b'] })
  const silenced: Circumstances = { ...CALM, mutes: [aMute()] }
  const first = planFiring(rule, CRITICAL, NOTHING_TOLD, silenced)

  const again = planFiring(rule, CRITICAL, first.told, silenced)

  t.match(first.held, [{ id: 's1', count: 2 }])
  t.same(again, { notices: [], held: [], told: first.told })
})

test('an alert that outlasts its silence is announced when that ends', async (t) => {
  const silenced = planFiring(RULE, WARNING, NOTHING_TOLD, { ...CALM, mutes: [aMute()] })

  const after = planFiring(RULE, WARNING, silenced.told, { ...CALM, mutes: [aMute()], now: START + MINUTE })

  t.same(lines(after), ['chat alert.firing'])
})

test('an acknowledged warning that becomes critical is announced', async (t) => {
  const acknowledgement = { id: 'a1', level: 'warning', until: null } as const

  t.same(lines(planFiring(RULE, CRITICAL, NOTHING_TOLD, { ...CALM, acknowledgement })), ['pager alert.firing'])
})

test('nobody is told that an alert is over which nobody was told of', async (t) => {
  const { told } = planFiring(RULE, WARNING, NOTHING_TOLD, { ...CALM, mutes: [aMute()] })

  t.same(planResolved(told), [])
})

test('a draft is never announced, and holding it back is not counted', async (t) => {
  const plan = planFiring({ ...RULE, draft: true }, WARNING, NOTHING_TOLD, { ...CALM, mutes: [aMute()] })

  t.same(plan, { notices: [], held: [], told: NOTHING_TOLD })
})

test('an alert that was announced before its rule became a draft is resolved for who knows of it', async (t) => {
  const { told } = planFiring(RULE, WARNING, NOTHING_TOLD, CALM)

  t.same(lines(planFiring({ ...RULE, draft: true }, CRITICAL, told, CALM)), [])
  t.same(planResolved(told), [{ channel: 'chat', type: 'alert.resolved' }])
})

test('what was told survives being stored', async (t) => {
  const { told } = planFiring(aRule({ channels: ['__proto__', 'a'] }), CRITICAL, NOTHING_TOLD, CALM)
  const stored: Told = JSON.parse(JSON.stringify(told))

  t.same(lines(planFiring(aRule({ channels: ['__proto__', 'a'] }), CRITICAL, stored, CALM)), [])
})

const targets: Array<[target: MuteTarget, isAbout: boolean]> = [
  [{}, true],
  [{ rule: 'r1' }, true],
  [{ rule: 'r2' }, false],
  [{ labels: { host: 'db-7' } }, true],
  [{ labels: { host: 'db-7', mount: '/' } }, false],
  [{ labels: { constructor: 'x' } }, false],
  [{ query: 'host:db-7 meta.mount:/data' }, true],
  [{ query: 'host:db-7 -meta.mount:/data' }, false],
  [{ query: 'heat' }, true],
  [{ query: 'level>=error' }, false],
  [{ query: 'severity:medium' }, true],
  [{ query: 'service:*' }, false],
  [{ rule: 'r1', query: 'heat', labels: { mount: '/data' } }, true],
  [{ rule: 'r1', query: 'cold' }, false]
]

test('a target is about an alert when each of its members fits', async (t) => {
  for (const [target, isAbout] of targets) t.equal(compileTarget(target)(WARNING), isAbout, JSON.stringify(target))
  t.ok(compileTarget({ query: 'level:error severity:critical' })(CRITICAL))
})

const ERRORS = { signal: { events: 'service:api level>=error -type:AUDIT' } }
const implied: Array<[rule: Partial<NewRule>, labels: Labels, target: MuteTarget, isAbout: boolean]> = [
  [ERRORS, {}, { query: 'service:api level>=error -type:AUDIT' }, true],
  [ERRORS, {}, { query: '-type:AUDIT  level>=ERR AND service:"api"' }, true],
  [ERRORS, {}, { query: 'service:api' }, true],
  [ERRORS, {}, { query: 'service:api,web' }, true],
  [ERRORS, {}, { labels: { service: 'api' } }, true],
  [ERRORS, {}, { query: 'level>=warn' }, true],
  [ERRORS, {}, { query: 'level>=error -service:api' }, false],
  [ERRORS, {}, { query: 'service:api level>=fatal' }, false],
  [ERRORS, {}, { query: 'service:api level>=error host:db-7' }, false],
  [{ ...ERRORS, group_by: ['host'] }, { host: 'db-7' }, { query: 'service:api level>=error host:db-7' }, true],
  [{ ...ERRORS, group_by: ['host'] }, { host: 'db-8' }, { query: 'service:api level>=error host:db-7' }, false],
  [{ ...ERRORS, group_by: ['meta.queue', 'level'] }, { 'meta.queue': 'mail', level: 'FATAL' }, { query: 'meta.queue:mail level:fatal' }, true],
  [{ ...ERRORS, group_by: ['meta.queue'] }, { 'meta.queue': 'mail' }, { labels: { 'meta.queue': 'mail' } }, true],
  [{ ...ERRORS, group_by: ['host'] }, { host: '' }, { query: 'host:*' }, false],
  [{ signal: { absent: 'service:backup type:DONE' }, levels: { warning: { op: '<', value: 1 } } }, {}, { query: 'service:backup' }, true],
  [{ signal: { ratio: { good: 'service:api type:HTTP -level>=error', total: 'service:api type:HTTP' }, objective: 0.99, windows: ['1h', '5m'] } }, {}, { query: 'type:HTTP' }, true],
  [{ signal: { ratio: { good: 'service:api type:HTTP -level>=error', total: 'service:api type:HTTP' }, objective: 0.99, windows: ['1h', '5m'] } }, {}, { query: 'level:info' }, false],
  [{ signal: { metric: 'queue_length', labels: { queue: 'mail' } } }, {}, { labels: { queue: 'mail' } }, true],
  [{ signal: { metric: 'queue_length', labels: { queue: 'mail' } } }, {}, { query: 'meta.queue:print' }, false]
]

test('a target is about an alert when the query, series or group of its rule implies it', async (t) => {
  for (const [changes, labels, target, isAbout] of implied) {
    const rule = aCompiledRule(changes)
    const alert: MutableAlert = { ruleId: 'r1', ruleName: rule.rule.name, level: 'warning', labels, about: subjectOf(rule, labels) }

    t.equal(compileTarget(target)(alert), isAbout, JSON.stringify([changes, labels, target]))
  }
})

test('a query that cannot be read is refused with its place', async (t) => {
  t.throws(() => compileTarget({ query: 'host=' }), AppError)
})

test('a mute has served when its time is over, or when nothing that it is about fires', async (t) => {
  t.equal(isServed(aMute(), [], START), false)
  t.equal(isServed(aMute(), [WARNING], START + MINUTE), true)
  t.equal(isServed(aMute({ until: null }), [WARNING], START + MINUTE), false)
  t.equal(isServed(aMute({ until: null, isAbout: () => false }), [WARNING], START), true)
})

test('rules that depend on each other in a circle are found', async (t) => {
  const rule = (id: string, ...ids: string[]) => aRule({ depends_on: ids }, id)

  t.equal(dependencyCircle([rule('a', 'b', 'c'), rule('b', 'c'), rule('c', 'gone'), aRule({}, 'd')]), undefined)
  t.same(dependencyCircle([rule('x', 'a'), rule('a', 'b'), rule('b', 'c'), rule('c', 'a')]), ['a', 'b', 'c', 'a'])
})

const PATIENT = aRule({
  levels: { warning: { op: '>', value: 80 }, critical: { op: '>', value: 95 } },
  channels: ['chat'],
  renotify: '30m',
  escalate: { after: '10m', channels: ['boss', 'chat'] }
})
const later = (minutes: number, changes: Partial<Circumstances> = {}): Circumstances => ({ ...CALM, now: START + minutes * MINUTE, ...changes })
const seenBySomebody = { acknowledgement: { id: 'a1', level: 'critical' as const, until: null } }

test('others are told as well when nobody has acknowledged in time, once', async (t) => {
  const first = planFiring(PATIENT, WARNING, NOTHING_TOLD, CALM)
  const early = planFiring(PATIENT, WARNING, first.told, later(9.9))
  const unanswered = planFiring(PATIENT, WARNING, first.told, later(10))
  const next = planFiring(PATIENT, WARNING, unanswered.told, later(11))

  t.same([lines(first), lines(early), lines(unanswered), lines(next)], [['chat alert.firing'], [], ['boss alert.escalated'], []])
  t.equal(unanswered.again, 'unanswered')
  t.same(planResolved(unanswered.told).map(({ channel }) => channel), ['chat', 'boss'])
})

test('whoever was told is reminded as long as nobody acknowledges', async (t) => {
  const told: Told = { announced: { chat: 'warning', boss: 'warning' }, held: {}, newsAt: START, lastAt: START + 10 * MINUTE }
  const early = planFiring(PATIENT, WARNING, told, later(39.9))
  const reminded = planFiring(PATIENT, WARNING, told, later(40))

  t.same([lines(early), lines(reminded)], [[], ['chat alert.firing', 'boss alert.firing']])
  t.equal(reminded.again, 'reminded')
  t.same(lines(planFiring(PATIENT, WARNING, reminded.told, later(69.9))), [])
  t.same(lines(planFiring(PATIENT, WARNING, reminded.told, later(70))), ['chat alert.firing', 'boss alert.firing'])
})

test('what was acknowledged is neither told again nor told to others, until it gets worse', async (t) => {
  const { told } = planFiring(PATIENT, WARNING, NOTHING_TOLD, CALM)
  const ofWarning = { acknowledgement: { id: 'a1', level: 'warning' as const, until: null } }

  t.same(planFiring(PATIENT, WARNING, told, later(300, seenBySomebody)), { notices: [], held: [], told })
  const worse = planFiring(PATIENT, CRITICAL, told, later(300, ofWarning))
  t.same(lines(worse), ['chat alert.escalated'])
  t.same(lines(planFiring(PATIENT, CRITICAL, worse.told, later(309.9, ofWarning))), [])
  t.same(lines(planFiring(PATIENT, CRITICAL, worse.told, later(310, ofWarning))), ['boss alert.escalated'])
})

test('a reminder that a silence holds back counts each time that it would have come', async (t) => {
  const rule = aRule({ channels: ['chat'], renotify: '30m' })
  const { told } = planFiring(rule, WARNING, NOTHING_TOLD, CALM)
  const silenced = { mutes: [aMute({ until: null })] }
  const counts: number[] = []
  let present = told
  for (const minutes of [10, 30, 31, 60, 61]) {
    const plan = planFiring(rule, WARNING, present, later(minutes, silenced))
    counts.push(plan.held[0]?.count ?? 0)
    present = plan.told
  }

  t.same(counts, [0, 1, 0, 1, 0])
})

test('nobody is told more of an alert of which nobody was told yet', async (t) => {
  const silenced = { mutes: [aMute({ until: null })] }
  const held = planFiring(PATIENT, WARNING, NOTHING_TOLD, later(0, silenced))
  const after = planFiring(PATIENT, WARNING, held.told, later(90))

  t.same(lines(after), ['chat alert.firing'])
  t.equal(after.again, undefined)
})
