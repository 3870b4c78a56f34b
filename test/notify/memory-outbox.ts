import type { DeliveryChannel } from '../../schemas/channel.ts'
import type { Attempt, Notice } from '../../schemas/notice.ts'
import { laneOf, type DueQuestion, type HealthChange, type Outbox, type Settlement } from '../../src/notify/outbox.ts'

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

  readonly due = async ({ now, limit, channelIds, repeatIds, exceptLanes }: DueQuestion): Promise<Notice[]> => {
    const lanes = this.#lanes()
    const isOpen = (kept: Kept): boolean => {
      const { first, last } = lanes.get(laneOf(kept.notice)) ?? {}
      const isTurn = kept.state === 'waiting' ? kept === first && channelIds.includes(kept.notice.via) : kept === last && repeatIds.includes(kept.notice.via)
      return isTurn && !exceptLanes.includes(laneOf(kept.notice))
    }
    return this.kept
      .filter((kept) => kept.dueAt <= now && isOpen(kept))
      .sort((a, b) => a.dueAt - b.dueAt)
      .slice(0, limit)
      .map(({ notice, state }) => ({ ...notice, isRepeat: state === 'delivered' }))
  }

  readonly settle = async (settlement: Settlement): Promise<void> => {
    this.#mayFail()
    if (this.isDying) throw new Error('killed')
    const kept = this.kept.find(({ notice }) => notice.id === settlement.notice.id)
    if (kept === undefined) throw new Error(`no notice ${settlement.notice.id}`)
    kept.attempts.push(settlement.attempt)
    kept.state = settlement.next.state
    kept.dueAt = Infinity
    if (settlement.next.state === 'waiting') {
      kept.dueAt = settlement.next.dueAt
      kept.notice = { ...kept.notice, via: settlement.next.via, attempts: kept.notice.attempts + 1 }
    } else if (settlement.next.state === 'delivered') {
      kept.dueAt = settlement.next.repeatAt ?? Infinity
    }
    this.#change(settlement.health)
    this.settled.push(settlement)
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
