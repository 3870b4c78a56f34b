import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Receiver, status } from '../../notify/receiver.ts'
import { SECRET } from '../../notify/support.ts'
import type { Health } from '../../../schemas/health.ts'
import type { NoticeBody } from '../../../schemas/notice.ts'
import { broken, Skip, type Case, type Context, type Result } from '../case.ts'
import { holds } from '../stack/prometheus.ts'
import { Switchboard } from '../switchboard.ts'

/** Sets the clock of a process and of nobody else; time that passes goes on as it is. */
const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1'
const INTERVAL_MS = 1_000
const WINDOW_MS = 5_000
/** Two intervals, and what a busy machine adds. */
const FIRES_WITHIN_MS = 2 * INTERVAL_MS + 1_000
/** Retention looks once a minute. */
const RETAINED_MS = 65_000
const SETTLED_MS = WINDOW_MS + 3 * INTERVAL_MS

/** Where the clock is put, and what that is called; each is followed by the way back. */
const STEPS: ReadonlyArray<[offset: string, minutes: number]> = [['+2h', 120], ['-1h', -60], ['+400d', 400 * 1_440]]

/** A service whose clock the case turns, with a rule that counts errors and one that misses a heartbeat. */
class ClockLab {
  readonly board: Switchboard
  readonly receiver: Receiver
  readonly #dial: string
  readonly #beats: NodeJS.Timeout
  readonly #closers: Array<() => unknown>

  private constructor (board: Switchboard, receiver: Receiver, { folder, closers }: { folder: string, closers: Array<() => unknown> }) {
    this.board = board
    this.receiver = receiver
    this.#closers = closers
    this.#dial = join(folder, 'offset')
    this.#beats = setInterval(() => { void board.client.post('/events', { message: 'beat', service: 'heart' }).catch(() => undefined) }, INTERVAL_MS / 2)
  }

  static async open (): Promise<ClockLab> {
    if (!existsSync(FAKETIME)) throw new Skip('libfaketime is missing (Debian: libfaketime)')
    const folder = mkdtempSync(join(tmpdir(), 'bellwether-clock-'))
    const closers: Array<() => unknown> = [() => rmSync(folder, { recursive: true, force: true })]
    const receiver = await Receiver.open({ teardown: (closer) => { closers.push(closer) } }, status(200))
    writeFileSync(join(folder, 'offset'), '+0')
    const board = await Switchboard.open({
      file: {
        channels: [{ name: 'main', kind: 'webhook', url: receiver.url, secret: SECRET }],
        rules: [
          { id: 'errors', name: 'Errors', signal: { events: 'level>=ERROR' }, window: `${WINDOW_MS / 1_000}s`, levels: { critical: { op: '>=', value: 3 } }, channels: ['main'], flap: null },
          { id: 'quiet', name: 'Quiet', signal: { absent: 'service:heart' }, window: '20s', levels: { critical: { op: '<', value: 1 } }, channels: ['main'], flap: null }
        ]
      },
      settings: { LD_PRELOAD: FAKETIME, FAKETIME_TIMESTAMP_FILE: join(folder, 'offset'), FAKETIME_NO_CACHE: '1', DONT_FAKE_MONOTONIC: '1', NODE_NO_WARNINGS: '1' }
    })
    return new ClockLab(board, receiver, { folder, closers })
  }

