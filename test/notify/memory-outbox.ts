import type { DeliveryChannel } from '../../schemas/channel.ts'
import type { Attempt, Notice } from '../../schemas/notice.ts'
import type { DueQuestion, HealthChange, Settlement, Step } from '../../schemas/outbox.ts'
import { laneOf, type Outbox } from '../../src/notify/deliver/outbox.ts'

/** A notice with all that the ledger knows of it. */
export interface Kept {
  notice: Notice
  state: 'waiting' | 'delivered' | 'failed'
  /** When it is due, to be sent or to be repeated. */
  dueAt: number
  attempts: Attempt[]
}

/** The outbox as its interface describes it, in memory. `failNext` makes it reject. */
export class MemoryOutbox implements Outbox {
  readonly kept: Kept[] = []
  readonly settled: Settlement[] = []
  /** How often a deliverer looked. */
  rounds = 0
  writes = 0
  failNext = 0
  /** It can send and cannot write, as one that is about to be killed. */
  isDying = false
  readonly #channels: Map<string, DeliveryChannel>

  constructor (channels: DeliveryChannel[]) {
    this.#channels = new Map(channels.map((channel) => [channel.id, channel]))
  }

  put (...notices: Notice[]): void {
    for (const notice of notices) this.kept.push({ notice, state: 'waiting', dueAt: 0, attempts: [] })
  }

  set (channel: DeliveryChannel): void {
    this.#channels.set(channel.id, channel)
  }

  channel (id: string): DeliveryChannel {
    const channel = this.#channels.get(id)
    if (channel === undefined) throw new Error(`no channel ${id}`)
    return channel
  }

  get waiting (): Kept[] {
    return this.kept.filter(({ state }) => state === 'waiting')
  }

  readonly channels = async (): Promise<DeliveryChannel[]> => {
    this.rounds++
    this.#mayFail()
    return [...this.#channels.values()]
  }

  readonly due = async ({ now, channels, exceptLanes }: DueQuestion): Promise<Notice[]> => {
    const lanes = this.#lanes()
    const asked = new Map(channels.map((channel) => [channel.id, channel]))
    const isOpen = (kept: Kept): boolean => {
      const { first, last } = lanes.get(laneOf(kept.notice)) ?? {}
      const isTurn = kept.state === 'waiting' ? kept === first && asked.has(kept.notice.via) : kept === last && asked.get(kept.notice.via)?.withRepeats === true
      return isTurn && !exceptLanes.includes(laneOf(kept.notice))
    }
    const open = this.kept.filter((kept) => kept.dueAt <= now && isOpen(kept)).sort((a, b) => a.dueAt - b.dueAt)
    const counts = new Map<string, number>()
    return open
      .filter(({ notice: { via } }) => {
        counts.set(via, (counts.get(via) ?? 0) + 1)
        return (counts.get(via) ?? 0) <= (asked.get(via)?.limit ?? 0)
      })
      .map(({ notice, state }) => ({ ...notice, isRepeat: state === 'delivered' }))
  }

  readonly settle = async (settlements: readonly Settlement[]): Promise<void> => {
    this.#mayFail()
    if (this.isDying) throw new Error('killed')
    this.writes++
    for (const settlement of settlements) {
      for (const step of settlement.steps) this.#step(step, settlement.attempt)
      this.#change(settlement.health)
      this.settled.push(settlement)
    }
  }

  #step ({ notice, next }: Step, attempt: Attempt): void {
    const kept = this.kept.find((other) => other.notice.id === notice.id)
    if (kept === undefined) throw new Error(`no notice ${notice.id}`)
    kept.attempts.push(attempt)
    kept.state = next.state
    kept.dueAt = Infinity
    if (next.state === 'waiting') {
      kept.dueAt = next.dueAt
      kept.notice = { ...kept.notice, via: next.via, attempts: notice.attempts + 1, tries: notice.tries + 1 }
    } else if (next.state === 'delivered') {
      kept.dueAt = next.repeatAt ?? Infinity
    }
  }

  #change ({ channelId, state, heldUntil = 0, hastens }: HealthChange): void {
    const channel = this.channel(channelId)
    this.set({
      ...channel,
      enabled: channel.enabled && state !== 'gone',
      failures: state === 'well' ? 0 : channel.failures + (state === 'failing' ? 1 : 0),
      heldUntil: Math.max(channel.heldUntil, heldUntil)
    })
    if (!hastens) return
    for (const kept of this.waiting) if (kept.notice.via === channelId) kept.dueAt = 0
  }

  /** Of each lane, the first notice that waits and the last of all. */
  #lanes (): Map<string, { first?: Kept, last: Kept }> {
    const lanes = new Map<string, { first?: Kept, last: Kept }>()
    for (const kept of this.kept.toSorted((a, b) => a.notice.sequence - b.notice.sequence)) {
      const first = lanes.get(laneOf(kept.notice))?.first ?? (kept.state === 'waiting' ? kept : undefined)
      lanes.set(laneOf(kept.notice), { ...(first === undefined ? {} : { first }), last: kept })
    }
    return lanes
  }

  #mayFail (): void {
    if (this.failNext === 0) return
    this.failNext--
    throw new Error('the disk is full')
  }
}
