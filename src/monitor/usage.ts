import { platform } from 'node:os'
import { join } from 'node:path'
import { readText } from './files.ts'
import { readProcessStat } from './process-stat.ts'

export interface Usage {
  /** All that the process used so far. */
  cpuSeconds: number
  rssBytes: number
}

interface Stat {
  ctime: number
  memory: number
}

const MS_PER_SECOND = 1_000
const KIB = 1_024

/** What processes use, by pid; one that has ended, or may not be looked at, is left out. */
export async function usageOf (pids: readonly number[]): Promise<Map<number, Usage>> {
  return platform() === 'linux' ? new Map(pids.flatMap((pid) => readUsage(pid).map((usage) => [pid, usage]))) : usageElsewhere(pids)
}

/** Reads /proc, as the package below does, which first starts two processes to learn in which units. */
function readUsage (pid: number): Usage[] {
  const folder = join('/proc', String(pid))
  const stat = readProcessStat(folder)
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readText(join(folder, 'status')) ?? '')?.[1] ?? 0
  return stat === undefined ? [] : [{ cpuSeconds: stat.cpuSeconds, rssBytes: Number(resident) * KIB }]
}

async function usageElsewhere (pids: readonly number[]): Promise<Map<number, Usage>> {
  // The package keeps the file of a process open while it is asked for, and would so miss the next one with the same pid.
  const alive = pids.filter(isAlive)
  if (alive.length === 0) return new Map()
  const { default: pidusage } = await import('pidusage')
  // It answers null or nothing for those that ended while it looked; its types do not say so.
  const all: Readonly<Record<string, Stat | null | undefined>> = await pidusage([...alive]).catch(() => ({}))
  return new Map(alive.flatMap((pid) => {
    const stat = all[pid]
    return stat == null ? [] : [[pid, { cpuSeconds: stat.ctime / MS_PER_SECOND, rssBytes: stat.memory }]]
  }))
}

/** One that belongs to another user is there too, and says EPERM. */
export function isAlive (pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
