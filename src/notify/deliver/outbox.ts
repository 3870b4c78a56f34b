import type { DeliveryChannel } from '../../../schemas/channel.ts'
import type { Notice } from '../../../schemas/notice.ts'
import type { DueQuestion, Settlement } from '../../../schemas/outbox.ts'

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
  /** Writes attempts and all that follows from them in one transaction. */
  settle: (settlements: readonly Settlement[]) => Promise<void>
}

/** Order is kept in each lane: one alert on one channel. */
export function laneOf ({ alertId, channelId }: Pick<Notice, 'alertId' | 'channelId'>): string {
  return `${alertId}/${channelId}`
}
