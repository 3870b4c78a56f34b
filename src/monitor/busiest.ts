import type { BusyProcess } from '../../schemas/host.ts'
import type { Clock } from '../core/clock.ts'
import { listProcesses, type ListedProcess } from './process-list.ts'
import { perSecond } from './rates.ts'
import { usageOf } from './usage.ts'

const MOST = 5
/** Over less than this, CPU times that are counted in hundredths of a second say nothing. */
const LEAST_MS = 1_000

/** Knows the five busiest processes of the machine, for the evidence of alerts. */
export class BusiestProcesses {
  readonly #clock: Clock
  #before: { time: number, seconds: Map<string, number> } | undefined
  #busiest: BusyProcess[] = []
  #looking: Promise<BusyProcess[]> | undefined

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** Looks again, unless it was done within the last second. Shares of the time since the look before; none at the first. */
  look (): Promise<BusyProcess[]> {
    this.#looking ??= this.#look().finally(() => { this.#looking = undefined })
    return this.#looking
  }

  async #look (): Promise<BusyProcess[]> {
    const now = this.#clock.now()
    const before = this.#before
    if (before !== undefined && Math.abs(now - before.time) < LEAST_MS) return this.#busiest
    const listed = await listProcesses()
    this.#before = { time: now, seconds: secondsOf(listed) }
    const top = listed
      .map((one) => ({ one, percent: percentOf(one, before, now) }))
      .filter(({ percent }) => percent > 0)
      .sort((a, b) => b.percent - a.percent)
      .slice(0, MOST)
    const usage = await usageOf(top.map(({ one }) => one.pid))
    const byPid = new Map(listed.map((one) => [one.pid, one]))
    this.#busiest = top.map(({ one: { pid, parentPid, names, ageSeconds }, percent }) => ({
      pid,
      name: nameOf(names),
      cpuPercent: percent,
      rssBytes: usage.get(pid)?.rssBytes,
      startedAt: ageSeconds === undefined ? undefined : now - ageSeconds * 1_000,
      parent: byPid.has(parentPid) ? { pid: parentPid, name: nameOf(byPid.get(parentPid)?.names) } : undefined
    }))
    return this.#busiest
  }
}

function nameOf (names: readonly string[] = []): string {
  return names[0] ?? ''
}

function secondsOf (listed: readonly ListedProcess[]): Map<string, number> {
  return new Map(listed.flatMap(({ key, cpu }) => 'seconds' in cpu ? [[key, cpu.seconds]] : []))
}

/** A process that began meanwhile used all of its time since then, and has had no more than its age to do so. */
function percentOf ({ key, cpu, ageSeconds = Infinity }: ListedProcess, before: { time: number, seconds: Map<string, number> } | undefined, now: number): number {
  if ('percent' in cpu) return cpu.percent
  if (before === undefined) return 0
  const passed = (now - before.time) / 1_000
  const known = before.seconds.get(key)
  return (perSecond(known ?? 0, cpu.seconds, known === undefined ? Math.min(passed, Math.max(ageSeconds, LEAST_MS / 1_000)) : passed) ?? 0) * 100
}
