import type { NextStep, Settlement } from '../../schemas/outbox.ts'
import type { Store } from '../../src/store/store.ts'
import type { Group } from './given.ts'
import { announced, drain, due, dueIds, newChannel, newTransition, NOW, opening, ownId, settle, settlement, tell, type DueNotice } from './given-alerts.ts'

const LEDGER = { limit: 100, before: undefined, state: undefined, channelId: undefined, alertId: undefined }

/** What is to be sent, in which order, what came of it, and the channels that it goes to. */
export const outboxGroup: Group = {
  partitionBytes: 1e9,
  cases: {
    'a notice is due at once, whole, and no more after its delivery': async (t, store) => {
      const [channelId, alertId] = [ownId('channel'), ownId('alert')]
      const fired = announced(opening(alertId, 'firing'), channelId)
      await store.write('applyAlerts', fired)

      const [notice] = await due(store, [channelId])
      t.same(notice, {
        id: fired.notices[0]?.id, alertId, channelId, via: channelId, sequence: 1, attempts: 0, tries: 0, isRepeat: false, createdAt: NOW, body: { ...fired.notices[0]?.body, sequence: 1 }
      })
      t.same(await dueIds(store, [channelId], { now: NOW - 1 }), [])
      t.same(await dueIds(store, ['other']), [])
      t.same(await drain(store, [channelId]), [notice?.id])
      t.match(await store.read('getNotice', notice?.id ?? ''), { state: 'delivered', createdAt: NOW, doneAt: NOW + 5, nextAt: null, attempts: [{ status: 200, reply: 'größe' }], repeat: null })
    },

    'of one alert and channel only the first that is pending is due, on each channel for itself': async (t, store) => {
      const [one, two, alertId] = [ownId('channel'), ownId('channel'), ownId('alert')]
      const fired = announced(opening(alertId, 'firing'), one, two)
      const ended = announced({ now: NOW, transitions: [newTransition(alertId, 'resolved')] }, one, two)
      await store.write('applyAlerts', fired)
      await store.write('applyAlerts', ended)
      const [first] = await due(store, [one])

      t.same(await dueIds(store, [one, two]), fired.notices.map(({ id }) => id))
      await settle(store, first, { state: 'waiting', dueAt: NOW + 5_000, via: one })
      t.same(await dueIds(store, [one]), [], 'what comes after waits too')
      t.same(await drain(store, [two]), [fired.notices[1]?.id, ended.notices[1]?.id])
      t.same(await drain(store, [one], { now: NOW + 5_000 }), [fired.notices[0]?.id, ended.notices[0]?.id])
    },

    'nobody is reminded of what still waits to be told': async (t, store) => {
      const [deaf, well, alertId] = [ownId('channel'), ownId('channel'), ownId('alert')]
      const remind = () => announced({ now: NOW, transitions: [newTransition(alertId, 'firing', { from: 'firing', reason: 'reminded' })] }, deaf, well)
      const fired = announced(opening(alertId, 'firing'), deaf, well)
      const reminded = remind()
      await store.write('applyAlerts', fired)
      await drain(store, [well])
      await store.write('applyAlerts', reminded)

      t.same(await drain(store, [deaf, well]), [fired.notices[0]?.id, reminded.notices[1]?.id])
    },

    'what is made in one go comes in order, too, and lanes that are busy are left out': async (t, store) => {
      const [channelId, alertId, other] = [ownId('channel'), ownId('alert'), ownId('alert')]
      const { opened, transitions } = opening(alertId, 'firing')
      const both = announced({ now: NOW, opened: opened ?? [], transitions: [...transitions ?? [], newTransition(alertId, 'resolved')] }, channelId)
      await store.write('applyAlerts', both)
      const [another] = await tell(store, channelId, { alertId: other })

      t.same(await dueIds(store, [channelId]), [both.notices[0]?.id, another])
      t.same(await dueIds(store, [channelId], { exceptLanes: [`${alertId}/${channelId}`] }), [another])
      t.same(await drain(store, [channelId], { limit: 1 }), [both.notices[0]?.id, both.notices[1]?.id, another])
    },

    'the longest waiting is due first, over all channels, as many of each as are asked for': async (t, store) => {
      const channels = [ownId('channel'), ownId('channel')]
      const ids: string[] = []
      for (const at of [3, 1, 2, 0]) ids[at] = (await tell(store, channels[at % 2] ?? '', { now: NOW + at }))[0] ?? ''

      t.same(await dueIds(store, channels), ids)
      t.same(await dueIds(store, channels, { limit: 1 }), ids.slice(0, 2), 'so many for each')
      t.same(await dueIds(store, channels, { now: NOW + 1 }), ids.slice(0, 2))
    },

    'a settlement is written once: the attempt, the next step, the health of the channel': async (t, store) => {
      const [channelId, fallback] = [ownId('channel'), ownId('channel')]
      await store.write('insertChannel', newChannel(channelId))
      const [id] = await tell(store, channelId)
      const [notice] = await due(store, [channelId])
      const settled = settlement(parseDue(notice), { state: 'waiting', dueAt: NOW + 9, via: fallback }, { heldUntil: NOW + 20 })

      await store.write('settleNotices', [settled])
      await store.write('settleNotices', [settled])
      await settle(store, (await due(store, [fallback]))[0], { state: 'delivered' }, { channelId, state: 'throttled', heldUntil: NOW + 10 })

      t.match(await store.read('getNotice', id ?? ''), { channelId, state: 'delivered', attempts: [{ channel: channelId, status: 500 }, { channel: fallback, status: 200 }] })
      t.match(await store.read('findChannel', channelId), { failures: 1, heldUntil: NOW + 20 }, 'an earlier word to wait longer still holds')
    },

    'a group is settled whole, each notice in its own way, and counts once for the channel; several settlements are one write': async (t, store) => {
      const [channelId, other] = [ownId('channel'), ownId('channel')]
      await store.write('insertChannel', newChannel(channelId))
      const ids = [...await tell(store, channelId), ...await tell(store, channelId), ...await tell(store, other)]
      const [one, two, alone] = (await due(store, [channelId, other])).map(({ body, ...notice }) => notice)
      if (one === undefined || two === undefined || alone === undefined) throw new Error('three are due')
      const attempt = { channel: channelId, time: new Date(NOW).toISOString(), ms: 5, grouped: 2, result: 'retry', status: 500, reply: '' } as const
      const together: Settlement = {
        attempt,
        steps: [{ notice: one, next: { state: 'waiting', dueAt: NOW + 9, via: other } }, { notice: two, next: { state: 'failed' } }],
        health: { channelId, state: 'failing', hastens: false }
      }
      const apart: Settlement = { attempt: { ...attempt, result: 'delivered', status: 200 }, steps: [{ notice: alone, next: { state: 'delivered' } }], health: { channelId: other, state: 'well', hastens: false } }

      for (let time = 0; time < 2; time++) await store.write('settleNotices', [together, apart])

      t.match(await Promise.all(ids.map((id) => store.read('getNotice', id))), [
        { state: 'pending', nextAt: NOW + 9, attempts: [attempt] }, { state: 'failed', attempts: [attempt] }, { state: 'delivered', attempts: { length: 1 } }
      ])
      t.match(await store.read('findChannel', channelId), { failures: 1 })
      t.match(await due(store, [other]), [{ id: ids[0], attempts: 1, tries: 1 }])
    },

    'a channel fails, is well again, and is switched off when it is gone': async (t, store) => {
      const channelId = ownId('channel')
      await store.write('insertChannel', newChannel(channelId))
      const health = async (state: 'well' | 'failing' | 'throttled' | 'gone') => {
        await tell(store, channelId)
        const [notice] = await due(store, [channelId])
        await settle(store, notice, { state: 'failed' }, { state })
        const found = await store.read('findChannel', channelId)
        return [found?.failures, found?.enabled, found?.disabledReason !== null]
      }

      t.same(await health('failing'), [1, true, false])
      t.same(await health('failing'), [2, true, false])
      t.same(await health('throttled'), [2, true, false])
      t.same(await health('well'), [0, true, false])
      t.same(await health('gone'), [0, false, true])
      await store.write('updateChannel', { id: channelId, now: NOW, enabled: true })
      t.match(await store.read('findChannel', channelId), { enabled: true, disabledReason: null, failures: 0 })
    },

    'what waits for a channel that is back is due at once, in its order': async (t, store) => {
      const channelId = ownId('channel')
      const ids = [...await tell(store, channelId, { resolved: true }), ...await tell(store, channelId)]
      for (const notice of await due(store, [channelId])) await settle(store, notice, { state: 'waiting', dueAt: NOW + 1e9, via: channelId })
      await tell(store, channelId)
      const [fresh] = await due(store, [channelId])

      await settle(store, fresh, { state: 'delivered' }, { hastens: true })

      t.same(await drain(store, [channelId]), [ids[0], ids[2], ids[1]])
    },

    'what was delivered is told again until something comes after it, and of the repeats the newest is kept': async (t, store) => {
      const [channelId, alertId] = [ownId('channel'), ownId('alert')]
      const [id = ''] = await tell(store, channelId, { alertId })
      const repeat = async (at: number) => {
        const [notice] = await due(store, [channelId], { now: at })
        const settled = settlement(parseDue(notice), { state: 'delivered', repeatAt: at + 60_000 })
        await store.write('settleNotices', [{ ...settled, attempt: { ...settled.attempt, ms: at - NOW } }])
        return notice?.isRepeat
      }

      t.same([await repeat(NOW), await repeat(NOW + 60_000), await repeat(NOW + 120_000)], [false, true, true])
      t.match(await store.read('getNotice', id), { state: 'delivered', doneAt: NOW, attempts: [{ ms: 0 }], repeat: { ms: 120_000 } })
      t.same(await dueIds(store, [channelId], { now: NOW + 179_999 }), [])
      t.same(await dueIds(store, [channelId], { now: NOW + 180_000 }), [id])
      t.same(await dueIds(store, [channelId], { now: NOW + 180_000, withRepeats: false }), [], 'what waits and what is repeated are asked for apart')
      const ended = announced({ now: NOW, transitions: [newTransition(alertId, 'resolved')] }, channelId)
      await store.write('applyAlerts', ended)
      t.same(await drain(store, [channelId], { now: NOW + 1e9 }), [ended.notices[0]?.id])
    },

    'a notice that is done can be delivered again under its id, and goes before what waits behind it': async (t, store) => {
      const channelId = ownId('channel')
      const [first = '', second = ''] = await tell(store, channelId, { resolved: true })

      t.equal(await store.write('redeliverNotice', { id: first, now: NOW }), false, 'it is pending')
      const [notice] = await due(store, [channelId])
      await settle(store, notice, { state: 'failed' })
      t.equal(await store.write('redeliverNotice', { id: first, now: NOW }), true)
      t.same(await drain(store, [channelId]), [first, second])
      t.equal(await store.write('redeliverNotice', { id: first, now: NOW }), true)
      t.same(await drain(store, [channelId]), [first])
      t.match(await store.read('getNotice', first), { state: 'delivered', attempts: [{ status: 500 }, { status: 200 }, { status: 200 }] })
      t.equal(await store.write('redeliverNotice', { id: 'nobody', now: NOW }), false)
    },

    'a notice that is redelivered goes through the whole table again, for a week, and its attempts are numbered on': async (t, store) => {
      const channelId = ownId('channel')
      const [id = ''] = await tell(store, channelId)
      const fail = async (next: NextStep) => {
        const [notice] = await due(store, [channelId])
        await settle(store, notice, next)
        return [notice?.attempts, notice?.tries]
      }
      const again: NextStep = { state: 'waiting', dueAt: NOW, via: channelId }
      const later = NOW + 30 * 86_400_000

      t.same([await fail(again), await fail({ state: 'failed' })], [[0, 0], [1, 1]])
      await store.write('redeliverNotice', { id, now: NOW })
      t.same([await fail(again), await fail(again), await fail({ state: 'failed' })], [[2, 0], [3, 1], [4, 2]])
      t.match(await store.read('getNotice', id), { state: 'failed', attempts: { length: 5 } })
      await store.write('redeliverNotice', { id, now: later })
      t.equal((await store.read('outboxBacklog', undefined)).channels.find((channel) => channel.channelId === channelId)?.oldestAt, later)
      await store.write('retain', { now: later + 1, maxAgeMs: 1e12 })
      t.match(await store.read('getNotice', id), { state: 'pending', createdAt: NOW })
    },

    'a notice whose repeats are kept can be delivered again, too': async (t, store) => {
      const channelId = ownId('channel')
      const [id = ''] = await tell(store, channelId)
      for (const at of [NOW, NOW + 60_000]) {
        const [notice] = await due(store, [channelId], { now: at })
        await settle(store, notice, { state: 'delivered', repeatAt: at + 60_000 })
      }

      await store.write('redeliverNotice', { id, now: NOW })

      t.same(await drain(store, [channelId]), [id])
    },

    'the ledger lists notices newest first, page by page, by what is asked; the backlog counts what waits': async (t, store) => {
      const [one, two, alertId] = [ownId('channel'), ownId('channel'), ownId('alert')]
      const ids = [...await tell(store, one, { alertId, resolved: true }), ...await tell(store, two)]
      await drain(store, [two])
      const list = async (question: Partial<typeof LEDGER> | object) => (await store.read('listNotices', { ...LEDGER, ...question })).map(({ id }) => id)

      t.same((await list({})).slice(0, 3), [ids[2], ids[1], ids[0]])
      const [newest] = await store.read('listNotices', { ...LEDGER, limit: 1 })
      t.same(await list({ limit: 2, before: newest?.n }), [ids[1], ids[0]])
      t.same(await list({ channelId: two }), [ids[2]])
      t.same(await list({ alertId }), [ids[1], ids[0]])
      t.same(await list({ channelId: one, state: 'delivered' }), [])
      const backlog = await store.read('outboxBacklog', undefined)
      t.match(backlog.channels.find(({ channelId }) => channelId === one), { pending: 2, oldestAt: NOW })
      t.equal(backlog.pending, backlog.channels.reduce((sum, { pending }) => sum + pending, 0))
    },

    'secrets of channels are there for those who deliver, and for nobody else': async (t, store) => {
      const [id, fallback] = [ownId('channel'), ownId('channel')]
      await store.write('insertChannel', newChannel(fallback))
      await store.write('insertChannel', newChannel(id, { secret: 'hush hush', fallback, name: 'größe' }))

      const shown = [await store.read('findChannel', id), await store.read('findChannel', 'größe'), ...await store.read('listChannels', { all: true })]
      const [delivering] = (await store.read('deliveryChannels', undefined)).filter((channel) => channel.id === id)

      t.match(shown[0], { id, name: 'größe', isSigned: true, fallback, enabled: true, deletedAt: null })
      t.same(shown[1], shown[0])
      t.notMatch(JSON.stringify(shown), /hush/)
      t.same(delivering, { id, name: 'größe', kind: 'webhook', url: 'https://example.com/hook', secret: 'hush hush', fallback, enabled: true, ackLinks: true, failures: 0, heldUntil: 0 })
    },

    'a channel takes no name that another has, and no fallback that is not there': async (t, store) => {
      const [id, other] = [ownId('channel'), ownId('channel')]
      await store.write('insertChannel', newChannel(id))
      await store.write('insertChannel', newChannel(other))
      const refused = { code: 'invalid', faults: [{ path: '/fallback' }] }

      await t.rejects(store.write('insertChannel', newChannel(ownId('channel'), { name: id })), { code: 'conflict', message: new RegExp(`"${id}"`) })
      await t.rejects(store.write('updateChannel', { id: other, now: NOW, name: id }), { code: 'conflict' })
      await t.rejects(store.write('insertChannel', newChannel(ownId('channel'), { fallback: 'nobody' })), refused)
      await t.rejects(store.write('updateChannel', { id, now: NOW, fallback: id }), refused)
      t.equal(await store.write('updateChannel', { id: 'nobody', now: NOW }), false)
      t.equal(await store.write('updateChannel', { id, now: NOW + 1, name: id, fallback: other, secret: 's' }), true)
      t.equal(await store.write('updateChannel', { id, now: NOW + 2, fallback: null, secret: null, url: 'http://b/' }), true)
      t.match(await store.read('findChannel', id), { fallback: null, isSigned: false, url: 'http://b/', createdAt: NOW, updatedAt: NOW + 2 })
    },

    'a channel that is removed gives up its notices, its name and its secret, and stays known to the ledger': async (t, store) => {
      const [gone, other] = [ownId('channel'), ownId('channel')]
      await store.write('insertChannel', newChannel(gone, { secret: 's' }))
      await store.write('insertChannel', newChannel(other, { fallback: gone }))
      const own = await tell(store, gone, { resolved: true })
      const foreign = await tell(store, other, { resolved: true })
      const [notice] = await due(store, [other])
      await settle(store, notice, { state: 'waiting', dueAt: NOW + 1e9, via: gone })

      t.equal(await store.write('removeChannel', { id: gone, now: NOW + 1 }), true)
      t.equal(await store.write('removeChannel', { id: gone, now: NOW + 1 }), false)

      t.same(await Promise.all(own.map(async (id) => (await store.read('getNotice', id))?.state)), ['abandoned', 'abandoned'])
      t.same(await dueIds(store, [gone]), [])
      t.same(await drain(store, [other]), foreign, 'what it took over goes back')
      t.equal(await store.read('findChannel', gone), undefined)
      t.match((await store.read('listChannels', { all: true })).find(({ id }) => id === gone), { isSigned: false, deletedAt: NOW + 1 })
      t.notOk((await store.read('listChannels', { all: false })).some(({ id }) => id === gone))
      t.match(await store.read('findChannel', other), { fallback: null })
      await store.write('insertChannel', newChannel(ownId('channel'), { name: gone }))
    },

    'an attempt that ends after its channel was removed brings nothing back': async (t, store) => {
      const channelId = ownId('channel')
      await store.write('insertChannel', newChannel(channelId))
      const [id = ''] = await tell(store, channelId)
      const [notice] = await due(store, [channelId])

      await store.write('removeChannel', { id: channelId, now: NOW })
      await settle(store, notice, { state: 'waiting', dueAt: NOW, via: channelId })

      t.same(await dueIds(store, [channelId]), [])
      t.match(await store.read('getNotice', id), { state: 'abandoned', attempts: [{ status: 500 }] })
    },

    'a silence begins and ends with the marks of its alerts, and counts what it held back': async (t, store) => {
      await proveMutes(store, t)
    },

    'what was announced in a range is counted alert by alert, without resolves': async (t, store) => {
      const [alertId, channelId] = [ownId('alert'), ownId('channel')]
      const at = NOW + 7 * 86_400_000
      await tell(store, channelId, { alertId, resolved: true, now: at })

      const found = await store.read('announcedIn', { from: at, to: at + 10 })

      t.same(found, [{ alertId, ruleId: alertId, labels: { host: 'db1' }, severity: 'critical', notices: 1 }])
      t.same(await store.read('announcedIn', { from: at + 1, to: at + 10 }), [])
    }
  }
}

