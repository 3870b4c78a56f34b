import { setTimeout as pause } from 'node:timers/promises'
import { THRESHOLD_NAMES, type Integration, type TelexMessage, type ThresholdName, type Tick, type TickAccepted, type TickTask } from '../../schemas/integration.ts'
import type { Thresholds } from '../../schemas/settings.ts'
import type { Clock } from '../core/clock.ts'
import { refuseFaults } from '../core/faults.ts'
import type { TickTasks } from './tick-tasks.ts'
import { AppError } from '../core/errors.ts'
import type { HostList } from '../core/net/host-list.ts'
import { refusalOfName, type Guard } from '../notify/guard.ts'
import { integrationOf, judgeReturnUrl, NOT_FOR_TICKS, readTickSettings, tickMessage } from '../notify/integration.ts'
import { telexPost } from '../notify/telex.ts'
import { signedPost } from '../notify/webhook.ts'
import type { OwnAddress } from './own-address.ts'
import type { RunTimeSettings } from '../settings/run-time-settings.ts'
import { hashSecret, isSameHash } from '../core/secret-hash.ts'
import type { Store } from '../store/store.ts'

interface TicksParts {
  store: Pick<Store, 'read'>
  clock: Clock
  guard: Guard
  tickHosts: HostList
  own: Pick<OwnAddress, 'url'>
  settings: Pick<RunTimeSettings, 'view'>
  tickTasks: Pick<TickTasks, 'start' | 'task'>
  sampleIntervalMs: number
  /** The end of the path that asks for a summary; undefined leaves that open to all. */
  secret: string | undefined
}

const SERIES: Readonly<Record<ThresholdName, string>> = {
  cpu_percent: 'host_cpu_percent', memory_percent: 'host_memory_percent', latency_p95_ms: 'http_latency_p95_ms'
}
const BIN_MS = 1_000
/** A figure that is older than this, and than three samples, is not of now. */
const LEAST_AGE_MS = 60_000
const SAMPLES_BACK = 3
/** The answer to a tick does not wait longer for a name: what it resolves to is judged again at connect. */
const NAME_WAIT_MS = 500
const SUMMARY_EVERY_MS = 60_000

/** The integration that Telex installs: it calls now and then, and is told how the machine is. */
export class Ticks {
  readonly #parts: TicksParts
  #summaryAt: number | undefined

  constructor (parts: TicksParts) {
    this.#parts = parts
  }

  integration (): Integration {
    return integrationOf(this.#parts.own.url, this.#thresholds)
  }

  /**
   * Takes a tick of a sender in the network `from` and answers it in the background. Throws `invalid` for an address that may not be called and
   * for bad settings, `overloaded`, `quota`.
   */
  async accept ({ return_url: returnUrl, settings }: Tick, from: string): Promise<TickAccepted> {
    const { thresholds, faults } = readTickSettings(settings, this.#thresholds)
    const refusal = await this.#refusalOf(returnUrl)
    refuseFaults([...(refusal === undefined ? [] : [{ path: '/return_url', message: refusal }]), ...faults])
    return accepted(this.#parts.tickTasks.start(async () => {
      const message = await this.#message(thresholds)
      return [() => telexPost(message, returnUrl)]
    }, { ends: { from, to: URL.parse(returnUrl)?.hostname ?? '' } }))
  }

  /** Tells every Telex and webhook channel how things are, once for all. Throws `forbidden` where a path of its own was set for that. */
  summarise (): TickAccepted {
    if (this.#parts.secret !== undefined) throw new AppError('forbidden', 'this is closed: GET /tick/ with the text of TICK_SECRET behind it asks for a summary')
    return this.#summarise()
  }

  /** What came of a tick; where TICK_SECRET is set and this is its text, a summary is sent as `summarise` does. Throws `not_found`, `quota`. */
  taskOrSummary (id: string): TickTask | TickAccepted {
    const { secret, tickTasks } = this.#parts
    return secret !== undefined && isSameHash(hashSecret(id), hashSecret(secret)) ? this.#summarise() : tickTasks.task(id)
  }

  /** Throws `quota` when that was done less than a minute ago. */
  #summarise (): TickAccepted {
    const { store, clock, tickTasks } = this.#parts
    const now = clock.now()
    const ageMs = now - (this.#summaryAt ?? -Infinity)
    if (ageMs >= 0 && ageMs < SUMMARY_EVERY_MS) throw new AppError('quota', 'the summary is sent once a minute at most', { retryAfterSeconds: Math.ceil((SUMMARY_EVERY_MS - ageMs) / 1_000), limit: 1 })
    const task = tickTasks.start(async () => {
      const message = await this.#message(this.#thresholds)
      const channels = (await store.read('deliveryChannels', undefined)).filter(({ enabled, kind }) => enabled && (kind === 'telex' || kind === 'webhook'))
      return channels.map((channel) => (id: string, at: number) => channel.kind === 'telex'
        ? telexPost(message, channel.url)
        : signedPost({ id: `${id}_${channel.id}`, json: JSON.stringify(message) }, channel, at))
    }, { mostAttempts: 1 })
    this.#summaryAt = now
    return accepted(task)
  }

  get #thresholds (): Thresholds {
    return this.#parts.settings.view().thresholds
  }

  async #refusalOf (returnUrl: string): Promise<string | undefined> {
    const { guard, tickHosts } = this.#parts
    const judged = judgeReturnUrl(returnUrl, { tickHosts, allow: guard.allow })
    if (judged.refusal !== undefined) return judged.refusal
    const refusal = await Promise.race([refusalOfName(judged.url, guard), pause(NAME_WAIT_MS, undefined, { ref: false })])
    return refusal === undefined ? undefined : NOT_FOR_TICKS
  }

  async #message (thresholds: Parameters<typeof tickMessage>[1]): Promise<TelexMessage> {
    const [cpu = null, memory = null, latency = null] = await Promise.all(THRESHOLD_NAMES.map((name) => this.#latest(SERIES[name])))
    return tickMessage({ cpu_percent: cpu, memory_percent: memory, latency_p95_ms: latency }, thresholds)
  }

  /** The newest value of a series, null when it has none of now. */
  async #latest (name: string): Promise<number | null> {
    const { store, clock, sampleIntervalMs } = this.#parts
    const to = clock.now()
    const from = to - Math.max(LEAST_AGE_MS, SAMPLES_BACK * sampleIntervalMs)
    const last = (await store.read('seriesPoints', { name, labels: {}, range: { from, to }, binMs: BIN_MS }))?.points.at(-1)
    return last === undefined ? null : last.sum / last.count
  }
}

function accepted (id: string): TickAccepted {
  return { status: 'accepted', result: { message: 'request received', status: 'success', status_code: 202, task_id: id } }
}
