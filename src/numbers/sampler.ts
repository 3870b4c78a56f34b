import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Check } from '../../schemas/health.ts'
import type { BusyProcess, Snapshot } from '../../schemas/host.ts'
import type { Collected, Sample } from '../../schemas/sample.ts'
import { steadyClock, type Clock, isoTime } from '../core/clock.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { LATENCY_BOUNDS_MS, type Distribution, type Latencies } from '../metrics/requests.ts'
import { Monitor } from '../monitor/monitor.ts'
import { filesystemSamples, samplesOf } from '../monitor/samples.ts'
import { PeriodicTask } from '../core/periodic-task.ts'
import type { SampleFeed } from './sample-feed.ts'
import type { Store } from '../store/store.ts'

export interface SamplerParts {
  store: Pick<Store, 'write'>
  metrics: Pick<Metrics, 'setHost' | 'setWatched' | 'observeSampling' | 'requests'>
  feed: SampleFeed
  clock: Clock
  log: Pick<Logger, 'warn' | 'info'>
  config: { sampleIntervalMs: number, watchProcesses: readonly string[] }
}

const DEEP_EVERY_MS = 60_000
/** Rates need two looks: the second comes so soon after the first. */
const SECOND_LOOK_MS = 1_000
/** Of two looks closer together, the second says nothing: CPU time is counted in hundredths of a second. */
const LEAST_BETWEEN_MS = 250
/** After so many intervals without a look there is a gap. */
const GAP_INTERVALS = 3
const LEAST_GAP_MS = 15_000

/** Node 22 knows only that of the whole process. */
const cpuUsage = process.threadCpuUsage ?? process.cpuUsage

/** Watches the machine and the service itself: looks now and then, stores what it saw, shows and tells it. */
export class Sampler {
  readonly #parts: SamplerParts
  readonly #monitor: Monitor
  readonly #repeats: PeriodicTask[]
  /** In steady time. */
  #lookedAt: number
  #taking: Promise<Snapshot> | undefined
  /** By what failed. */
  readonly #faults = new Map<string, string>()
  /** CPU time of the looks since the last sample of it. */
  #costSeconds = 0
  #costSampledAt: number | undefined

  constructor (parts: SamplerParts) {
    const { clock, config: { sampleIntervalMs: everyMs, watchProcesses: watch } } = parts
    this.#parts = parts
    this.#lookedAt = steadyClock(clock).now()
    this.#monitor = new Monitor({ clock, watch, mostGapMs: GAP_INTERVALS * everyMs })
    const timing = { againMs: SECOND_LOOK_MS, now: clock.now }
    this.#repeats = [
      new PeriodicTask({ ...timing, everyMs, task: () => this.#guarded('sampling', () => this.#take()) }),
      new PeriodicTask({ ...timing, everyMs: Math.max(everyMs, DEEP_EVERY_MS), task: () => this.#guarded('sampling of file systems and processes', () => this.#takeDeep()) })
    ]
  }

  get latest (): Snapshot | undefined {
    return this.#monitor.latest
  }

  /** The five busiest processes, as of now. */
  busiest (): Promise<readonly BusyProcess[]> {
    return this.#monitor.busiest()
  }

  /** Looks now, out of turn. Waits a moment when it was done just before. Throws what keeps the store from keeping it. */
  async collect (): Promise<Collected> {
    const ageMs = this.#parts.clock.now() - (this.latest?.time ?? 0)
    if (ageMs >= 0 && ageMs < LEAST_BETWEEN_MS) await wait(LEAST_BETWEEN_MS - ageMs)
    const { time, ...seen } = await this.#take()
    return { time: isoTime(time), ...figuresOf(samplesOf({ time, ...seen })), alerts: [] }
  }

  /** Says how old the last sample is. */
  check (): Check {
    const { clock, config } = this.#parts
    const ageMs = steadyClock(clock).now() - this.#lookedAt
    const detail = this.latest === undefined ? 'no sample yet' : `last sample ${Math.round(ageMs / 1_000)} s ago`
    const faults = Array.from(this.#faults, ([what, fault]) => `${what} failed: ${fault}`)
    if (faults.length > 0) return { status: 'degraded', detail: [detail, ...faults].join('; ') }
    return { status: ageMs > Math.max(LEAST_GAP_MS, GAP_INTERVALS * config.sampleIntervalMs) ? 'degraded' : 'ok', detail }
  }

  async close (): Promise<void> {
    await Promise.all(this.#repeats.map((repeat) => repeat.close()))
    this.#monitor.close()
  }

  /** Those who ask while a look is under way share it. */
  #take (): Promise<Snapshot> {
    this.#taking ??= this.#takeOnce().finally(() => { this.#taking = undefined })
    return this.#taking
  }

  async #takeOnce (): Promise<Snapshot> {
    const { clock, metrics, feed } = this.#parts
    const { snapshot, samples } = await this.#counted(async () => {
      const snapshot = await this.#monitor.look()
      this.#lookedAt = steadyClock(clock).now()
      metrics.setHost(snapshot.host)
      metrics.setWatched(snapshot.watched)
      return { snapshot, samples: [...samplesOf(snapshot), ...latencySamples(snapshot.time, metrics.requests.takeLatencies())] }
    })
    samples.push(...this.#costSample(snapshot.time))
    feed.publish({ time: snapshot.time, samples })
    await this.#keep(samples)
    return snapshot
  }

  async #takeDeep (): Promise<void> {
    const { time, filesystems } = await this.#counted(() => this.#monitor.lookDeep())
    const samples = filesystemSamples(time, filesystems)
    this.#parts.feed.publish({ time, samples })
    await this.#keep(samples)
  }

  async #keep (samples: readonly Sample[]): Promise<void> {
    // Their number is bounded where they are made, and what others send shall not keep them out.
    await this.#parts.store.write('appendSamples', { samples })
  }

