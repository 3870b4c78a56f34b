import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { cpuMs } from '../test/e2e/service-process.ts'
import { median, print, settings } from './report.ts'

/** What a service that nobody asks anything takes. */
interface Idle {
  /** From `npm start` to the line that names the address. */
  startMs: number
  rssMb: number
  /** As `rssMb`, with what is shared with other processes divided among them. */
  pssMb: number
  /** Of one core. */
  cpuPercent: number
}

interface Started {
  npm: ChildProcess
  pid: number
  startMs: number
}

const ROOT = join(import.meta.dirname, '..')
/** What a start leaves to do is not what an idle service does. */
const SETTLE_MS = 15_000
const KIB_IN_MB = 1_000_000 / 1_024

/** Runs `use` with a service that was started as a user starts it, by the npm and the Node of the system, on a new folder. */
async function withStarted<T> (root: string, use: (started: Started) => Promise<T>): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bellwether-idle-'))
  const began = performance.now()
  const npm = spawn('npm', ['start'], { cwd: root, env: { PATH: systemPath(), HOME: process.env['HOME'], DATA_DIR: join(dataDir, 'data'), PORT: '0', LOG_LEVEL: 'warn' }, stdio: ['ignore', 'pipe', 'inherit'], detached: true })
  const closed = once(npm, 'close')
  const end = (): void => { if (npm.pid !== undefined && npm.exitCode === null) process.kill(-npm.pid, 'SIGKILL') }
  process.once('exit', end)
  try {
    await listening(npm)
    return await use({ npm, pid: lastChild(npm.pid ?? 0), startMs: performance.now() - began })
  } finally {
    end()
    await closed
    process.off('exit', end)
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** The PATH without what `npm run` puts before it. */
function systemPath (): string {
  return (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.endsWith(join('node_modules', '.bin'))).join(delimiter)
}

async function listening (npm: ChildProcess): Promise<void> {
  let said = ''
  for await (const text of npm.stdout?.iterator({ destroyOnReturn: false }) ?? []) {
    said += String(text)
    if (/^ +address +http/m.test(said)) {
      npm.stdout?.resume()
      return
    }
  }
  throw new Error(`the service ended before it listened:\n${said}`)
}

/** npm starts a shell, which may start the service or become it. */
function lastChild (pid: number): number {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
  return child === undefined || child === '' ? pid : lastChild(Number(child))
}

async function idleOf (root: string): Promise<Idle> {
  return withStarted(root, async ({ pid, startMs }) => {
    await wait(SETTLE_MS)
    const before = { cpuMs: cpuMs(pid), at: performance.now() }
    await wait(settings.idle * 1_000)
    const cpuPercent = (cpuMs(pid) - before.cpuMs) / (performance.now() - before.at) * 100
    return { startMs, rssMb: mb(`/proc/${pid}/status`, 'VmRSS'), pssMb: mb(`/proc/${pid}/smaps_rollup`, 'Pss'), cpuPercent }
  })
}

function mb (file: string, name: string): number {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(file, 'utf8'))
  return Number(line?.[1] ?? Number.NaN) / KIB_IN_MB
}

if (settings.before === '') throw new Error('--before names the folder of the checkout to compare with, after npm ci there')
const roots = { ours: ROOT, before: resolve(settings.before) }
const seen: Record<keyof typeof roots, Idle[]> = { ours: [], before: [] }

// One start that does not count: the files come from the disk, and what a start leaves for the next one is laid down.
for (const root of Object.values(roots)) await withStarted(root, () => wait(SETTLE_MS))
for (let round = 0; round < settings.rounds; round++) {
  seen.before.push(await idleOf(roots.before))
  seen.ours.push(await idleOf(roots.ours))
}

function tell (what: string, figure: keyof Idle, { target, unit }: { target: string, unit: string }): void {
  const medians = { ours: median(seen.ours.map((idle) => idle[figure])), before: median(seen.before.map((idle) => idle[figure])) }
  print(what, medians.ours / medians.before, { target, medians, unit })
}

tell('resident memory of the idle service (VmRSS)', 'rssMb', { target: 'at most 0.55', unit: 'MB' })
tell('the same with shared pages divided (Pss)', 'pssMb', { target: 'none', unit: 'MB' })
tell('CPU of the idle service', 'cpuPercent', { target: 'at most 0.6', unit: '% of a core' })
tell('npm start to listening', 'startMs', { target: 'at most 0.4', unit: 'ms' })
