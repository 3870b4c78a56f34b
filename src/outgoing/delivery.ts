import type { Logger } from 'pino'
import type { DeliveryChannel } from '../../schemas/channel.ts'
import type { Check } from '../../schemas/health.ts'
import type { Attempt, Notice } from '../../schemas/notice.ts'
import type { Settlement } from '../../schemas/outbox.ts'
import type { Sample } from '../../schemas/sample.ts'
import { CANARY_CHANNEL } from '../../schemas/words.ts'
import { ACK_LINK_LASTS_MS, type AckTokens } from './ack-tokens.ts'
import type { Channels } from './channels.ts'
import { type Clock, isoTime } from '../core/clock.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { Deliverer } from '../notify/deliver/deliverer.ts'
import type { Guard } from '../notify/guard.ts'
import { isBroken } from '../notify/deliver/route.ts'
import type { OwnAddress } from './own-address.ts'
import { PeriodicTask } from '../core/periodic-task.ts'
import type { ChannelRecord } from '../store/hot/outbox/channels.ts'
import type { ReadValue, Store } from '../store/store.ts'

interface DeliveryParts {
  store: Pick<Store, 'read' | 'write'>
  clock: Clock
  guard: Guard
  channels: Pick<Channels, 'nameOf'>
  ackTokens: Pick<AckTokens, 'make'>
  own: Pick<OwnAddress, 'url'>
  metrics: Pick<Metrics, 'notifications' | 'outboxPending'>
  log: Pick<Logger, 'warn' | 'info' | 'error'>
}

const ATTEMPT_TIMEOUT_MS = 15_000
const POLL_MS = 1_000
const LOOK_EVERY_MS = 10_000
/** By the table of retries, it has failed seven times by then. */
const LATE_MS = 600_000

const RESULTS: Readonly<Record<Attempt['result'], 'delivered' | 'retried' | 'failed'>> = {
  delivered: 'delivered', retry: 'retried', failed: 'failed', gone: 'failed'
}

/** Sends what waits in the outbox, and tells how that goes: as metrics, as a check of health, and as a series that a rule watches. */
export class Delivery {
  readonly #parts: DeliveryParts
  readonly #deliverer: Deliverer
  readonly #looks: PeriodicTask
  #looking: Promise<void> | undefined
  #backlog: ReadValue<'outboxBacklog'> = { pending: 0, channels: [] }
  #present: readonly ChannelRecord[] = []
  #fault: string | undefined
  #canary: { channel: DeliveryChannel, onAttempt: (settlement: Settlement) => void } | undefined

