import type { Notification, NotificationsPage, NotificationsQuery } from '../../schemas/notification.ts'
import type { Requester } from '../../schemas/token.ts'
import type { Audit } from '../access/audit.ts'
import type { Channels } from './channels.ts'
import { type Clock, isoTime } from '../core/clock.ts'
import type { Delivery } from './delivery.ts'
import { AppError } from '../core/errors.ts'
import type { LedgerEntry } from '../store/hot/outbox/ledger.ts'
import type { Store } from '../store/store.ts'

interface NotificationsParts {
  store: Pick<Store, 'read' | 'write'>
  clock: Clock
  audit: Pick<Audit, 'recordOf'>
  channels: Pick<Channels, 'nameOf' | 'idsOf'>
  delivery: Pick<Delivery, 'wake'>
}

const LISTED = 100

/** The ledger: every notice with every attempt. */
export class Notifications {
  readonly #parts: NotificationsParts

  constructor (parts: NotificationsParts) {
    this.#parts = parts
  }

  /** Lists notices, newest first. */
  async list ({ state, channel, alert, cursor, limit = LISTED }: NotificationsQuery): Promise<NotificationsPage> {
    const { store, channels } = this.#parts
    const entries = await store.read('listNotices', {
      limit: limit + 1,
      before: cursor === undefined ? undefined : Number(cursor),
      state,
      channelId: channel === undefined ? undefined : channels.idsOf([channel])[0] ?? channel,
      alertId: alert
    })
    const page = entries.slice(0, limit)
    return { notifications: page.map((entry) => this.wire(entry)), next: entries.length > limit ? String(page.at(-1)?.n) : null }
  }

  /** Sends a notice again under the same id. Throws `not_found`, and `conflict` while it waits to be sent or when its channel is gone. */
  async redeliver (id: string, { caller: actor, from }: Requester): Promise<Notification> {
    const { store, clock, audit, channels, delivery } = this.#parts
    const { channelId } = await this.#find(id)
    if (!channels.idsOf([channelId]).includes(channelId)) throw new AppError('conflict', `the channel ${JSON.stringify(channels.nameOf(channelId))} was removed: there is nowhere to send it`)
    const acts = [audit.recordOf({ action: 'notification.redeliver', actor, from, target: id, detail: { channel: channels.nameOf(channelId) } })]
    if (!await store.write('redeliverNotice', { id, now: clock.now(), acts })) throw new AppError('conflict', `the notice ${id} waits to be sent already`)
    delivery.wake()
    return this.wire(await this.#find(id))
  }

  wire ({ id, alertId, channelId, state, body, createdAt, doneAt, nextAt, attempts, repeat }: LedgerEntry): Notification {
    return {
      id,
      alert_id: alertId,
      type: body.type,
      sequence: body.sequence,
      rule: body.rule,
      channel: { id: channelId, name: this.#parts.channels.nameOf(channelId) },
      state,
      created_at: isoTime(createdAt),
      done_at: doneAt === null ? null : isoTime(doneAt),
      next_at: nextAt === null ? null : isoTime(nextAt),
      attempts,
      repeat
    }
  }

  async #find (id: string): Promise<LedgerEntry> {
    const entry = await this.#parts.store.read('getNotice', id)
    if (entry === undefined) throw new AppError('not_found', `there is no notice ${JSON.stringify(id)}: GET /notifications lists them`)
    return entry
  }
}
