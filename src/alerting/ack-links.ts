import type { AckChoice, AckLink } from '../../schemas/ack-link.ts'
import type { AlertFile } from '../../schemas/alert.ts'
import type { Actor } from '../../schemas/audit.ts'
import { type Clock, isoTime } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import { hashSecret } from '../core/secret-hash.ts'
import { measuredText } from '../notify/wording.ts'
import { ACK_LINK_LASTS_MS, type AckTokens } from '../outgoing/ack-tokens.ts'
import type { Channels } from '../outgoing/channels.ts'
import type { Store } from '../store/store.ts'
import type { Alerts } from './alerts.ts'

interface Parts {
  store: Pick<Store, 'read'>
  clock: Clock
  ackTokens: Pick<AckTokens, 'read'>
  channels: Pick<Channels, 'everyId' | 'nameOf' | 'takesAcks'>
  alerts: Pick<Alerts, 'get' | 'acknowledgeOnce'>
}

/** A token that is ours, whatever became of what it is about. */
interface Known {
  channelId: string
  alertId: string
  expiresAt: number
  /** The entry of the timeline that it makes, and that shows that it was used. Tells nothing of the token. */
  eventId: string
}

const CHOICES: Readonly<Record<AckChoice, { note: string, until?: string }>> = {
  '1h': { note: 'for 1 h', until: '1h' }, '4h': { note: 'for 4 h', until: '4h' }, recovery: { note: 'until it recovers' }
}

/** Links in notices by which whoever reads a channel acknowledges, once each. That one was used is an entry of its alert's timeline. */
export class AckLinks {
  readonly #parts: Parts

  constructor (parts: Parts) {
    this.#parts = parts
  }

  /** Tells what a link leads to, and changes nothing. */
  async look (token: string): Promise<AckLink> {
    const known = await this.#known(token)
    return known === undefined ? { kind: 'unknown' } : this.#lookAt(known)
  }

  /** Acknowledges in the name of the channel, unless the link is used or over: then it is told as by `look`. */
  async use (token: string, choice: AckChoice, from: string): Promise<AckLink> {
    const known = await this.#known(token)
    const link = known === undefined ? undefined : await this.#lookAt(known)
    if (known === undefined || link?.kind !== 'open') return link ?? { kind: 'unknown' }
    const { channelId, alertId, eventId } = known
    const actor: Actor = { kind: 'channel', id: channelId, name: `channel:${link.channel}` }
    try {
      await this.#parts.alerts.acknowledgeOnce(alertId, { ...CHOICES[choice], eventId }, { caller: actor, from })
    } catch (error) {
      if (error instanceof AppError && error.code === 'conflict') return this.#lookAt(known)
      throw error
    }
    return { kind: 'done', at: isoTime(this.#parts.clock.now()), note: CHOICES[choice].note }
  }

  async #known (token: string): Promise<Known | undefined> {
    const { store, ackTokens, channels } = this.#parts
    const read = ackTokens.read(token, channels.everyId)
    const notice = read === undefined ? undefined : await store.read('getNotice', read.noticeId)
    if (read === undefined || notice === undefined) return undefined
    const { alertId, createdAt } = notice
    return { channelId: read.channelId, alertId, expiresAt: createdAt + ACK_LINK_LASTS_MS, eventId: `evt_${hashSecret(token).slice(0, 32)}` }
  }

  async #lookAt ({ channelId, alertId, expiresAt, eventId }: Known): Promise<AckLink> {
    const { clock, channels } = this.#parts
    if (clock.now() >= expiresAt) return { kind: 'over', why: 'expired' }
    if (!await channels.takesAcks(channelId)) return { kind: 'over', why: 'closed' }
    const file = await this.#file(alertId)
    if (file === undefined || file.ended_at !== null) return { kind: 'over', why: 'ended' }
    const { timeline, evidence, deliveries, held_back: heldBack, annotations, ...alert } = file
    const used = timeline.find((entry) => entry.event_id === eventId)
    if (used !== undefined) return { kind: 'used', at: used.time, note: used.note ?? '' }
    return { kind: 'open', alert, measured: measuredText(alert), channel: channels.nameOf(channelId), expiresAt: isoTime(expiresAt) }
  }

  async #file (alertId: string): Promise<AlertFile | undefined> {
    try {
      return await this.#parts.alerts.get(alertId)
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found') return undefined
      throw error
    }
  }
}