  constructor (parts: DeliveryParts) {
    const { store, clock, guard } = parts
    this.#parts = parts
    this.#deliverer = new Deliverer({
      outbox: {
        channels: async () => [...await store.read('deliveryChannels', undefined), ...this.#canary === undefined ? [] : [this.#canary.channel]],
        due: (question) => store.read('dueNotices', question),
        settle: (settlements) => store.write('settleNotices', settlements)
      },
      clock,
      guard,
      schedule: { factor: 1, random: Math.random },
      timeoutMs: ATTEMPT_TIMEOUT_MS,
      pollMs: POLL_MS,
      ackUrlOf: (notice, channel) => this.#ackUrlOf(notice, channel),
      onAttempt: (settlement) => this.#count(settlement),
      onHealth: (channel, health) => this.#tell(channel, health),
      onError: (error) => this.#note(error)
    })
    this.#deliverer.wake()
    this.#looks = new PeriodicTask({ everyMs: LOOK_EVERY_MS, againMs: LOOK_EVERY_MS, now: clock.now, task: () => this.#watch() })
  }

  /** Sends what is due now rather than at the next look: to be called when something was put into the outbox. */
  wake (): void {
    this.#deliverer.wake()
    void this.#look()
  }

  /** Sends the canary's notices, too, and tells of the attempts: they are in no count. With an empty address they arrive as they are. */
  carryCanary (url: string, onAttempt: (settlement: Settlement) => void): void {
    this.#canary = {
      channel: { id: CANARY_CHANNEL, name: CANARY_CHANNEL, kind: 'canary', url, secret: null, fallback: null, enabled: true, ackLinks: false, failures: 0, heldUntil: 0 },
      onAttempt
    }
  }

  check (): Check {
    const { pending, channels } = this.#backlog
    const oldestAt = Math.min(...channels.map((channel) => channel.oldestAt))
    const waits = pending === 0 ? 'nothing waits' : `${pending} notices wait, the oldest since ${isoTime(oldestAt)}`
    const isLate = pending > 0 && this.#parts.clock.now() - oldestAt > LATE_MS
    const faults = [...this.#present.filter(isUnreached).map(({ name }) => `nothing gets through to the channel ${name}`), ...(this.#fault === undefined ? [] : [this.#fault])]
    return { status: isLate || faults.length > 0 ? 'degraded' : 'ok', detail: [waits, ...faults].join('; ') }
  }

  /** Takes nothing more, and waits for what is on its way, up to `graceMs`. */
  async close (graceMs: number): Promise<void> {
    await this.#looks.close()
    await this.#deliverer.close(graceMs)
    await this.#looking
  }

  /** The link by which the readers of a channel acknowledge; of the same notice and channel it is always the same. */
  #ackUrlOf ({ id, body, createdAt }: Notice, channel: DeliveryChannel): string | undefined {
    const { ackTokens, own, clock } = this.#parts
    if (!channel.ackLinks || body.state !== 'firing' || clock.now() - createdAt >= ACK_LINK_LASTS_MS) return undefined
    return `${own.url}/a/${ackTokens.make(id, channel.id)}`
  }

  #count (settlement: Settlement): void {
    const { metrics, channels } = this.#parts
    const { attempt: { channel, result }, steps } = settlement
    if (channel === CANARY_CHANNEL) return this.#canary?.onAttempt(settlement)
    metrics.notifications.at({ channel: channels.nameOf(channel), result: RESULTS[result] }).add(steps.length)
    this.#fault = undefined
  }

  #tell ({ name, fallback }: DeliveryChannel, health: 'broken' | 'well'): void {
    const { log, channels } = this.#parts
    if (health === 'well') log.info({ channel: name }, 'the channel works again')
    else log.warn({ channel: name, fallback: fallback === null ? null : channels.nameOf(fallback) }, 'the channel is broken: its fallback takes over where there is one')
    void this.#look()
  }

  #note (error: unknown): void {
    const { log } = this.#parts
    if (this.#fault === undefined) log.error({ err: error }, 'the outbox failed: it is tried again until it works')
    this.#fault = error instanceof Error ? error.message : String(error)
  }

  /** Keeps what a rule watches: 1 for a channel that nothing gets through to, 0 for one that is well. */
  async #watch (): Promise<void> {
    await this.#look()
    const time = this.#parts.clock.now()
    const samples = this.#present.map((channel): Sample => ({ name: 'bellwether_channel_broken', labels: { channel: channel.name }, value: Number(isUnreached(channel)), time }))
    if (samples.length > 0) await this.#parts.store.write('appendSamples', { samples }).catch((error: unknown) => this.#note(error))
  }

  /** Those who ask while a look is under way share it. */
  #look (): Promise<void> {
    this.#looking ??= this.#lookOnce().catch((error: unknown) => this.#note(error)).finally(() => { this.#looking = undefined })
    return this.#looking
  }

  async #lookOnce (): Promise<void> {
    const { store, metrics } = this.#parts
    this.#present = await store.read('listChannels', { all: false })
    this.#backlog = await store.read('outboxBacklog', undefined)
    metrics.outboxPending.at({}).set(this.#backlog.pending)
    this.#fault = undefined
  }
}

function isUnreached (channel: ChannelRecord): boolean {
  return isBroken(channel) || channel.disabledReason !== null
}
