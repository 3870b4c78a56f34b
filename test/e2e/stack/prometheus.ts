import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from '../http.ts'
import type { Rule } from './expressions.ts'

const POLL_MS = 500
const LISTENING = /msg="Listening on" address=(\S+)/

export interface Sample { labels: Record<string, string>, value: number }
export interface Target { health: string, lastError: string }

/** Debian's Prometheus on the configuration of this repository, on a port and folder of its own. */
export class Prometheus {
  readonly #child: ChildProcess
  readonly #client: Client
  #output = ''

  private constructor (child: ChildProcess) {
    this.#child = child
    child.stderr?.setEncoding('utf8').on('data', (text: string) => { this.#output += text })
    this.#client = new Client(() => `http://${LISTENING.exec(this.#output)?.[1]}`)
  }

  /** Starts it with the configuration of `project` in which only the address of the target is another. */
  static async start (project: string, target: string, folder: string): Promise<Prometheus> {
    const config = join(folder, 'prometheus.yml')
    writeFileSync(config, withTarget(readFileSync(join(project, 'prometheus.yml'), 'utf8'), target))
    symlinkSync(join(project, 'prometheus'), join(folder, 'prometheus'))
    const args = [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'data')}`, '--web.listen-address=127.0.0.1:0']
    const child = spawn('prometheus', args, { stdio: ['ignore', 'ignore', 'pipe'] })
    process.once('exit', () => child.kill('SIGKILL'))
    const prometheus = new Prometheus(child)
    await prometheus.#ready()
    return prometheus
  }

  /** What an expression answers now. Throws with the words of Prometheus when it is none. */
  async query (expr: string): Promise<Sample[]> {
    const { result } = parseData<{ result: { metric: Record<string, string>, value: [number, string] }[] }>(await this.#get('query', { query: expr }))
    return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
  }

  /** What `label_values(selector, label)` of Grafana answers. */
  async labelValues (selector: string, label: string): Promise<string[]> {
    return parseData<string[]>(await this.#get(`label/${label}/values`, { 'match[]': selector }))
  }

  async rules (): Promise<(Rule & { health: string, lastError?: string })[]> {
    const { groups } = parseData<{ groups: { rules: (Rule & { health: string })[] }[] }>(await this.#get('rules', {}))
    return groups.flatMap(({ rules }) => rules)
  }

  async targets (): Promise<Target[]> {
    return parseData<{ activeTargets: Target[] }>(await this.#get('targets', {})).activeTargets
  }

  async close (): Promise<void> {
    this.#client.close()
    if (this.#child.exitCode !== null) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'close')
  }

  async #ready (): Promise<void> {
    const isReady = async () => LISTENING.test(this.#output) && (await this.#client.call({ path: '/-/ready' })).status === 200
    if (await holds(isReady, 30_000)) return
    await this.close()
    throw new Error(`Prometheus did not get ready:\n${this.#output}`)
  }

  async #get (path: string, parameters: Record<string, string>): Promise<string> {
    return (await this.#client.call({ path: `/api/v1/${path}?${new URLSearchParams(parameters)}` })).text
  }
}

/** The configuration with another target in the place of its only one. */
export function withTarget (config: string, target: string): string {
  const changed = config.replace(/(?<=targets: \[')[^']+(?='\])/g, target)
  if (changed.split(target).length !== 2) throw new Error('prometheus.yml must name one target')
  return changed
}

/** Polls until `check` holds; answers whether it did within the time. */
export async function holds (check: () => Promise<boolean>, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs
  while (!await check()) {
    if (performance.now() > deadline) return false
    await delay(POLL_MS)
  }
  return true
}

function parseData<T> (text: string): T {
  const { status, data, error } = JSON.parse(text) as { status: string, data: T, error?: string }
  if (status !== 'success') throw new Error(error ?? text)
  return data
}