  turn (offset: string): void {
    writeFileSync(this.#dial, offset)
  }

  notices (rule: string): NoticeBody[] {
    return this.receiver.received.map(({ body }) => JSON.parse(body) as NoticeBody).filter((body) => body.rule.id === rule)
  }

  /** Sends three errors; answers the ms until somebody was told, undefined when nobody was. */
  async told (): Promise<number | undefined> {
    const before = this.notices('errors').filter(({ state }) => state === 'firing').length
    const startedAt = performance.now()
    for (let sent = 0; sent < 3; sent++) await this.board.client.post('/events', { message: `broken ${sent}`, level: 'ERROR' })
    const isTold = await holds(async () => this.notices('errors').filter(({ state }) => state === 'firing').length > before, 4 * FIRES_WITHIN_MS)
    return isTold ? Math.round(performance.now() - startedAt) : undefined
  }

  async clockCheck (): Promise<{ status: string, detail?: string } | undefined> {
    const { text } = await this.board.client.call({ path: '/health' })
    return (JSON.parse(text) as Health).checks['clock']
  }

  /** Errors that are stored: what the case sent. */
  async errors (): Promise<number> {
    const { text } = await this.board.client.call({ path: '/events?q=level>=ERROR&from=1970-01-01T00:00:00Z&to=2100-01-01T00:00:00Z&limit=1&total=exact' })
    return (JSON.parse(text) as { total: { count: number } }).total.count
  }

  async close (): Promise<void> {
    clearInterval(this.#beats)
    await this.board.close()
    for (const closer of this.#closers.reverse()) await closer()
  }
}

/** Forward, back and far: rules fire all the while, nothing is deleted, nobody is paged for silence, and health says why. */
async function stepped (context: Context): Promise<Result> {
  const lab = await ClockLab.open()
  try {
    const faults: string[] = []
    const figures: Result['figures'] = {}
    await delay(25_000)
    let bursts = 0
    for (const [offset, minutes] of STEPS) {
      for (const [name, at] of [[offset, offset], [`${offset} and back`, '+0']] as const) {
        lab.turn(at)
        await delay(INTERVAL_MS)
        const ms = await lab.told()
        bursts++
        figures[`told ms, ${name}`] = ms ?? 'never'
        const check = await lab.clockCheck()
        faults.push(...broken(
          [ms !== undefined && ms <= FIRES_WITHIN_MS, `${name}: told after ${ms} ms`],
          [check?.status === 'degraded' && check.detail !== undefined && /jumped/.test(check.detail), `${name}: health says ${JSON.stringify(check)}`]
        ))
        await delay(minutes > 1_440 && at === offset ? RETAINED_MS : SETTLED_MS)
        if (!context.isShort || minutes > 1_440) await lab.board.service.stop().then(() => lab.board.service.start())
      }
    }
    const errors = await lab.errors()
    const pages = lab.notices('quiet').length
    return {
      figures: { ...figures, errors, 'pages for silence': pages },
      faults: [...faults, ...broken([errors === 3 * bursts, `${3 * bursts} errors were acknowledged, ${errors} are stored`], [pages === 0, `${pages} notices of a silence that was none`])]
    }
  } finally {
    await lab.close()
  }
}

/** Acknowledged, then the service is gone for longer than the window of the rule: it is told at the next start, as late. */
async function outlasted (): Promise<Result> {
  const lab = await ClockLab.open()
  try {
    await delay(25_000)
    for (let sent = 0; sent < 3; sent++) await lab.board.client.post('/events', { message: `last words ${sent}`, level: 'ERROR' })
    await lab.board.service.kill()
    const before = lab.notices('errors').length
    await delay(WINDOW_MS + 4 * INTERVAL_MS)
    const startedAt = performance.now()
    await lab.board.service.start()
    await holds(async () => lab.notices('errors').some(({ state }) => state === 'firing'), 15_000)
    const toldMs = Math.round(performance.now() - startedAt)
    await delay(SETTLED_MS)
    const firing = lab.notices('errors').filter(({ state }) => state === 'firing')
    const quiet = lab.notices('quiet').length
    return {
      figures: { 'told before the end': before, 'told after the start': firing.length, 'ms from the start': toldMs, 'pages for silence': quiet },
      faults: broken(
        [firing.length === 1, `${firing.length} notices, must be one`],
        [before > 0 || firing[0]?.late !== undefined, 'the notice does not say that it is late'],
        [quiet === 0, `${quiet} notices of the silence of our own outage`]
      )
    }
  } finally {
    await lab.close()
  }
}

export const clockCases: readonly Case[] = [
  { name: 'R55', title: 'the clock is put forward, back and 400 days on: nothing is deleted, rules fire, health names it', run: stepped },
  { name: 'R58', title: 'events acknowledged just before an outage longer than the window are told at the next start, as late', run: outlasted }
]
