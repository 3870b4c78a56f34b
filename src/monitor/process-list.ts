import { readdirSync } from 'node:fs'
import { platform } from 'node:os'
import { basename, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { readText } from './files.ts'
import { TICKS_PER_SECOND } from './linux.ts'
import { readProcessStat } from './process-stat.ts'

export interface ListedProcess {
  pid: number
  parentPid: number
  /** How long it has run; undefined where that is not told. */
  ageSeconds: number | undefined
  /** The same for one process all its life, and another for the next that gets its pid. */
  key: string
  /** What it may be called: as the kernel knows it, and by the file that runs. Never its arguments. */
  names: readonly string[]
  /** All that it used so far, or, where only that is told, what it uses now. */
  cpu: { seconds: number } | { percent: number }
}

/** Two files a process, some 40 us: so many at a time, and then others are let run. */
const PROCESSES_IN_SLICE = 50

/** Lists the processes of the machine. Dear, the more the more there are. */
export async function listProcesses (): Promise<ListedProcess[]> {
  return platform() === 'linux' ? listLinux() : listPortable()
}

/** Reads /proc alone: `ps` takes 100 ms of CPU for the same. Processes that end meanwhile are left out. */
export async function listLinux (root = '/proc'): Promise<ListedProcess[]> {
  const pids = readdirSync(root).filter((name) => /^\d+$/.test(name))
  const uptimeSeconds = Number.parseFloat(readText(join(root, 'uptime')) ?? '')
  const listed: ListedProcess[] = []
  for (let at = 0; at < pids.length; at += PROCESSES_IN_SLICE) {
    for (const pid of pids.slice(at, at + PROCESSES_IN_SLICE)) {
      const found = readProcess(join(root, pid), uptimeSeconds)
      if (found !== undefined) listed.push({ pid: Number(pid), ...found })
    }
    await setImmediate()
  }
  return listed
}

async function listPortable (): Promise<ListedProcess[]> {
  const { processes } = await import('systeminformation')
  const { list } = await processes()
  const now = Date.now()
  return list.map(({ pid, parentPid, name, started, cpu }) => (
    { pid, parentPid, ageSeconds: finite(Math.max(0, now - Date.parse(started)) / 1_000), key: `${pid} ${started}`, names: [basename(name)], cpu: { percent: cpu } }))
}

function readProcess (folder: string, uptimeSeconds: number): Omit<ListedProcess, 'pid'> | undefined {
  const stat = readProcessStat(folder)
  if (stat === undefined) return undefined
  const { name, parentPid, cpuSeconds, startedAt } = stat
  const program = programOf(readText(join(folder, 'cmdline')) ?? '')
  return {
    parentPid,
    ageSeconds: finite(uptimeSeconds - Number(startedAt) / TICKS_PER_SECOND),
    key: `${basename(folder)} ${startedAt}`,
    names: program === '' || program === name ? [name] : [program, name],
    cpu: { seconds: cpuSeconds }
  }
}

/**
 * The file that runs, of a command line whose words end in NUL. Some programs write a sentence there (`nginx: master process`,
 * `postgres: ann shop 10.0.0.7`): its first word says what it is, the others may be nobody's business.
 */
function programOf (commandLine: string): string {
  const [first = ''] = commandLine.split('\0')
  return basename(first.split(/:? /)[0] ?? '').replace(/^-/, '')
}

function finite (value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined
}
