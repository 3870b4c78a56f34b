import type { AlertState, Told } from '../../schemas/alert-state.ts'
import { INITIAL_STATE } from '../../src/rules/state.ts'
import type { Store, ReadArgs } from '../../src/store/store.ts'
import type { Group } from './given.ts'
import { announced, newNotice, newRule, newTransition, NOW, opening, ownId, type Changes } from './given-alerts.ts'

const ALL: ReadArgs<'listAlerts'> = { states: undefined, ruleId: undefined, severity: undefined, from: undefined, to: undefined, limit: 1_000, before: undefined }

/** Rules and their versions, states, alerts with their timelines. */
export const alertGroup: Group = {
  partitionBytes: 1e9,
  cases: {
    'each change of a rule is a version that stays, and one that says the same is none': async (t, store) => {
      const id = ownId('rule')
      const save = (name: string, expected?: number) => store.write('saveRule', { rule: newRule(id, { name }), origin: 'api', now: NOW, actor: name, expected })

      t.same([await save('one', 0), await save('one'), await save('two', 1)], [1, 1, 2])
      t.equal(await store.write('removeRule', { id, now: NOW + 5, actor: null, expected: 2 }), true)
      t.equal(await store.read('getRule', id), undefined)
      t.equal(await save('three', 0), 4)

      t.match(await store.read('getRule', id), { version: 4, origin: 'api', createdAt: NOW, rule: { name: 'three' } })
      t.same((await store.read('ruleVersions', { id, limit: 9 })).map(({ version, rule, actor }) => [version, rule?.name, actor]),
        [[4, 'three', 'three'], [3, undefined, null], [2, 'two', 'two'], [1, 'one', 'one']])
      t.ok((await store.read('listRules', undefined)).some((rule) => rule.id === id))
    },

    'a rule tells since when it has its signal, whatever else of it changed meanwhile': async (t, store) => {
      const id = ownId('rule')
      const save = (now: number, metric: string, name: string) => store.write('saveRule', { rule: newRule(id, { name, signal: { metric } }), origin: 'api', now, actor: null, expected: undefined })
      const since = async () => (await store.read('getRule', id))?.signalSince

      await save(NOW, 'heat', 'one')
      await save(NOW + 1, 'heat', 'two')
      t.equal(await since(), NOW)
      await save(NOW + 2, 'cold', 'two')
      await save(NOW + 3, 'cold', 'three')
      t.equal(await since(), NOW + 2)
      await store.write('removeRule', { id, now: NOW + 4, actor: null, expected: undefined })
      await save(NOW + 5, 'cold', 'three')
      t.equal(await since(), NOW + 5)
    },

    'a change of a rule that was made for another version is refused with the versions': async (t, store) => {
      const id = ownId('rule')
      const save = (expected: number) => store.write('saveRule', { rule: newRule(id, { name: String(expected) }), origin: 'api', now: NOW, actor: null, expected })
      await save(0)

      await t.rejects(save(0), { code: 'conflict', message: /already/ })
      await t.rejects(save(2), { code: 'conflict', message: /at version 1, .* for version 2/ })
      await t.rejects(store.write('removeRule', { id, now: NOW, actor: null, expected: 2 }), { code: 'conflict' })
      t.equal(await store.write('removeRule', { id, now: NOW, actor: null, expected: undefined }), true)
      await t.rejects(save(1), { code: 'conflict', message: /removed/ })
      t.equal(await store.write('removeRule', { id, now: NOW, actor: null, expected: undefined }), false)
    },

    'a tick is stored whole: states, alerts, timelines, evidence, notices, what was held back': async (t, store) => {
      const [ruleId, alertId, channelId] = [ownId('rule'), ownId('alert'), ownId('channel')]
      const fired = announced(opening(alertId, 'firing', { ruleId, at: NOW + 1 }), channelId)
      const state: AlertState = { ...INITIAL_STATE, phase: 'firing', level: 'critical', flips: [NOW] }
      const told: Told = { announced: { [channelId]: 'critical' }, held: {}, newsAt: NOW, lastAt: null }

      const { alerts, abandoned } = await store.write('applyAlerts', {
        ...fired,
        states: [{ ruleId, key: '{}', state }],
        evidence: [{ alertId, body: { values: [1, null, 'größe'] } }],
        heldBack: [{ alertId, cause: 'silence', causeId: 's', count: 2 }],
        marks: [{ alertId, told, silencedBy: 's' }]
      })
      const file = await store.read('getAlert', alertId)

      t.same(alerts, [file?.alert])
      t.equal(abandoned, 0)
      t.match(file?.alert, {
        id: alertId,
        ruleId,
        ruleVersion: 1,
        groupKey: '{}',
        labels: { host: 'db1' },
        state: 'firing',
        severity: 'critical',
        value: 12.5,
        limit: 10,
        isFlapping: false,
        isDraft: false,
        sequence: 1,
        transitionId: fired.transitions?.[0]?.id,
        startedAt: NOW + 1,
        firedAt: NOW + 1,
        endedAt: null,
        acknowledgement: null,
        silencedBy: 's',
        told
      })
      t.match(file?.timeline, [{ sequence: 1, at: NOW + 1, from: 'inactive', to: 'firing', severity: 'critical', value: 12.5, reason: 'crossed', actor: null, ruleVersion: 1 }])
      t.same(file?.evidence, { values: [1, null, 'größe'] })
      t.same(file?.heldBack, [{ at: NOW + 1, cause: 'silence', causeId: 's', count: 2 }])
      t.match(file?.notices, [{ id: fired.notices[0]?.id, channelId, state: 'pending', attempts: [], body: { ...fired.notices[0]?.body, sequence: 1 } }])
      t.same((await store.read('listStates', undefined)).filter((state) => state.ruleId === ruleId), [{ ruleId, key: '{}', state }])
    },

    'the same tick again changes nothing': async (t, store) => {
      const [alertId, channelId] = [ownId('alert'), ownId('channel')]
      const tick = { ...announced(opening(alertId, 'firing'), channelId), heldBack: [{ alertId, cause: 'silence' as const, causeId: 's', count: 2 }] }
      await store.write('applyAlerts', tick)
      const before = await store.read('getAlert', alertId)

      await store.write('applyAlerts', tick)

      t.same(await store.read('getAlert', alertId), before)
    },

    'a tick of which one part cannot be stored leaves nothing behind': async (t, store) => {
      const [known, alertId, ruleId] = [ownId('alert'), ownId('alert'), ownId('rule')]
      await store.write('applyAlerts', opening(known, 'firing'))
      const good = { ...announced(opening(alertId, 'firing'), 'c'), states: [{ ruleId, key: '{}', state: INITIAL_STATE }] }
      const broken: Record<string, Changes> = {
        'another open alert of the same label set': { ...good, ...merged(good, opening(ownId('alert'), 'firing', { ruleId: known })) },
        'an alert that is not in that state': { ...good, transitions: [...good.transitions ?? [], newTransition(known, 'firing', { from: 'pending' })] },
        'an alert that does not exist': { ...good, transitions: [...good.transitions ?? [], newTransition('nobody', 'resolved')] },
        'a notice of a transition that is not stored': { ...good, notices: [newNotice({ id: 'nobody', alertId, to: 'firing' }, 'c')] }
      }

      for (const [what, changes] of Object.entries(broken)) {
        await t.rejects(store.write('applyAlerts', changes), what)
        t.equal(await store.read('getAlert', alertId), undefined, what)
        t.same((await store.read('listStates', undefined)).filter((state) => state.ruleId === ruleId), [], what)
      }
    },

    'who changes an alert that somebody else changed before is told so': async (t, store) => {
      const alertId = ownId('alert')
      await store.write('applyAlerts', opening(alertId, 'firing'))
      await store.write('applyAlerts', { now: NOW, transitions: [newTransition(alertId, 'resolved', { reason: 'operator', actor: 'ada' })] })

      await t.rejects(store.write('applyAlerts', { now: NOW, transitions: [newTransition(alertId, 'resolved')] }),
        { code: 'conflict', message: /is resolved and no longer firing/ })
    },

    'an alert goes through its life: pending, firing, escalated, acknowledged, resolved': async (t, store) => {
      const [alertId, ruleId] = [ownId('alert'), ownId('rule')]
      const acknowledgement = { by: 'ada', at: NOW + 3, severity: 'critical' as const, until: null, note: 'mine' }
      await store.write('applyAlerts', opening(alertId, 'pending', { ruleId, level: null, at: NOW }))
      for (const [at, transition] of [
        newTransition(alertId, 'firing', { from: 'pending', level: 'warning', limit: 5 }),
        newTransition(alertId, 'firing', { from: 'firing', reason: 'escalated', value: 20 }),
        newTransition(alertId, 'firing', { from: 'firing', reason: 'acknowledged', actor: 'ada', note: 'mine', value: null, level: null, limit: null, acknowledgement }),
        newTransition(alertId, 'resolved', { value: 3, limit: null })
      ].entries()) await store.write('applyAlerts', { now: NOW, transitions: [{ ...transition, at: NOW + at + 1 }], evidence: [{ alertId, body: { at } }] })

      const file = await store.read('getAlert', alertId)

      t.match(file?.alert, { state: 'resolved', severity: 'critical', value: 3, limit: 10, sequence: 5, startedAt: NOW, firedAt: NOW + 1, endedAt: NOW + 4, acknowledgement })
      t.same(file?.timeline.map(({ sequence, from, to, reason, actor }) => [sequence, from, to, reason, actor]), [
        [1, 'inactive', 'pending', 'crossed', null], [2, 'pending', 'firing', 'crossed', null], [3, 'firing', 'firing', 'escalated', null],
        [4, 'firing', 'firing', 'acknowledged', 'ada'], [5, 'firing', 'resolved', 'recovered', null]
      ])
      t.same(file?.evidence, { at: 0 }, 'evidence is frozen')
      t.same(await store.read('acknowledgedFirings', { ruleId, from: NOW + 4, to: NOW + 9 }), [{ labels: { host: 'db1' }, from: NOW + 1, to: NOW + 4 }])
      t.same(await store.read('acknowledgedFirings', { ruleId, from: NOW + 5, to: NOW + 9 }), [])
      t.same(await store.read('acknowledgedFirings', { ruleId, from: NOW - 9, to: NOW }), [])
    },

    'an acknowledgement can be taken back, and after the end the label set may fire anew': async (t, store) => {
      const [alertId, nextId] = [ownId('alert'), ownId('alert')]
      const acknowledge = (acknowledgement: { by: string, at: number, severity: 'warning', until: number, note: null } | null) =>
        store.write('applyAlerts', { now: NOW, transitions: [newTransition(alertId, 'firing', { from: 'firing', acknowledgement })] })
      await store.write('applyAlerts', opening(alertId, 'firing', { ruleId: alertId }))

      const { alerts: [given] } = await acknowledge({ by: 'ada', at: NOW, severity: 'warning', until: NOW + 9, note: null })
      const { alerts: [taken] } = await acknowledge(null)
      await store.write('applyAlerts', { now: NOW, transitions: [newTransition(alertId, 'resolved')] })
      await store.write('applyAlerts', opening(nextId, 'firing', { ruleId: alertId }))

      t.same([given?.acknowledgement, taken?.acknowledgement], [{ by: 'ada', at: NOW, severity: 'warning', until: NOW + 9, note: null }, null])
      t.same((await store.read('openAlerts', undefined)).filter(({ ruleId }) => ruleId === alertId).map(({ id }) => id), [nextId])
    },

    'what was pending and never fired leaves no trace, also when it is told twice': async (t, store) => {
      const alertId = ownId('alert')
      const back = { now: NOW, transitions: [newTransition(alertId, 'inactive', { from: 'pending', reason: 'recovered' })], states: [{ ruleId: alertId, key: '{}', state: undefined }] }
      await store.write('applyAlerts', { ...opening(alertId, 'pending'), states: [{ ruleId: alertId, key: '{}', state: { ...INITIAL_STATE, phase: 'pending' } }] })

      t.same((await store.write('applyAlerts', back)).alerts, [])
      t.same((await store.write('applyAlerts', back)).alerts, [])

      t.equal(await store.read('getAlert', alertId), undefined)
      t.same((await store.read('listStates', undefined)).filter(({ ruleId }) => ruleId === alertId), [])
    },

    'alerts are listed newest first by what is asked, and pages join to the whole': async (t, store) => {
      const ruleId = ownId('rule')
      const ids = Array.from({ length: 6 }, () => ownId('alert'))
      for (const [at, id] of ids.entries()) {
        const level = at % 2 === 0 ? 'warning' : 'critical'
        await store.write('applyAlerts', opening(id, 'firing', { ruleId, level, at: NOW + (at >> 1) * 10 }))
        if (at < 5) await store.write('applyAlerts', { now: NOW, transitions: [newTransition(id, 'resolved', { level, at: NOW + (at >> 1) * 10 + 5 })] })
      }
      const list = async (question: Partial<typeof ALL>) => (await store.read('listAlerts', { ...ALL, ruleId, ...question })).map(({ id }) => ids.indexOf(id))

      t.same((await list({})).slice(0, 2).sort(), [4, 5])
      t.same(await list({ states: ['firing'] }), [5])
      t.same((await list({ states: ['firing', 'resolved'], severity: 'critical' })), [5, 3, 1])
      t.same((await list({ from: NOW + 6, to: NOW + 19 })).sort(), [2, 3], 'open in any part of the range')
      t.same((await list({ from: NOW + 26 })), [5])
      t.same(await list({ ruleId: 'nobody' }), [])
      t.same(await pagesOf(store, ruleId), await list({}))
    },

    'states are kept as they were last, rule by rule and label set by label set': async (t, store) => {
      const ruleId = ownId('rule')
      const keys = Array.from({ length: 1_200 }, (_, at) => `{"host":"${at}"}`)
      const save = (state: (at: number) => AlertState | undefined) => store.write('applyAlerts', { now: NOW, states: keys.map((key, at) => ({ ruleId, key, state: state(at) })) })

      await save((at) => ({ ...INITIAL_STATE, blindSince: at }))
      await save((at) => at % 3 === 0 ? undefined : { ...INITIAL_STATE, blindSince: -at })

      const found = (await store.read('listStates', undefined)).filter((state) => state.ruleId === ruleId)
      t.same(new Map(found.map(({ key, state }) => [key, state])), new Map(keys.flatMap((key, at) => at % 3 === 0 ? [] : [[key, { ...INITIAL_STATE, blindSince: -at }]])))
    }
  }
}

function merged (one: Changes, other: Changes): Pick<Changes, 'opened' | 'transitions'> {
  return { opened: [...one.opened ?? [], ...other.opened ?? []], transitions: [...one.transitions ?? [], ...other.transitions ?? []] }
}

async function pagesOf (store: Store, ruleId: string): Promise<number[]> {
  const found: string[] = []
  for (let before: typeof ALL.before; ;) {
    const page = await store.read('listAlerts', { ...ALL, ruleId, limit: 1, before })
    const [alert] = page
    if (alert === undefined) break
    found.push(alert.id)
    before = { startedAt: alert.startedAt, id: alert.id }
  }
  const whole = await store.read('listAlerts', { ...ALL, ruleId })
  const ids = whole.map(({ id }) => id).sort((a, b) => Number(a.split('-')[1]) - Number(b.split('-')[1]))
  return found.map((id) => ids.indexOf(id))
}
