import { basename } from 'node:path'
import type { DeliveryChannel } from '../../schemas/channel.ts'
import type { NoticeBody } from '../../schemas/notice.ts'
import { settingChannels } from '../outgoing/channel-fields.ts'
import { parseHosts } from '../core/net/host-list.ts'
import { tryOnce } from '../notify/deliver/attempt.ts'
import { noticeBody } from '../notify/body.ts'
import { dnsLookup, type Guard } from '../notify/guard.ts'
import { PeriodicTask } from '../core/periodic-task.ts'
import type { ServiceParts } from '../service.ts'
import { noteTold, openDamage, type Damage } from '../store/hot/files/damage.ts'

interface NoticeParts extends Pick<ServiceParts, 'config' | 'file' | 'clock' | 'log'> {
  damage: Damage & { file: string }
  reason: string
  baseUrl: string
}

const AGAIN_EVERY_MS = 30_000
const ATTEMPT_TIMEOUT_MS = 10_000

/**
 * Tells the channels of the settings and of the configuration file that the store is damaged: once each, over restarts too. There is
 * no outbox, since it was in the store: a channel that cannot be reached is tried again while the service stands by.
 */
export class DamageNotice {
  readonly #parts: NoticeParts
  readonly #guard: Guard
  readonly #body: NoticeBody
  readonly #repeat: PeriodicTask | undefined
  readonly #end = new AbortController()
  #due: DeliveryChannel[]

  constructor (parts: NoticeParts) {
    const { config, file, clock, damage } = parts
    this.#parts = parts
    this.#guard = { allow: parseHosts(config.webhookAllow, 'WEBHOOK_ALLOW'), lookup: dnsLookup }
    this.#body = bodyOf(parts)
    this.#due = [...settingChannels(config), ...file.channels].map(({ id, channel: { name, kind, url, secret = null } }) =>
      ({ id, name, kind, url, secret, fallback: null, enabled: true, ackLinks: false, failures: 0, heldUntil: 0 }))
    if (this.#due.length === 0 || openDamage(damage.file)?.isTold === true) return
    this.#repeat = new PeriodicTask({ everyMs: AGAIN_EVERY_MS, againMs: AGAIN_EVERY_MS, now: clock.now, task: () => this.#tell() })
  }

  async close (): Promise<void> {
    this.#end.abort()
    await this.#repeat?.close()
  }

  async #tell (): Promise<void> {
    const { log, damage } = this.#parts
    if (this.#due.length === 0) return
    const left: DeliveryChannel[] = []
    for (const channel of this.#due) if (!await this.#reaches(channel)) left.push(channel)
    this.#due = left
    if (left.length === 0 && !this.#end.signal.aborted) noteTold(damage.file)
    else log.warn({ channels: left.map(({ name }) => name) }, 'channels could not be told of the damage yet')
  }

  /** A reply that no repeat will change counts as told. */
  async #reaches (channel: DeliveryChannel): Promise<boolean> {
    const { clock } = this.#parts
    const tried = await tryOnce([{ id: this.#body.event_id, body: this.#body }], channel, { clock, guard: this.#guard, timeoutMs: ATTEMPT_TIMEOUT_MS, signal: this.#end.signal })
    return tried !== undefined && tried.attempt.result !== 'retry'
  }
}

function bodyOf ({ damage, reason, baseUrl, clock }: NoticeParts): NoticeBody {
  const id = basename(damage.keptAs)
  return noticeBody({
    type: 'alert.firing',
    event_id: id,
    alert_id: id,
    sequence: 1,
    rule: { id: 'builtin-store-damage', name: 'The store is damaged' },
    state: 'firing',
    severity: 'critical',
    value: null,
    limit: null,
    unit: '',
    labels: {},
    annotations: { summary: `No events are taken, and no rule is judged: ${reason}.` },
    startedAt: clock.now(),
    evidence: {}
  }, baseUrl)
}
