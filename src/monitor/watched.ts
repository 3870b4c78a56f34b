import type { WatchedFigures } from '../../schemas/host.ts'
import { listProcesses } from './process-list.ts'
import { perSecond } from './rates.ts'
import { isAlive, usageOf, type Usage } from './usage.ts'

/** Follows the processes of WATCH_PROCESSES, each entry a pid or a name. */
export class WatchedProcesses {
  readonly #entries: readonly string[]
  #pids: ReadonlyMap<string, readonly number[]>
  #before: ReadonlyMap<number, Usage> = new Map()

  constructor (entries: readonly string[]) {
    this.#entries = entries
    this.#pids = new Map(entries.map((entry) => [entry, isPid(entry) ? [Number(entry)] : []]))
  }

  /** `seconds` since the look before, undefined when no rate may be drawn. */
  async look (seconds: number | undefined): Promise<WatchedFigures[]> {
    if (this.#entries.length === 0) return []
    if (this.#hasLost()) await this.find()
    const before = this.#before
    const usage = await usageOf([...new Set([...this.#pids.values()].flat())])
    this.#before = usage
    return this.#entries.map((name) => {
      const pids = (this.#pids.get(name) ?? []).filter((pid) => usage.has(pid))
      return {
        name,
        pids,
        rssBytes: sum(pids.map((pid) => usage.get(pid)?.rssBytes)) ?? 0,
        cpuRatio: sum(pids.map((pid) => perSecond(before.get(pid)?.cpuSeconds, usage.get(pid)?.cpuSeconds, seconds)))
      }
    })
  }

  /** Looks which processes have the names now. Must be called now and then: a further one of a name is not noticed otherwise. */
  async find (): Promise<void> {
    const names = this.#entries.filter((entry) => !isPid(entry))
    if (names.length === 0) return
    const listed = await listProcesses()
    this.#pids = new Map(this.#entries.map((entry) => [
      entry, isPid(entry) ? [Number(entry)] : listed.filter((one) => one.names.includes(entry)).map(({ pid }) => pid)
    ]))
  }

  /** A name without a process, or with one that has ended: it may have begun anew. */
  #hasLost (): boolean {
    return this.#entries.some((entry) => {
      const pids = this.#pids.get(entry) ?? []
      return !isPid(entry) && (pids.length === 0 || !pids.every(isAlive))
    })
  }
}

function isPid (entry: string): boolean {
  return /^\d+$/.test(entry)
}

/** Undefined when nothing is known of any. */
function sum (values: ReadonlyArray<number | undefined>): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : known.reduce((total, value) => total + value, 0)
}
