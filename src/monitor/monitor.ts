import type { BusyProcess, ContainerFigures, Filesystem, HostRates, Snapshot } from '../../schemas/host.ts'
import type { Clock } from '../core/clock.ts'
import { BusiestProcesses } from './busiest.ts'
import { readContainer, type ContainerTotals } from './container.ts'
import { Filesystems } from './filesystems.ts'
import type { HostTotals } from './host-totals.ts'
import { hostFigures, readHost } from './host.ts'
import { perSecond, secondsBetween } from './rates.ts'
import { SelfMonitor } from './self.ts'
import { WatchedProcesses } from './watched.ts'

export interface MonitorOptions {
  clock: Clock
  /** Pids and names. */
  watch: readonly string[]
  /** After a longer stretch without a look no rate is drawn over it. */
  mostGapMs: number
}

interface Look {
  time: number
  host: HostTotals
  container: ContainerTotals | undefined
}

/** Looks at the machine when it is asked to; who asks decides how often. Looks must not overlap. */
export class Monitor {
  readonly #clock: Clock
  readonly #mostGapMs: number
  readonly #self = new SelfMonitor()
  readonly #watched: WatchedProcesses
  readonly #busiest: BusiestProcesses
  readonly #filesystems = new Filesystems()
  #before: Look | undefined
  #latest: Snapshot | undefined

  constructor ({ clock, watch, mostGapMs }: MonitorOptions) {
    this.#clock = clock
    this.#mostGapMs = mostGapMs
    this.#watched = new WatchedProcesses(watch)
    this.#busiest = new BusiestProcesses(clock)
  }

  get latest (): Snapshot | undefined {
    return this.#latest
  }

  /** The five busiest processes, as of now. */
  busiest (): Promise<readonly BusyProcess[]> {
    return this.#busiest.look()
  }

  /** Looks at what is cheap: under a ms on Linux. */
  async look (): Promise<Snapshot> {
    const time = this.#clock.now()
    const seconds = secondsBetween(this.#before?.time, time, this.#mostGapMs)
    const before = seconds === undefined ? undefined : this.#before
    const look: Look = { time, host: await readHost(), container: readContainer() }
    this.#before = look
    const container = containerFigures(look.container, before?.container, seconds)
    this.#latest = {
      time,
      host: hostFigures(look.host, before?.host, { filesystems: this.#filesystems.latest, container }),
      self: this.#self.look(seconds),
      watched: await this.#watched.look(seconds),
      rates: ratesOf(look.host, before?.host, seconds)
    }
    return this.#latest
  }

  /** Looks at what is dear: the busiest processes, which processes have the watched names, file systems. */
  async lookDeep (): Promise<{ time: number, filesystems: readonly Filesystem[] }> {
    await this.#busiest.look()
    await this.#watched.find()
    const filesystems = await this.#filesystems.look()
    return { time: this.#clock.now(), filesystems }
  }

  close (): void {
    this.#self.close()
  }
}

function ratesOf (now: HostTotals, before: HostTotals | undefined, seconds: number | undefined): HostRates {
  return {
    networkReceive: perSecond(before?.networkReceiveBytes, now.networkReceiveBytes, seconds),
    networkTransmit: perSecond(before?.networkTransmitBytes, now.networkTransmitBytes, seconds),
    diskRead: perSecond(before?.diskReadBytes, now.diskReadBytes, seconds),
    diskWrite: perSecond(before?.diskWrittenBytes, now.diskWrittenBytes, seconds)
  }
}

function containerFigures (now: ContainerTotals | undefined, before: ContainerTotals | undefined, seconds: number | undefined): ContainerFigures | undefined {
  if (now === undefined) return undefined
  const { memoryUsedBytes, memoryLimitBytes, cpuLimit, cpuSeconds } = now
  const cores = perSecond(before?.cpuSeconds, cpuSeconds, seconds)
  const cpuRatioOfLimit = cores === undefined || cpuLimit === undefined ? undefined : cores / cpuLimit
  return { cpuRatioOfLimit, memoryUsedBytes, memoryLimitBytes }
}
