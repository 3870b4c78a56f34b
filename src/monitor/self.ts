import { readdirSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { SelfFigures } from '../../schemas/host.ts'
import { perSecond } from './rates.ts'

/** Each turn wakes the process: at 20 ms, that took half of the CPU of an idle service. */
const RESOLUTION_MS = 100
const NS_PER_MS = 1e6
const US_PER_SECOND = 1e6

/** Knows how the process itself does. Owns a timer, which keeps no process alive. */
export class SelfMonitor {
  readonly #delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  #cpuSeconds: number | undefined

  constructor () {
    this.#delays.enable()
  }

  /** `seconds` since the look before; undefined when no rate may be drawn. The lag is that since the look before. */
  look (seconds: number | undefined): SelfFigures {
    const { user, system } = process.cpuUsage()
    const cpuSeconds = (user + system) / US_PER_SECOND
    const cpuRatio = perSecond(this.#cpuSeconds, cpuSeconds, seconds)
    this.#cpuSeconds = cpuSeconds
    return {
      cpuRatio,
      rssBytes: process.memoryUsage.rss(),
      heapUsedBytes: process.memoryUsage().heapUsed,
      eventLoopLagMs: this.#takeLag(),
      openDescriptors: countDescriptors()
    }
  }

  close (): void {
    this.#delays.disable()
  }

  /** The histogram holds the time from one turn of the timer to the next, which is the resolution when nothing is late. */
  #takeLag (): number | undefined {
    const { count } = this.#delays
    const lag = this.#delays.percentile(99) / NS_PER_MS - RESOLUTION_MS
    this.#delays.reset()
    return count === 0 ? undefined : Math.max(0, lag)
  }
}

/** Undefined where there is no such folder, or reading it takes a descriptor that is not to be had. */
function countDescriptors (): number | undefined {
  try {
    // One of them is that of the folder while it is read.
    return readdirSync('/dev/fd').length - 1
  } catch {
    return undefined
  }
}