  /**
   * Measures what a look costs. The CPU time is that of this thread, so a look that waits for others is charged for what ran
   * meanwhile: the figure is too high rather than too low.
   */
  async #counted<T> (look: () => Promise<T>): Promise<T> {
    const began = performance.now()
    const before = cpuUsage()
    try {
      return await look()
    } finally {
      const { user, system } = cpuUsage(before)
      const cpuSeconds = (user + system) / 1e6
      this.#costSeconds += cpuSeconds
      this.#parts.metrics.observeSampling(cpuSeconds, (performance.now() - began) / 1_000)
    }
  }

  /** The cost of all looks since the last one, in per cent of a core. */
  #costSample (time: number): Sample[] {
    const seconds = (time - (this.#costSampledAt ?? time)) / 1_000
    const percent = this.#costSeconds / seconds * 100
    this.#costSampledAt = time
    this.#costSeconds = 0
    return seconds > 0 ? [{ name: 'process_sampling_cpu_percent', labels: {}, value: percent, time }] : []
  }

  /** A fault that lasts is logged when it begins and when it is over. */
  async #guarded (what: string, task: () => Promise<unknown>): Promise<void> {
    const { log } = this.#parts
    try {
      await task()
      if (this.#faults.delete(what)) log.info({ what }, 'it works again')
    } catch (error) {
      if (!this.#faults.has(what)) log.warn({ err: error, what }, 'it failed: there is a gap until it works again')
      this.#faults.set(what, error instanceof Error ? error.message : String(error))
    }
  }
}

function latencySamples (time: number, { all, routes }: Latencies): Sample[] {
  const of = ({ count, p50Ms, p95Ms, p99Ms, serverErrors, byLatency }: Distribution, labels: Sample['labels']): Sample[] => [
    { name: 'http_requests', labels, value: count, time },
    { name: 'http_latency_p50_ms', labels, value: p50Ms, time },
    { name: 'http_latency_p95_ms', labels, value: p95Ms, time },
    { name: 'http_latency_p99_ms', labels, value: p99Ms, time },
    ...serverErrors === 0 ? [] : [{ name: 'http_server_errors', labels, value: serverErrors, time }],
    ...byLatency.flatMap((found, at) => found === 0 ? [] : [{ name: 'http_requests_by_latency', labels: { ...labels, up_to_ms: String(LATENCY_BOUNDS_MS[at] ?? 'more') }, value: found, time }])
  ]
  return [...(all === undefined ? [] : of(all, {})), ...routes.flatMap((route) => of(route, { method: route.method, route: route.route }))]
}

function figuresOf (samples: readonly Sample[]): Omit<Collected, 'time' | 'alerts'> {
  const value = (name: string): number | null => samples.find((sample) => sample.name === name)?.value ?? null
  return {
    cpu_percent: value('host_cpu_percent'),
    memory_percent: value('host_memory_percent'),
    swap_percent: value('host_swap_percent'),
    load1: value('host_load1'),
    process_cpu_percent: value('process_cpu_percent'),
    process_rss_bytes: value('process_rss_bytes'),
    event_loop_lag_ms: value('process_event_loop_lag_ms')
  }
}