async function proveMutes (store: Store, t: Parameters<Group['cases'][string]>[0]): Promise<void> {
  const [id, maintenanceId, alertId] = [ownId('silence'), ownId('maintenance'), ownId('alert')]
  await store.write('applyAlerts', opening(alertId, 'firing'))
  const silence = { id, target: { rule: 'r', labels: { a: 'größe' } }, until: NOW + 9, untilRecovered: false, reason: 'tests', createdBy: 'ada', createdAt: NOW }
  const when = { cron: '0 3 * * *', timeZone: 'Europe/Berlin' }
  const maintenance = { id: maintenanceId, name: 'night', target: {}, when, durationMs: 60_000, reason: null, createdBy: null, createdAt: NOW }
  const once = { ...maintenance, id: ownId('maintenance'), when: { from: NOW + 1 } }
  const mark = async () => (await store.read('getAlert', alertId))?.alert.silencedBy

  await store.write('insertSilence', { silence, changes: { now: NOW, marks: [{ alertId, silencedBy: id }] } })
  await store.write('insertMaintenance', maintenance)
  await store.write('insertMaintenance', once)
  for (const now of [NOW, NOW + 1]) {
    await store.write('applyAlerts', { now, heldBack: [{ alertId, cause: 'silence', causeId: id, count: 2 }, { alertId, cause: 'maintenance', causeId: maintenanceId, count: 1 }] })
  }
  const [silences, maintenances] = [await store.read('listSilences', { isOpen: true, limit: 99 }), await store.read('listMaintenances', { isOpen: true, limit: 99 })]

  t.equal(await mark(), id)
  t.same(silences.find((one) => one.id === id), { ...silence, endedAt: null, endedBy: null, heldBack: 4 })
  t.same(maintenances.find((one) => one.id === maintenanceId), { ...maintenance, endedAt: null, endedBy: null, heldBack: 2 })
  t.same(maintenances.find((one) => one.id === once.id), { ...once, endedAt: null, endedBy: null, heldBack: 0 })
  t.same(maintenances.map((one) => one.id).filter((one) => one === maintenanceId || one === once.id), [once.id, maintenanceId], 'of one ms, too, the newest first')
  const end = { now: NOW + 5, by: 'eve', changes: { now: NOW + 5, marks: [{ alertId, silencedBy: null }] } }
  t.same([await store.write('endSilence', { id, ...end }), await store.write('endSilence', { id, ...end })], [true, false])
  t.same([await store.write('endMaintenance', { id: maintenanceId, ...end }), await store.write('endMaintenance', { id: 'nobody', ...end })], [true, false])
  t.equal(await mark(), null)
  t.notOk((await store.read('listSilences', { isOpen: true, limit: 99 })).some((one) => one.id === id))
  t.match((await store.read('listSilences', { isOpen: false, limit: 99 })).find((one) => one.id === id), { endedAt: NOW + 5, endedBy: 'eve' })
  t.match((await store.read('listMaintenances', { isOpen: false, limit: 99 })).find((one) => one.id === maintenanceId), { endedBy: 'eve' })
}

/** Throws when nothing was due. */
function parseDue (notice: DueNotice | undefined): DueNotice {
  if (notice === undefined) throw new Error('nothing is due')
  return notice
}
