import { CANARY_CHANNEL } from '../../schemas/words.ts'
import type { Store } from '../../src/store/store.ts'
import type { Group } from './given.ts'
import { due, dueIds, newNotice, NOW, settle, tell } from './given-alerts.ts'

const LEDGER = { limit: 100, before: undefined, state: undefined, channelId: undefined, alertId: undefined }

/** What goes the way of the notices and is told to nobody. */
export const canaryGroup: Group = {
  partitionBytes: 1e9,
  cases: {
    'the canary of a tick is due like any notice, and once': async (t, store) => {
      await send(store, 'canary_a')
      await send(store, 'canary_a')

      const [notice] = await due(store, [CANARY_CHANNEL])
      t.match(notice, { id: 'canary_a', channelId: CANARY_CHANNEL, via: CANARY_CHANNEL, attempts: 0, isRepeat: false, body: { type: 'test' } })
      t.same(await dueIds(store, [CANARY_CHANNEL]), ['canary_a'])
      await settle(store, notice)
      await send(store, 'canary_a')
      t.same(await dueIds(store, [CANARY_CHANNEL]), [], 'told again by the next tick it is not sent again')
    },

    'the next one takes the place of the one before, however far it came': async (t, store) => {
      await send(store, 'canary_b')
      const [before] = await due(store, [CANARY_CHANNEL])
      await send(store, 'canary_c')
      // The attempt was on its way meanwhile.
      await settle(store, before, { state: 'waiting', dueAt: NOW, via: CANARY_CHANNEL })

      t.same(await dueIds(store, [CANARY_CHANNEL]), ['canary_c'])
    },

    'no list, count or ledger has it, and nobody can ask for it again': async (t, store) => {
      const [told = ''] = await tell(store, 'somebody')
      const counted = await store.read('outboxBacklog', undefined)
      await send(store, 'canary_d')

      t.same(await store.read('outboxBacklog', undefined), counted)
      t.same((await store.read('listNotices', LEDGER)).map(({ id }) => id), [told])
      t.equal(await store.read('getNotice', 'canary_d'), undefined)
      t.same(await store.read('listChannels', { all: true }), [])
      t.same(await store.read('openAlerts', undefined).then((alerts) => alerts.length), 1)
    }
  }
}

async function send (store: Store, id: string): Promise<void> {
  const { body } = newNotice({ id, alertId: id, to: 'firing' }, CANARY_CHANNEL)
  await store.write('applyAlerts', { now: NOW, canary: { id, body: { ...body, type: 'test', sequence: 1 } } })
}
