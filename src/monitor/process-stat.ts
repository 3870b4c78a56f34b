import { join } from 'node:path'
import { readText } from './files.ts'
import { TICKS_PER_SECOND } from './linux.ts'

export interface ProcessStat {
  name: string
  parentPid: number
  cpuSeconds: number
  /** In ticks since the machine started. */
  startedAt: string
}

/** Reads what the kernel tells of a process in its folder of /proc; undefined when it has ended. */
export function readProcessStat (folder: string): ProcessStat | undefined {
  const stat = readText(join(folder, 'stat'))
  if (stat === undefined) return undefined
  // The name in brackets may itself hold brackets and blanks: what counts begins after the last one (proc_pid_stat(5)).
  const end = stat.lastIndexOf(')')
  const fields = stat.slice(end + 2).split(' ')
  const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  if (!Number.isFinite(cpuSeconds)) return undefined
  return { name: stat.slice(stat.indexOf('(') + 1, end), parentPid: Number(fields[1]), cpuSeconds, startedAt: fields[19] ?? '' }
}
