import type { Registry } from 'prom-client'
import type { HostFigures, WatchedFigures } from '../../schemas/host.ts'
import { NOTED_PARTS } from '../../schemas/submission.ts'
import { LEVELS, SEVERITIES } from '../../schemas/words.ts'
import { Counter, Gauge, Histogram, renderFamilies, type Exported, type LabelSpecs, type NoLabels } from './family.ts'
import { RequestMetrics } from './requests.ts'
import { CooperativeScheduler } from '../core/cooperative-scheduler.ts'
import { lazily } from '../core/lazily.ts'
import { VERSION } from '../core/version.ts'

/** How many values of an open label are told apart; further ones are `(other)`. */
export const LABEL_CAPS = { service: 200, mount: 50, name: 50, run: 50, processor: 100, channel: 50 } as const

/** Why events are refused. All but `invalid` are about a whole body, which counts once, since it was not read. */
export const REJECTIONS = ['invalid', 'too_large', 'unsupported', 'mismatch', 'quota', 'overloaded', 'no_space', 'timeout', 'internal'] as const

/** Gauges of prom-client that are called `_total`, which `promtool check metrics` reports. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

const STEPS = { run: LABEL_CAPS.run, processor: LABEL_CAPS.processor }
const CLOCKS = ['cpu', 'wall'] as const

interface HostMetric {
  name: string
  help: string
  of: (host: HostFigures) => number | undefined
}

const HOST_GAUGES: readonly HostMetric[] = [
  { name: 'host_cpu_usage_ratio', help: 'Share of all cores that is busy, 0 to 1.', of: ({ cpuRatio }) => cpuRatio },
  { name: 'host_cpus', help: 'Cores.', of: ({ cpuCount }) => cpuCount },
  { name: 'host_memory_used_bytes', help: 'Memory in use that could not be given to another.', of: ({ memoryUsedBytes }) => memoryUsedBytes },
  { name: 'host_memory_available_bytes', help: 'Memory that a new process could have.', of: ({ memoryAvailableBytes }) => memoryAvailableBytes },
  { name: 'host_memory_total_bytes', help: 'Memory of the machine.', of: ({ memoryTotalBytes }) => memoryTotalBytes },
  { name: 'host_swap_used_bytes', help: 'Swap in use.', of: ({ swapUsedBytes }) => swapUsedBytes },
  { name: 'host_swap_total_bytes', help: 'Swap of the machine.', of: ({ swapTotalBytes }) => swapTotalBytes },
  { name: 'host_load1', help: 'Load average over 1 minute.', of: ({ loadAverage1 }) => loadAverage1 },
  { name: 'host_load5', help: 'Load average over 5 minutes.', of: ({ loadAverage5 }) => loadAverage5 },
  { name: 'host_load15', help: 'Load average over 15 minutes.', of: ({ loadAverage15 }) => loadAverage15 },
  { name: 'host_uptime_seconds', help: 'Time since the machine started.', of: ({ uptimeSeconds }) => uptimeSeconds },
  { name: 'container_cpu_limit_usage_ratio', help: 'Share of the CPU limit of the own container that is used.', of: ({ container }) => container?.cpuRatioOfLimit },
  { name: 'container_memory_used_bytes', help: 'Memory of the own container, without reclaimable cache.', of: ({ container }) => container?.memoryUsedBytes },
  { name: 'container_memory_limit_bytes', help: 'Memory limit of the own container.', of: ({ container }) => container?.memoryLimitBytes }
]

const HOST_TOTALS: readonly HostMetric[] = [
  { name: 'host_network_receive_bytes_total', help: 'Bytes received since the machine started.', of: ({ networkReceiveBytes }) => networkReceiveBytes },
  { name: 'host_network_transmit_bytes_total', help: 'Bytes sent since the machine started.', of: ({ networkTransmitBytes }) => networkTransmitBytes },
  { name: 'host_disk_read_bytes_total', help: 'Bytes read from disks since the machine started.', of: ({ diskReadBytes }) => diskReadBytes },
  { name: 'host_disk_written_bytes_total', help: 'Bytes written to disks since the machine started.', of: ({ diskWrittenBytes }) => diskWrittenBytes }
]

/**
 * Every metric that is exported, with its name, help, labels, caps and buckets. Who counts does so on the family. Rendered
 * in pieces, so that others run in between.
 */
export class Metrics {
  readonly #families: Exported[] = []
  readonly #process = lazily(processMetrics)
  readonly #beforeRender: Array<() => void> = []
  /** Its own: in a queue with ingest, each piece would wait behind all bodies that are there. */
  readonly #scheduler = new CooperativeScheduler()
  #rendering: Promise<Buffer> | undefined
  readonly requests = new RequestMetrics()

