import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { systemClock } from '../../src/core/clock.ts'
import { Deliverer } from '../../src/notify/deliver/deliverer.ts'
import { openSqlite } from '../../src/store/hot/sqlite.ts'
import type { ReadValue, Store } from '../../src/store/store.ts'
import { newChannel, tell, type ChannelInsert } from '../contract/given-alerts.ts'
import { Receiver, type Answer, type Received } from '../notify/receiver.ts'
import { loopback, SECRET } from '../notify/support.ts'
import { holds } from './stack/prometheus.ts'

export type LedgerEntry = ReadValue<'listNotices'>[number]

interface Sending {
  /** Multiplies every wait of the table of retries. */
  factor: number
  timeoutMs: number
}

/** A real store and the real deliverer over it, with receivers on loopback; `close` removes everything. */
export class OutboxLab {
  readonly store: Store
  readonly #folder: string
  readonly #closers: Array<() => unknown> = []

  private constructor (store: Store, folder: string) {
    this.store = store
    this.#folder = folder
  }

  static async open (): Promise<OutboxLab> {
    const folder = mkdtempSync(join(tmpdir(), 'bellwether-outbox-'))
    const { store } = await openSqlite({ dataDir: folder, durability: 'durable', minFreeBytes: 1, partitionBytes: 1e9, onDeath: (error) => { throw error } })
    return new OutboxLab(store, folder)
  }

  /** Called at the end, as that of a test. */
  readonly teardown = (close: () => unknown): void => { this.#closers.push(close) }

  receiver (answer?: Answer): Promise<Receiver> {
    return Receiver.open(this, answer)
  }

  async channel (id: string, url: string, changes: Partial<ChannelInsert> = {}): Promise<void> {
    await this.store.write('insertChannel', newChannel(id, { url, secret: SECRET, ...changes }))
  }

  /** Puts alerts that fired and were resolved into the outbox. Gives the ids of their notices in order, alert by alert. */
  async alerts (count: number, channelId: string): Promise<string[][]> {
    const lanes: string[][] = []
    for (let n = 0; n < count; n++) lanes.push(await tell(this.store, channelId, { resolved: true }))
    return lanes
  }

  send ({ factor, timeoutMs }: Sending): Deliverer {
    const deliverer = new Deliverer({
      outbox: {
        channels: () => this.store.read('deliveryChannels', undefined),
        due: (question) => this.store.read('dueNotices', question),
        settle: (settlements) => this.store.write('settleNotices', settlements)
      },
      clock: systemClock,
      guard: loopback,
      schedule: { factor, random: () => 0 },
      timeoutMs,
      pollMs: 20,
      onError: (error) => { throw error }
    })
    this.teardown(() => deliverer.close(0))
    deliverer.wake()
    return deliverer
  }

  ledger (channelId: string): Promise<LedgerEntry[]> {
    return this.store.read('listNotices', { limit: 1_000, before: undefined, state: undefined, channelId, alertId: undefined })
  }

  /** Polls until something holds; answers whether it did within a minute. */
  until (check: () => Promise<boolean>): Promise<boolean> {
    return holds(check, 60_000)
  }

  drained (): Promise<boolean> {
    return this.until(async () => (await this.store.read('outboxBacklog', undefined)).pending === 0)
  }

  async close (): Promise<void> {
    for (const close of this.#closers.reverse()) await close()
    await this.store.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Runs `use` with a lab, which is closed whatever happens. */
export async function inLab<T> (use: (lab: OutboxLab) => Promise<T>): Promise<T> {
  const lab = await OutboxLab.open()
  try {
    return await use(lab)
  } finally {
    await lab.close()
  }
}

export function idOf ({ headers }: Received): string {
  return String(headers['webhook-id'])
}

/** Tells whether the signature is good, by the library that receivers use. */
export function isSigned ({ headers, body }: Received, secret = SECRET): boolean {
  try {
    new Webhook(secret).verify(body, Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])))
    return true
  } catch {
    // The library throws for every kind of fault.
    return false
  }
}
