import type { DeliveryChannel } from '../../schemas/channel.ts'
import type { Attempt, Notice } from '../../schemas/notice.ts'

/**
 * Where notices wait, which the store keeps. A notice that was taken and never settled, because the process died, is still
 * there: it is sent again under the same id.
 */
export interface Outbox {
  /** Every channel as it is now, those that are switched off too. */
  channels: () => Promise<DeliveryChannel[]>
  /**
   * The notices that are due, the longest waiting first. Of the notices for one alert and one channel (`channelId`) that are
   * waiting, only the one with the lowest sequence; and one that is to be repeated only when no later one exists.
   */
  due: (question: DueQuestion) => Promise<Notice[]>
  /** Writes the attempt and all that follows from it in one transaction. */
  settle: (settlement: Settlement) => Promise<void>
}

export interface DueQuestion {
  now: number
  limit: number
  /** Notices that wait, whose `via` is one of these. */
  channelIds: readonly string[]
  /** Notices that are to be repeated, whose `via` is one of these: only a channel itself is told again, never its fallback. */
  repeatIds: readonly string[]
  /** Not those of lanes (`laneOf`) that are busy. */
  exceptLanes: readonly string[]
}

export interface Settlement {
  notice: Notice
  attempt: Attempt
  next: NextStep
  health: HealthChange
}

/** What becomes of a notice. `waiting` counts one attempt more; `repeatAt` asks for it again then, unless a later one exists. */
export type NextStep =
  | { state: 'delivered', repeatAt?: number }
  | { state: 'waiting', dueAt: number, via: string }
  | { state: 'failed' }

/** What an attempt means for the channel that it used. */
export interface HealthChange {
  channelId: string
  /** `well` sets its failures to 0, `failing` adds one, `throttled` leaves them, `gone` switches the channel off. */
  state: 'well' | 'failing' | 'throttled' | 'gone'
  /** Nothing may be sent to it before; an earlier word to wait longer still holds. */
  heldUntil?: number
  /** All notices that wait for it are due at once: it is back, or its fallback takes over. */
  hastens: boolean
}

/** Order is kept in each lane: one alert on one channel. */
export function laneOf ({ alertId, channelId }: Pick<Notice, 'alertId' | 'channelId'>): string {
  return `${alertId}/${channelId}`
}
