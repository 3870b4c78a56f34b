import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Alert, AlertFile, AlertsPage } from '../../schemas/alert.ts'
import type { ConfigFileText } from '../../schemas/config-file.ts'
import { Receiver, type Answer } from '../notify/receiver.ts'
import { Client } from './http.ts'
import { ServiceProcess, TOKEN } from './service-process.ts'

const RESEND_MS = 400
const LOOK_MS = 100

export interface BoardOptions {
  /** The configuration file; JSON is YAML. */
  file: ConfigFileText
  settings?: Record<string, string>
}

/** Rules that all follow the series `switch`: each fires for a label `n` while its value is 1. */
export function switchRules (count: number, channels: string[]): NonNullable<ConfigFileText['rules']> {
  return Array.from({ length: count }, (_, at) => ({
    id: `switch-${at}`,
    name: `Switch ${at}`,
    signal: { metric: 'switch' },
    aggregate: 'last' as const,
    window: '10s',
    group_by: ['n'],
    levels: { critical: { op: '>=' as const, value: 1 } },
    flap: null,
    channels
  }))
}

/** The real service with rules in a file, evaluated each second; `close` ends and removes everything. */
export class Switchboard {
  readonly service: ServiceProcess
  readonly client: Client
  readonly #folder: string

  private constructor (service: ServiceProcess, folder: string) {
    this.service = service
    this.client = new Client(() => service.base, TOKEN)
    this.#folder = folder
  }

  static async open ({ file, settings = {} }: BoardOptions): Promise<Switchboard> {
    const folder = mkdtempSync(join(tmpdir(), 'bellwether-board-'))
    const path = join(folder, 'bellwether.yaml')
    writeFileSync(path, JSON.stringify(file))
    const service = new ServiceProcess({ settings: { EVALUATE_INTERVAL: '1s', SAMPLE_INTERVAL: '1s', WEBHOOK_ALLOW: '127.0.0.1', CONFIG_FILE: path, ...settings } })
    const board = new Switchboard(service, folder)
    await service.start()
    return board
  }

  /** Sets the first switches, again and again, until so many alerts fire. */
  async turn (count: number, value: 0 | 1, firing: number, withinMs = 60_000): Promise<void> {
    await this.hold(count, value, async () => (await this.firing()) === firing, withinMs)
  }

  /** Sets the first switches, again and again, until something holds. What it looks at should be cheap where latencies are measured. */
  async hold (count: number, value: 0 | 1, until: () => Promise<boolean>, withinMs = 60_000): Promise<void> {
    const startedAt = performance.now()
    for (let sentAt = -Infinity; !await until(); await delay(LOOK_MS)) {
      if (performance.now() - startedAt > withinMs) throw new Error(`${await this.firing()} alerts fire after ${withinMs} ms:\n${this.service.output}`)
      if (performance.now() - sentAt < RESEND_MS) continue
      await this.client.post('/samples', Array.from({ length: count }, (_, n) => ({ name: 'switch', value, labels: { n: String(n) } })))
      sentAt = performance.now()
    }
  }

  /** How many alerts fire, of one rule or of whatever rule that follows the switches. */
  async firing (ruleId?: string): Promise<number> {
    return (await this.alerts(`state=firing&${ruleId === undefined ? '' : `rule=${ruleId}&`}`)).length
  }

  /** All alerts of the switches, in as many pages as it takes. */
  async alerts (query = ''): Promise<Alert[]> {
    const alerts: Alert[] = []
    for (let next: string | null = ''; next !== null;) {
      const page: AlertsPage = parseAs(await this.#get(`/alerts?${query}limit=1000${next === '' ? '' : `&cursor=${next}`}`))
      alerts.push(...page.alerts)
      next = page.next
    }
    return alerts.filter(({ rule }) => rule.id.startsWith('switch-'))
  }

  async alert (id: string): Promise<AlertFile> {
    return parseAs(await this.#get(`/alerts/${id}`))
  }

  /** The value of a metric without labels, or with these, as they are written. */
  async metric (name: string): Promise<number> {
    const text = await this.#get('/metrics')
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `))
    return line === undefined ? Number.NaN : Number(line.slice(name.length + 1))
  }

  async close (): Promise<void> {
    this.client.close()
    await this.service.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #get (path: string): Promise<string> {
    const { status, text } = await this.client.call({ path })
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`)
    return text
  }
}

/** Runs `use` with a receiver on loopback and a service that was told of it; all is ended whatever happens. */
export async function withBoard<T> (
  answer: Answer, optionsOf: (url: string) => BoardOptions, use: (board: Switchboard, receiver: Receiver) => Promise<T>
): Promise<T> {
  const closers: Array<() => unknown> = []
  try {
    const receiver = await Receiver.open({ teardown: (close: () => unknown) => { closers.push(close) } }, answer)
    const board = await Switchboard.open(optionsOf(receiver.url))
    closers.push(() => board.close())
    return await use(board, receiver)
  } finally {
    for (const close of closers.reverse()) await close()
  }
}

function parseAs<T> (text: string): T {
  return JSON.parse(text) as T
}
