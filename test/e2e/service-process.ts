import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from './http.ts'

export const TOKEN = 'oracle-token-0123456789abcdef'
const ROOT = join(import.meta.dirname, '..', '..')
const READY_WITHIN_MS = 30_000
const STOP_WITHIN_MS = 15_000
const CLOCK_TICK_MS = 10
const OUTPUT_KEPT = 1_000_000
/** Cases count what they sent. */
const DEFAULTS = { CANARY_INTERVAL: '0s' }

const running = new Set<ChildProcess>()
process.on('exit', () => { for (const child of running) child.kill('SIGKILL') })
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

export interface ServiceOptions {
  settings?: Record<string, string>
  /** An existing folder; without it a temporary one is made, which `close` removes. */
  dataDir?: string
  /** The checkout whose program is started; without it this one. */
  root?: string
}

export interface Exit { code: number | null, signal: NodeJS.Signals | null }

/** The real program as a child process, on its own folder and a port that survives restarts. */
export class ServiceProcess {
  readonly dataDir: string
  readonly #settings: Record<string, string>
  readonly #bin: string
  readonly #ownFolder: string | undefined
  #child: ChildProcess | undefined
  #exit: Promise<Exit> | undefined
  #ended: Exit | undefined
  #port = 0
  #output = ''

  constructor (options: ServiceOptions = {}) {
    this.#settings = options.settings ?? {}
    this.#bin = join(options.root ?? ROOT, 'bin', 'bellwether.js')
    this.#ownFolder = options.dataDir === undefined ? mkdtempSync(join(tmpdir(), 'bellwether-e2e-')) : undefined
    this.dataDir = options.dataDir ?? join(this.#ownFolder ?? '', 'data')
  }

  get base (): string { return `http://127.0.0.1:${this.#port}` }
  get port (): number { return this.#port }
  /** Everything that was printed since the last start, both streams. */
  get output (): string { return this.#output }

  get pid (): number {
    if (this.#child?.pid === undefined) throw new Error('the service was not started')
    return this.#child.pid
  }

  /** Starts and waits until /readyz is 200. Answers the ms that it took. Throws with the output when it ends before. */
  async start (): Promise<number> {
    const startedAt = performance.now()
    this.launch()
    await this.ready()
    return performance.now() - startedAt
  }

  /** Starts without waiting, for cases in which starting must fail. */
  launch (): void {
    const child = spawn(process.execPath, [this.#bin, 'serve'], {
      cwd: this.#ownFolder ?? tmpdir(),
      env: { PATH: process.env['PATH'], DATA_DIR: this.dataDir, OPS_API_TOKEN: TOKEN, ...DEFAULTS, ...this.#settings, PORT: String(this.#port) },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    running.add(child)
    this.#child = child
    this.#output = ''
    this.#ended = undefined
    this.#exit = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        running.delete(child)
        this.#ended = { code, signal }
        resolve(this.#ended)
      })
    })
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => { this.#collect(text) })
    }
  }

  /** Polls /readyz until it is 200. */
  async ready (withinMs = READY_WITHIN_MS): Promise<void> {
    const deadline = performance.now() + withinMs
    const client = new Client(() => this.base)
    try {
      while (!await this.#isReady(client)) {
        if (this.#ended !== undefined) throw new Error(`ended before it was ready (${JSON.stringify(this.#ended)}):\n${this.#output}`)
        if (performance.now() > deadline) throw new Error(`not ready within ${withinMs} ms:\n${this.#output}`)
        await delay(CLOCK_TICK_MS)
      }
    } finally {
      client.close()
    }
  }

  /** Waits until it says at which address it is, ready or not. */
  async listening (withinMs = READY_WITHIN_MS): Promise<void> {
    const deadline = performance.now() + withinMs
    while (this.#port === 0) {
      if (this.#ended !== undefined || performance.now() > deadline) throw new Error(`no address within ${withinMs} ms:\n${this.#output}`)
      await delay(CLOCK_TICK_MS)
    }
  }

  signal (signal: NodeJS.Signals): void {
    this.#child?.kill(signal)
  }

  /** Waits for the end of the process. Throws, after SIGKILL, when it takes longer. */
  async exited (withinMs = STOP_WITHIN_MS): Promise<Exit> {
    const timer = new AbortController()
    const late = delay(withinMs, undefined, { signal: timer.signal }).catch(() => undefined)
    const exit = await Promise.race([this.#exit, late])
    timer.abort()
    if (exit !== undefined) return exit
    await this.kill()
    throw new Error(`still running after ${withinMs} ms:\n${this.#output}`)
  }

  async kill (): Promise<void> {
    if (this.#ended !== undefined) return
    this.signal('SIGKILL')
    await this.#exit
  }

  /** SIGTERM, and the ms until the process was gone. */
  async stop (): Promise<{ exit: Exit, ms: number }> {
    const startedAt = performance.now()
    this.signal('SIGTERM')
    const exit = await this.exited()
    return { exit, ms: performance.now() - startedAt }
  }

  /** Ends the process and removes the temporary folder. */
  async close (): Promise<void> {
    await this.kill()
    if (this.#ownFolder !== undefined) rmSync(this.#ownFolder, { recursive: true, force: true })
  }

  /** Throws with the output when the service is gone. */
  mustRun (): void {
    if (this.#ended !== undefined) throw new Error(`the service is gone (${JSON.stringify(this.#ended)}):\n${this.#output}`)
  }

  rssBytes (): number { return this.#statusBytes('VmRSS') }

  /** The highest resident size since `resetPeak` (or since the start where the system does not allow that). */
  peakRssBytes (): number { return this.#statusBytes('VmHWM') }

  resetPeak (): void {
    this.mustRun()
    try {
      writeFileSync(`/proc/${this.pid}/clear_refs`, '5')
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EACCES')) throw error
    }
  }

  cpuMs (): number { return cpuMs(this.pid) }

  #statusBytes (name: string): number {
    this.mustRun()
    const line = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))
    return Number(line?.[1] ?? Number.NaN) * 1024
  }

  #collect (text: string): void {
    this.#output = (this.#output + text).slice(-OUTPUT_KEPT)
    if (this.#port !== 0) return
    const port = /http:\/\/127\.0\.0\.1:(\d+)(?=\D)/.exec(this.#output)?.[1]
    if (port !== undefined) this.#port = Number(port)
  }

  async #isReady (client: Client): Promise<boolean> {
    if (this.#port === 0) return false
    const reply = await client.call({ path: '/readyz', timeoutMs: 2_000 }).catch(() => undefined)
    return reply?.status === 200
  }
}

/** User and system time of a process in ms, from /proc/PID/stat (clock ticks of 10 ms). */
export function cpuMs (pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MS
}

/** Runs `use` with a started service, which is ended and removed whatever happens. */
export async function withService<T> (options: ServiceOptions, use: (service: ServiceProcess) => Promise<T>): Promise<T> {
  const service = new ServiceProcess(options)
  try {
    await service.start()
    return await use(service)
  } finally {
    await service.close()
  }
}

/** Runs a tool and answers its exit code and output; 127 when it is missing. */
export async function runTool (command: string, args: readonly string[]): Promise<{ code: number, output: string }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { output += text })
  try {
    const [code] = await once(child, 'close')
    return { code: typeof code === 'number' ? code : 1, output }
  } catch {
    return { code: 127, output: `${command} is missing` }
  }
}