  readonly labelOverflow = this.#keep(new Counter({
    name: 'bellwether_label_overflow_total',
    help: 'Look-ups of a label value beyond the cap of its label, by metric.',
    labels: { metric: 100 }
  }))

  readonly buildInfo = this.#keep(new Gauge({ name: 'bellwether_build_info', help: 'Always 1; the version is a label.', labels: { version: [VERSION] } }))

  readonly #host = [
    ...HOST_GAUGES.map(({ name, help, of }) => ({ family: this.#gauge(name, help, {}), of })),
    ...HOST_TOTALS.map(({ name, help, of }) => ({ family: this.#total(name, help), of }))
  ]

  readonly hostFilesystemUsed = this.#gauge('host_filesystem_used_bytes', 'Space in use.', { mount: LABEL_CAPS.mount })
  readonly hostFilesystemAvailable = this.#gauge('host_filesystem_available_bytes', 'Space that is left to those who are not root.', { mount: LABEL_CAPS.mount })
  readonly hostFilesystemSize = this.#gauge('host_filesystem_size_bytes', 'Space of the filesystem.', { mount: LABEL_CAPS.mount })
  readonly watchedCpu = this.#gauge('process_watched_cpu_ratio', 'CPU of a watched process; 1 is one core.', { name: LABEL_CAPS.name })
  readonly watchedResident = this.#gauge('process_watched_resident_bytes', 'Resident memory of a watched process.', { name: LABEL_CAPS.name })
  readonly watchedInstances = this.#gauge('process_watched_instances', 'Running processes of a watched name.', { name: LABEL_CAPS.name })
  readonly sampling = this.#keep(new Histogram({
    name: 'bellwether_sampling_seconds',
    help: 'What looking at the host and the processes costs, in time of the CPU and of the clock.',
    labels: { clock: CLOCKS },
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1]
  }))

  readonly eventsIngested = this.#counter('bellwether_events_ingested_total', 'Events stored for the first time.', { service: LABEL_CAPS.service, level: LEVELS })
  readonly eventsRejected = this.#counter('bellwether_events_rejected_total', 'Events refused; a body that was refused as a whole counts as one.', { reason: REJECTIONS })
  readonly eventsNoted = this.#counter('bellwether_events_noted_total', 'Parts of events that were not understood, and are kept nevertheless.', { part: NOTED_PARTS })
  readonly logSeverity = this.#counter('bellwether_log_severity_total', 'Events stored, by severity.', { severity: SEVERITIES })
  readonly ingestQueue = this.#gauge('bellwether_ingest_queue_events', 'Events taken in and not yet stored.', {})
  readonly configReloadSuccess = this.#gauge('bellwether_config_reload_success', 'Whether the configuration file was taken when it was read last, 0 or 1.', {})
  readonly configReloadSuccessTime = this.#gauge('bellwether_config_reload_success_timestamp_seconds', 'When the configuration that is in force was read.', {})
  readonly storeBytes = this.#gauge('bellwether_store_bytes', 'Size of the store.', {})
  readonly storeDiskFree = this.#gauge('bellwether_store_disk_free_bytes', 'Free space of the disk that holds the store.', {})
  readonly storeCommit = this.#keep(new Histogram({
    name: 'bellwether_store_commit_seconds',
    help: 'Time of a commit of new events, with the sync to disk when DURABILITY is durable.',
    labels: {},
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]
  }))

  readonly pipelineLines = this.#counter('bellwether_pipeline_lines_total', 'Lines that came in, went out or were dropped.',
    { ...STEPS, direction: ['in', 'out', 'dropped'] as const })

  readonly pipelineErrors = this.#counter('bellwether_pipeline_errors_total', 'Lines that a processor failed on.', STEPS)
  readonly pipelineProcessing = this.#keep(new Histogram({
    name: 'bellwether_pipeline_processing_seconds',
    help: 'Time of one piece of work of a processor; of ingest it is a slice of a body, decoded and judged.',
    labels: STEPS,
    buckets: [0.00001, 0.0001, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 1]
  }))

  readonly anomalies = this.#counter('bellwether_anomalies_total', 'Departures from what was learned.', { kind: ['pattern', 'series', 'session'] as const })
  readonly alerts = this.#gauge('bellwether_alerts', 'Alerts by state.',
    { state: ['pending', 'firing', 'resolved'] as const, severity: ['warning', 'critical'] as const })

  readonly ruleEvaluation = this.#keep(new Histogram({
    name: 'bellwether_rule_evaluation_seconds',
    help: 'Time of one evaluation of all rules: measuring, judging, and storing what came of it.',
    labels: {},
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
  }))

  readonly ruleTicksSkipped = this.#counter('bellwether_rule_ticks_skipped_total', 'Evaluations that were left out because the one before took too long.', {})

  readonly ruleGroupsRefused = this.#counter('bellwether_rule_groups_refused_total', 'Label sets in trouble that got no alert because their rule had too many, at each evaluation anew.', {})
  readonly ruleEventsRefused = this.#counter('bellwether_rule_events_refused_total', 'Events that a rule did not count because it counted too many label sets.', {})

  readonly notifications = this.#counter('bellwether_notifications_total', 'Attempts to send a notice.',
    { channel: LABEL_CAPS.channel, result: ['delivered', 'retried', 'failed'] as const })

  readonly outboxPending = this.#gauge('bellwether_outbox_pending', 'Notices that wait to be sent.', {})

  constructor () {
    for (const family of this.requests.families) this.#keep(family)
    for (const { name, isOpen } of this.#families) if (isOpen && name !== this.labelOverflow.name) this.labelOverflow.at({ metric: name })
    for (const gauge of [this.ingestQueue, this.alerts, this.outboxPending]) gauge.begin()
    this.buildInfo.at({ version: VERSION }).set(1)
  }

  /** Has `set` called before each rendering, for what is looked up rather than counted. */
  beforeRender (set: () => void): void {
    this.#beforeRender.push(set)
  }

  /** Shows the machine; what it cannot tell has no series. */
  setHost (host: HostFigures): void {
    for (const { family, of } of this.#host) {
      const value = of(host)
      if (value === undefined) family.clear()
      else family.at({}).set(value)
    }
    for (const gauge of [this.hostFilesystemUsed, this.hostFilesystemAvailable, this.hostFilesystemSize]) gauge.clear()
    for (const { mount, usedBytes, availableBytes, totalBytes } of host.filesystems) {
      this.hostFilesystemUsed.at({ mount }).set(usedBytes)
      this.hostFilesystemAvailable.at({ mount }).set(availableBytes)
      this.hostFilesystemSize.at({ mount }).set(totalBytes)
    }
  }

  /** Shows the watched processes, and those alone. */
  setWatched (watched: readonly WatchedFigures[]): void {
    for (const gauge of [this.watchedCpu, this.watchedResident, this.watchedInstances]) gauge.clear()
    for (const { name, cpuRatio, rssBytes, pids } of watched) {
      if (cpuRatio !== undefined) this.watchedCpu.at({ name }).set(cpuRatio)
      this.watchedResident.at({ name }).set(rssBytes)
      this.watchedInstances.at({ name }).set(pids.length)
    }
  }

  observeSampling (cpuSeconds: number, wallSeconds: number): void {
    this.sampling.at({ clock: 'cpu' }).observe(cpuSeconds)
    this.sampling.at({ clock: 'wall' }).observe(wallSeconds)
  }

  observeCommits (seconds: readonly number[]): void {
    const series = this.storeCommit.at({})
    for (const one of seconds) series.observe(one)
  }

  /** The text for Prometheus, format 0.0.4. Those who ask while it is being made get the same. */
  render (): Promise<Buffer> {
    this.#rendering ??= this.#render().finally(() => { this.#rendering = undefined })
    return this.#rendering
  }

  async #render (): Promise<Buffer> {
    for (const set of this.#beforeRender) set()
    const ours = await renderFamilies(this.#families, this.#scheduler)
    return Buffer.concat([ours, Buffer.from(await (await this.#process()).metrics())])
  }

  #counter<L extends LabelSpecs> (name: string, help: string, labels: L): Counter<L> {
    return this.#keep(new Counter({ name, help, labels }))
  }

  /** A total that is counted elsewhere: it has no series until it is told. */
  #total (name: string, help: string): Counter<NoLabels> {
    const family = this.#counter(name, help, {})
    family.clear()
    return family
  }

  #gauge<L extends LabelSpecs> (name: string, help: string, labels: L): Gauge<L> {
    return this.#keep(new Gauge({ name, help, labels }))
  }

  #keep<F extends Exported> (family: F): F {
    this.#families.push(family)
    family.onOverflow = () => this.labelOverflow.at({ metric: family.name }).add()
    return family
  }
}

/** Those of the process are kept from the first rendering on: what keeps them looks at the event loop a hundred times a second. */
async function processMetrics (): Promise<Registry> {
  const { collectDefaultMetrics, Registry } = await import('prom-client')
  const register = new Registry()
  collectDefaultMetrics({ register })
  for (const name of MISNAMED) register.removeSingleMetric(name)
  return register
}
