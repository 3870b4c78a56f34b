import { listeningFrom } from '../rules/signals.ts'
import type { Store } from '../store/store.ts'

const NAME = 'listens_from'

/** Remembers over restarts since when events are listened for; `lastAt` is when that was so last. Absences are judged by it. */
export async function keepListening (store: Pick<Store, 'read' | 'write'>, lastAt: number | undefined, now: number): Promise<number> {
  const known = (await store.read('listSettings', undefined)).find(({ name }) => name === NAME)?.value
  const from = listeningFrom(typeof known === 'number' && lastAt !== undefined ? { from: known, until: lastAt } : undefined, now)
  if (from !== known) await listenFrom(store, from, now)
  return from
}

/** What the store holds of before was received at other times than its own: the clock was set. */
export async function listenFrom (store: Pick<Store, 'write'>, from: number, now = from): Promise<void> {
  await store.write('saveSettings', { settings: [{ name: NAME, value: from }], now })
}
