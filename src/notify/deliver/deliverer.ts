import { setTimeout as pause } from 'node:timers/promises'
import type { DeliveryChannel } from '../../../schemas/channel.ts'
import type { Notice } from '../../../schemas/notice.ts'
import type { DueChannel, Settlement } from '../../../schemas/outbox.ts'
import type { Clock } from '../../core/clock.ts'
import { tryOnce, type Batch } from './attempt.ts'
import type { Guard } from '../guard.ts'
import { notifiers } from '../index.ts'
import type { Told } from '../notifier.ts'
import { laneOf, type Outbox } from './outbox.ts'
import { isBroken, routesOf, type Channels } from './route.ts'
import type { Schedule } from './schedule.ts'
import { isRefusal, settlementOf } from './settle.ts'
import { Settling } from './settling.ts'

export interface DelivererParts {
  outbox: Outbox
  clock: Clock
  guard: Guard
  schedule: Schedule
  /** Of one attempt, from the look-up of the name to the end of the reply. */
  timeoutMs: number
  /** How often the outbox is looked at when nobody calls `wake`. */
  pollMs: number
  /** The link of a notice that acknowledges, told on this channel; undefined where it has none. */
  ackUrlOf?: (notice: Notice, channel: DeliveryChannel) => string | undefined
  /** Called with every attempt, after it was written down. */
  onAttempt?: (settlement: Settlement) => void
  /** Called when a channel is found broken, and when it is found well again. */
  onHealth?: (channel: DeliveryChannel, health: 'broken' | 'well') => void
  /** Called when the outbox failed, or a notice could not be put into a request. Either is tried again after `pollMs`. */
  onError: (error: unknown) => void
}

/** Requests at once: in all, to one channel, and to one that fails, so that it cannot take the places of those that work. */
const MOST = { all: 64, channel: 8, failing: 1 }

/**
 * Takes notices from the outbox and sends them, each at least once, in order for each alert and channel, again by the table
 * of retries. One channel never waits for another. In a storm those channels that can are told of many alerts at a time.
 */
export class Deliverer {
  readonly #parts: DelivererParts
  readonly #lanes = new Set<string>()
  readonly #places = new Map<string, number>()
  readonly #broken = new Set<string>()
  /** Ids of notices that were refused together, or could not be put into a request: each is told alone, to find out which one it was. */
  readonly #alone = new Set<string>()
  readonly #settling: Settling
  readonly #work = new Set<Promise<void>>()
  readonly #stopped = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> | undefined
  #isCalled = false
  #isClosing = false

