import { setTimeout as pause } from 'node:timers/promises'
import type { DeliveryChannel } from '../../schemas/channel.ts'
import type { Notice } from '../../schemas/notice.ts'
import type { Clock } from '../clock.ts'
import { tryOnce } from './attempt.ts'
import type { Guard } from './guard.ts'
import { laneOf, type Outbox, type Settlement } from './outbox.ts'
import { isBroken, routesOf, type Channels } from './route.ts'
import type { Schedule } from './schedule.ts'
import { settlementOf } from './settle.ts'

export interface DelivererParts {
  outbox: Outbox
  clock: Clock
  guard: Guard
  schedule: Schedule
  /** Of one attempt, from the look-up of the name to the end of the reply. */
  timeoutMs: number
  /** How often the outbox is looked at when nobody calls `wake`. */
  pollMs: number
  /** Called with every attempt, after it was written down. */
  onAttempt?: (settlement: Settlement) => void
  /** Called when a channel is found broken, and when it is found well again. */
  onHealth?: (channel: DeliveryChannel, health: 'broken' | 'well') => void
  /** Called when the outbox failed, or a notice could not be put into a request. Either is tried again after `pollMs`. */
  onError: (error: unknown) => void
}

/** At once: in all, on one channel, and on one that fails, so that it cannot take the places of those that work. */
const MOST = { all: 64, channel: 8, failing: 1 }

/**
 * Takes notices from the outbox and sends them, each at least once, in order for each alert and channel, again by the table
 * of retries. One channel never waits for another.
 */
export class Deliverer {
  readonly #parts: DelivererParts
  readonly #lanes = new Set<string>()
  readonly #places = new Map<string, number>()
  readonly #broken = new Set<string>()
  readonly #work = new Set<Promise<void>>()
  readonly #stopped = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> | undefined
  #isCalled = false
  #isClosing = false

  constructor (parts: DelivererParts) {
    this.#parts = parts
  }

  /** Looks at the outbox now: to begin with, and whenever something was put in. */
  wake (): void {
    this.#isCalled = true
    if (this.#isClosing || this.#round !== undefined) return
    clearTimeout(this.#timer)
    this.#round = this.#look().catch((error: unknown) => this.#parts.onError(error)).finally(() => this.#rest())
  }

  /**
   * Takes nothing more, and waits for the attempts on their way; after `graceMs` it breaks them off. What was not delivered
   * stays in the outbox.
   */
  async close (graceMs: number): Promise<void> {
    this.#isClosing = true
    clearTimeout(this.#timer)
    const timer = setTimeout(() => this.#stopped.abort(), graceMs)
    await this.#round
    await Promise.all(this.#work)
    clearTimeout(timer)
  }

  #rest (): void {
    this.#round = undefined
    if (this.#isClosing) return
    if (this.#isCalled) return this.wake()
    this.#timer = setTimeout(() => this.wake(), this.#parts.pollMs)
    this.#timer.unref()
  }

  /** Starts what can be started. A batch may be all for one channel, so it asks again until nothing more can begin. */
  async #look (): Promise<void> {
    this.#isCalled = false
    const channels: Channels = new Map((await this.#parts.outbox.channels()).map((channel) => [channel.id, channel]))
    this.#tellHealth(channels)
    let isMore = true
    while (isMore && !this.#isClosing && this.#work.size < MOST.all) {
      const limit = MOST.all - this.#work.size
      const notices = await this.#due(limit, channels)
      const started = notices.filter((notice) => this.#start(notice, channels))
      isMore = started.length > 0 && notices.length === limit
    }
  }

  #tellHealth (channels: Channels): void {
    for (const channel of channels.values()) {
      if (isBroken(channel) === this.#broken.has(channel.id)) continue
      if (isBroken(channel)) this.#broken.add(channel.id)
      else this.#broken.delete(channel.id)
      this.#parts.onHealth?.(channel, isBroken(channel) ? 'broken' : 'well')
    }
  }

  async #due (limit: number, channels: Channels): Promise<Notice[]> {
    const routes = Array.from(channels.values(), ({ id }) => ({ id, route: this.#routeOf(id, channels) })).filter(({ route }) => route !== undefined)
    if (routes.length === 0) return []
    return await this.#parts.outbox.due({
      now: this.#parts.clock.now(),
      limit,
      channelIds: routes.map(({ id }) => id),
      repeatIds: routes.filter(({ id, route }) => route?.id === id).map(({ id }) => id),
      exceptLanes: [...this.#lanes]
    })
  }

  /** The channel that can take what waits for `id` and has a place free. */
  #routeOf (id: string, channels: Channels): DeliveryChannel | undefined {
    const channel = channels.get(id)
    if (channel === undefined) return undefined
    return routesOf(channel, channels, this.#parts.clock.now())
      .find((route) => (this.#places.get(route.id) ?? 0) < (route.failures > 0 ? MOST.failing : MOST.channel))
  }

  /** Returns false when there is no place for it any more. */
  #start (notice: Notice, channels: Channels): boolean {
    const channel = this.#routeOf(notice.via, channels)
    const lane = laneOf(notice)
    if (channel === undefined || this.#isClosing || this.#lanes.has(lane)) return false
    if (notice.isRepeat && channel.id !== notice.via) return false
    this.#lanes.add(lane)
    this.#take(channel.id, 1)
    const work = this.#deliver(notice, channel, channels).finally(() => {
      this.#lanes.delete(lane)
      this.#take(channel.id, -1)
      this.#work.delete(work)
      this.wake()
    })
    this.#work.add(work)
    return true
  }

  #take (channelId: string, places: number): void {
    const taken = (this.#places.get(channelId) ?? 0) + places
    if (taken === 0) this.#places.delete(channelId)
    else this.#places.set(channelId, taken)
  }

  async #deliver (notice: Notice, channel: DeliveryChannel, channels: Channels): Promise<void> {
    const { clock, guard, timeoutMs, schedule, onAttempt, onError } = this.#parts
    try {
      const tried = await tryOnce(notice, channel, { clock, guard, timeoutMs, signal: this.#stopped.signal })
      if (tried === undefined) return
      const settlement = settlementOf({ ...tried, notice, channel, channels, schedule, now: clock.now() })
      if (await this.#settle(settlement)) onAttempt?.(settlement)
    } catch (error) {
      onError(error)
      await this.#pause()
    }
  }

  /** The lane stays busy until the outbox knows: otherwise a disk that is full would have the notice sent again and again. */
  async #settle (settlement: Settlement): Promise<boolean> {
    while (true) {
      try {
        await this.#parts.outbox.settle(settlement)
        return true
      } catch (error) {
        this.#parts.onError(error)
        if (this.#isClosing) return false
        await this.#pause()
      }
    }
  }

  async #pause (): Promise<void> {
    await pause(this.#parts.pollMs, undefined, { signal: this.#stopped.signal, ref: false }).catch(() => {})
  }
}
