import type { SampleData as Wire } from '../../schemas/sample-data.ts'
import type { Requester } from '../../schemas/token.ts'
import type { Audit } from '../access/audit.ts'
import { type Clock, isoTime } from '../core/clock.ts'
import { isRecord } from '../core/is-record.ts'
import type { Store } from '../store/store.ts'
import { HOUR_MS, shopHour } from './shop.ts'

interface Parts {
  store: Pick<Store, 'append' | 'read' | 'write'>
  clock: Clock
  audit: Pick<Audit, 'recordOf'>
}

/** What is remembered of it: the end of its hour, and, once all is stored, which rows and how many series it is. */
interface Kept {
  to: number
  first?: number
  last?: number
  events?: number
  series?: number
}

const SETTING = 'sample_data'
const SENDER = 'sample-data'
/** Changes with what the generator makes: a load that was cut off is gone on with by the same version. */
const VERSION = '1'
const NOTHING: Wire = { loaded: false, from: null, to: null, events: 0, series: 0 }

/**
 * A made-up hour of a shop to look around in. It is stored as an import is, so that no rule counts it, and nobody is told. All of it bears
 * a mark, and only what does is removed.
 */
export class SampleData {
  readonly #parts: Parts
  #last: Promise<unknown> = Promise.resolve()

  constructor (parts: Parts) {
    this.#parts = parts
  }

  async look (): Promise<Wire> {
    return wireOf(await this.#kept())
  }

  /** Stores it, unless it is there; `isNew` says which. One that was cut off is gone on with where it was. Throws `no_space`, `overloaded`. */
  load (by: Requester): Promise<{ data: Wire, isNew: boolean }> {
    return this.#alone(async () => {
      const kept = await this.#kept()
      if (isWhole(kept)) return { data: wireOf(kept), isNew: false }
      return { data: wireOf(await this.#store(kept, by)), isNew: true }
    })
  }

  /** Removes it, some at a time, so that events come in between; answers what that was. */
  remove (by: Requester): Promise<Wire> {
    return this.#alone(async () => {
      const { store } = this.#parts
      const kept = await this.#kept()
      if (kept === undefined) return NOTHING
      const { first = 0, last = 0 } = isWhole(kept) ? kept : await this.#store(kept, by)
      const removed = { events: 0, series: 0 }
      for (let count = Infinity; count > 0; removed.events += count) count = await store.write('forgetSampleEvents', { first, last })
      removed.series = await store.write('forgetSampleSeries', undefined)
      await this.#keep(null, 'sample-data.remove', removed, by)
      return { ...NOTHING, ...removed }
    })
  }

  /** Each step may be done again without doing more: the key of the events gives their rows, and a sample is stored once a time. */
  async #store (kept: Kept | undefined, by: Requester): Promise<Kept> {
    const { store, clock } = this.#parts
    const to = kept?.to ?? clock.now()
    if (kept === undefined) await store.write('saveSettings', { settings: [{ name: SETTING, value: { to } }], now: to })
    const { events, samples } = shopHour(to)
    const { ids } = await store.append({
      tokenId: SENDER, events, indexes: [...events.keys()], rejections: [], isImport: true, key: { tokenId: SENDER, key: String(to), part: 0, bodyHash: VERSION }
    })
    await store.write('appendSamples', { samples })
    const counts = { events: ids.length, series: new Set(samples.map(({ name, labels }) => `${name} ${labels['service']}`)).size }
    const whole: Kept = { to, first: ids[0] ?? 0, last: ids.at(-1) ?? 0, ...counts }
    await this.#keep(whole, 'sample-data.load', counts, by)
    return whole
  }

  async #keep (value: Kept | null, action: 'sample-data.load' | 'sample-data.remove', detail: { events: number, series: number }, { caller: actor, from }: Requester): Promise<void> {
    const { store, clock, audit } = this.#parts
    await store.write('saveSettings', { settings: [{ name: SETTING, value }], now: clock.now(), acts: [audit.recordOf({ action, actor, from, detail })] })
  }

  async #kept (): Promise<Kept | undefined> {
    const setting = (await this.#parts.store.read('listSettings', undefined)).find(({ name }) => name === SETTING)
    return parseKept(setting?.value)
  }

  #alone<T> (task: () => Promise<T>): Promise<T> {
    const done = this.#last.then(task)
    this.#last = done.catch(() => {})
    return done
  }
}

function isWhole (kept: Kept | undefined): kept is Kept {
  return kept?.last !== undefined
}

function wireOf (kept: Kept | undefined): Wire {
  if (!isWhole(kept)) return NOTHING
  const { to, events = 0, series = 0 } = kept
  return { loaded: true, from: isoTime(to - HOUR_MS), to: isoTime(to), events, series }
}

function parseKept (value: unknown): Kept | undefined {
  if (!isRecord(value) || typeof value['to'] !== 'number') return undefined
  const figures = (['first', 'last', 'events', 'series'] as const).flatMap((name) => typeof value[name] === 'number' ? [[name, value[name]]] : [])
  return { to: value['to'], ...Object.fromEntries(figures) }
}