  constructor (parts: DelivererParts) {
    this.#parts = parts
    this.#settling = new Settling({ outbox: parts.outbox, onError: parts.onError, pause: () => this.#pause() })
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
    this.#settling.close()
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

  /** Starts what can be started. What waits for one that has no place left may have another to go to, so it asks again for those. */
  async #look (): Promise<void> {
    this.#isCalled = false
    const channels: Channels = new Map((await this.#parts.outbox.channels()).map((channel) => [channel.id, channel]))
    this.#tellHealth(channels)
    let asked = [...channels.keys()]
    while (asked.length > 0 && !this.#isClosing && this.#work.size < MOST.all) {
      const wanted = this.#wanted(asked, channels)
      if (wanted.length === 0) return
      const notices = await this.#parts.outbox.due({ now: this.#parts.clock.now(), channels: wanted, exceptLanes: [...this.#lanes] })
      const hasBegun = this.#begin(notices, channels)
      asked = wanted.filter(({ id, limit }) => hasBegun && notices.filter(({ via }) => via === id).length >= limit).map(({ id }) => id)
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

  #wanted (ids: readonly string[], channels: Channels): DueChannel[] {
    return ids.flatMap((id) => {
      const route = this.#routeOf(id, channels)
      return route === undefined ? [] : [{ id, limit: notifiers[route.kind].group?.most ?? this.#room(route), withRepeats: route.id === id }]
    })
  }

  /** The channel that can take what waits for `id` and has a place free. */
  #routeOf (id: string, channels: Channels): DeliveryChannel | undefined {
    const channel = channels.get(id)
    return channel === undefined ? undefined : routesOf(channel, channels, this.#parts.clock.now()).find((route) => this.#room(route) > 0)
  }

  #room ({ id, failures }: DeliveryChannel): number {
    return (failures > 0 ? MOST.failing : MOST.channel) - (this.#places.get(id) ?? 0)
  }

  /** Returns false when there was no place for any of them. */
  #begin (notices: readonly Notice[], channels: Channels): boolean {
    let hasBegun = false
    for (const [channel, waiting] of Map.groupBy(onePerLane(notices), (notice) => this.#channelOf(notice, channels))) {
      if (channel === undefined) continue
      for (const batch of this.#batches(waiting, channel)) hasBegun = this.#start(batch, channel, channels) || hasBegun
    }
    return hasBegun
  }

  #channelOf ({ via, isRepeat }: Notice, channels: Channels): DeliveryChannel | undefined {
    const route = this.#routeOf(via, channels)
    return isRepeat && route?.id !== via ? undefined : route
  }

  /** In a storm all together, else each alone. */
  #batches (notices: readonly Notice[], { kind }: DeliveryChannel): Batch<Notice>[] {
    const { group } = notifiers[kind]
    const { alone = [], together: [first, ...others] = [] } = Object.groupBy(notices, ({ id }) => this.#alone.has(id) ? 'alone' : 'together')
    if (group === undefined || first === undefined || others.length + 1 < group.least) return notices.map((notice) => [notice])
    return [...alone.map((notice): Batch<Notice> => [notice]), [first, ...others.slice(0, group.most - 1)]]
  }

  /** A group takes all places of its channel: what comes meanwhile gathers for the next one. */
  #start (batch: Batch<Notice>, channel: DeliveryChannel, channels: Channels): boolean {
    if (this.#isClosing || this.#work.size >= MOST.all || this.#room(channel) <= 0) return false
    const lanes = batch.map(laneOf)
    for (const lane of lanes) this.#lanes.add(lane)
    const leave = this.#enter(channel.id, batch.length > 1 ? MOST.channel : 1)
    const work = this.#deliver(batch, { channel, channels, leave }).finally(() => {
      for (const lane of lanes) this.#lanes.delete(lane)
      leave()
      this.#work.delete(work)
      this.wake()
    })
    this.#work.add(work)
    return true
  }

  /** Takes places of a channel; what is returned gives them back, once. */
  #enter (channelId: string, places: number): () => void {
    this.#take(channelId, places)
    let isIn = true
    return () => {
      if (isIn) this.#take(channelId, -places)
      isIn = false
    }
  }

  #take (channelId: string, places: number): void {
    const taken = (this.#places.get(channelId) ?? 0) + places
    if (taken === 0) this.#places.delete(channelId)
    else this.#places.set(channelId, taken)
  }

  /**
   * What one that is delivered leaves is free while that is written down, so that neither the receiver nor the disk waits for the other. After
   * a failure nobody knows what the channel may take until it is written.
   */
  async #deliver (batch: Batch<Notice>, { channel, channels, leave }: { channel: DeliveryChannel, channels: Channels, leave: () => void }): Promise<void> {
    const { clock, guard, timeoutMs, schedule, onAttempt, onError } = this.#parts
    try {
      const tried = await tryOnce(this.#told(batch, channel), channel, { clock, guard, timeoutMs, signal: this.#stopped.signal })
      if (tried === undefined) return
      if (tried.verdict.kind === 'delivered' && batch.length === 1) {
        leave()
        this.wake()
      }
      const settlement = settlementOf({ ...tried, notices: batch, channel, channels, schedule, now: clock.now() })
      if (!await this.#settling.settle(settlement)) return
      this.#setApart(batch, batch.length > 1 && isRefusal(tried.verdict))
      onAttempt?.(settlement)
    } catch (error) {
      onError(error)
      this.#setApart(batch, true)
      await this.#pause()
    }
  }

  /** What is put into the request: the channel that is used decides on the link, be it the fallback. */
  #told ([first, ...others]: Batch<Notice>, channel: DeliveryChannel): Batch {
    const told = (notice: Notice): Told => {
      const ackUrl = this.#parts.ackUrlOf?.(notice, channel)
      return ackUrl === undefined ? notice : { id: notice.id, body: { ...notice.body, ack_url: ackUrl } }
    }
    return [told(first), ...others.map(told)]
  }

  #setApart (batch: Batch<Notice>, isApart: boolean): void {
    for (const { id } of batch) {
      if (isApart) this.#alone.add(id)
      else this.#alone.delete(id)
    }
  }

  async #pause (): Promise<void> {
    await pause(this.#parts.pollMs, undefined, { signal: this.#stopped.signal, ref: false }).catch(() => {})
  }
}

/** What is told again and what was put in again may be of the same one. */
function onePerLane (notices: readonly Notice[]): Notice[] {
  const lanes = new Map(notices.toReversed().map((notice) => [laneOf(notice), notice]))
  return notices.filter((notice) => lanes.get(laneOf(notice)) === notice)
}
