import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { AlertFile } from '../../../schemas/alert.ts'
import type { NoticeBody } from '../../../schemas/notice.ts'
import type { SeriesData } from '../../../schemas/sample.ts'
import { closedPort, status, type Received } from '../../notify/receiver.ts'
import { SECRET } from '../../notify/support.ts'
import { broken, Skip, type Case, type Result } from '../case.ts'
import { isSigned } from '../outbox-lab.ts'
import { runTool } from '../service-process.ts'
import { holds } from '../stack/prometheus.ts'
import { switchRules, withBoard, type Switchboard } from '../switchboard.ts'

const BUSY = 'bell-busy'
const HOT_PERCENT = 90
/** Above it this machine is too busy with other things for a walk that judges its load. */
const CALM_PERCENT = 70
const TOLD_WITHIN_MS = 30_000
const REST_WITHIN_MS = 180_000

const HOT = {
  id: 'cpu-hot',
  name: 'CPU hot',
  signal: { metric: 'host_cpu_percent' },
  window: '3s',
  for: '2s',
  keep_firing_for: '2s',
  levels: { critical: { op: '>' as const, value: HOT_PERCENT, recover: CALM_PERCENT } },
  annotations: { summary: '{rule}: {value} {unit}' },
  channels: ['main']
}

/** The walk of the README: a busy loop, one signed page that names it, and one word when it is over. */
async function walk (): Promise<Result> {
  return withBoard(status(200), (url) => ({ file: { rules: [HOT], channels: [{ name: 'main', kind: 'webhook', url, secret: SECRET }] } }), async (board, receiver) => {
    if (!await holds(async () => await cpuPercent(board) < CALM_PERCENT, REST_WITHIN_MS)) throw new Skip(`this machine does not come to rest under ${CALM_PERCENT} % CPU`)
    const loops = new BusyLoops()
    const startedAt = performance.now()
    try {
      const isTold = await holds(async () => receiver.received.length > 0, TOLD_WITHIN_MS)
      const toldMs = performance.now() - startedAt
      // No second page while it goes on.
      await delay(5_000)
      const pages = receiver.received.length
      loops.end()
      const isOver = await holds(async () => receiver.received.length > pages, 2 * TOLD_WITHIN_MS)
      const [fired, resolved, ...more] = receiver.received.map(parseBody)
      const file = fired === undefined ? undefined : await board.alert(fired.alert_id)
      return {
        figures: { 'told after ms': toldMs, notices: receiver.received.length, value: fired?.value ?? 'none', processes: namesOf(fired).join(', ') },
        faults: [...broken(
          [isTold, `nobody was told within ${TOLD_WITHIN_MS} ms`],
          [isOver, 'nobody was told that it is over'],
          [pages === 1 && more.length === 0, `${pages} pages while it went on, ${receiver.received.length} notices in all`],
          [fired?.type === 'alert.firing' && resolved?.type === 'alert.resolved', `told ${fired?.type}, then ${resolved?.type}`],
          [fired?.alert_id === resolved?.alert_id, 'the end has another alert_id'],
          [receiver.received.every((one) => isSigned(one)), 'a signature does not verify'],
          [namesOf(fired).some((name) => name.includes(BUSY)), `the evidence names ${namesOf(fired).join(', ')}, not ${BUSY}`]
        ), ...fileFaults(file)]
      }
    } finally {
      loops.end()
    }
  })
}

/** What an operator sees afterwards says the same. */
function fileFaults (file: AlertFile | undefined): string[] {
  return broken(
    [file?.state === 'resolved', `GET /alerts/:id says ${file?.state}`],
    [file?.timeline.some(({ to }) => to === 'firing') === true && file.timeline.at(-1)?.to === 'resolved', `timeline: ${file?.timeline.map(({ to }) => to).join(', ')}`],
    [file?.deliveries.length === 2 && file.deliveries.every(({ attempts }) => attempts.at(-1)?.status === 200), 'not two deliveries with the status 200'],
    [file?.evidence !== null, 'no evidence is kept']
  )
}

/** As many endless loops as there are processors. */
class BusyLoops {
  readonly #folder = mkdtempSync(join(tmpdir(), 'bellwether-busy-'))
  readonly #children: ChildProcess[]

  constructor () {
    const program = join(this.#folder, BUSY)
    symlinkSync(process.execPath, program)
    this.#children = Array.from({ length: availableParallelism() }, () => spawn(program, ['-e', 'process.title = "bell-busy"; for (;;);'], { stdio: 'ignore' }))
  }

  end (): void {
    for (const child of this.#children) child.kill('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

async function cpuPercent (board: Switchboard): Promise<number> {
  const { status: code, text } = await board.client.call({ path: '/series/data?name=host_cpu_percent&from=-5s' })
  const points = code === 200 ? parseSeries(text).points : []
  return points.length < 3 ? 100 : points.reduce((sum, { avg }) => sum + avg, 0) / points.length
}

function parseSeries (text: string): SeriesData {
  return JSON.parse(text) as SeriesData
}

function namesOf (body: NoticeBody | undefined): string[] {
  const processes: unknown = body?.evidence['processes']
  return Array.isArray(processes) ? processes.map((one: { name?: unknown }) => String(one.name)) : []
}

function parseBody ({ body }: Received): NoticeBody {
  return JSON.parse(body) as NoticeBody
}

/** Debian's Alertmanager takes our alert, shows it, and lets it go. */
async function toAlertmanager (): Promise<Result> {
  if ((await runTool('prometheus-alertmanager', ['--version'])).code !== 0) throw new Skip('prometheus-alertmanager is missing')
  const folder = mkdtempSync(join(tmpdir(), 'bellwether-alertmanager-'))
  const address = `127.0.0.1:${await closedPort()}`
  writeFileSync(join(folder, 'alertmanager.yml'), 'route: { receiver: none }\nreceivers: [{ name: none }]\n')
  const args = [`--config.file=${join(folder, 'alertmanager.yml')}`, `--storage.path=${join(folder, 'data')}`, `--web.listen-address=${address}`, '--cluster.listen-address=']
  const child = spawn('prometheus-alertmanager', args, { stdio: 'ignore' })
  try {
    const url = `http://${address}`
    if (!await holds(() => isReady(url), TOLD_WITHIN_MS)) throw new Error('Alertmanager did not get ready')
    const file = { rules: switchRules(1, ['main']), channels: [{ name: 'main', kind: 'alertmanager' as const, url }] }
    return await withBoard(status(200), () => ({ file }), async (board) => {
      await board.turn(1, 1, 1)
      const isShown = await holds(async () => (await shownBy(url)).length === 1, TOLD_WITHIN_MS)
      const [shown] = await shownBy(url)
      await board.turn(1, 0, 0)
      const isGone = await holds(async () => (await shownBy(url)).length === 0, TOLD_WITHIN_MS)
      return {
        figures: { alertname: shown?.labels['alertname'] ?? 'none', severity: shown?.labels['severity'] ?? 'none', state: shown?.status.state ?? 'none' },
        faults: broken([isShown, 'Alertmanager does not show the alert'], [isGone, 'Alertmanager does not see that it is over'])
      }
    })
  } finally {
    child.kill('SIGKILL')
    if (child.exitCode === null) await once(child, 'close')
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Shown { labels: Record<string, string>, status: { state: string } }

async function shownBy (url: string): Promise<Shown[]> {
  return await (await fetch(`${url}/api/v2/alerts?active=true`)).json() as Shown[]
}

async function isReady (url: string): Promise<boolean> {
  return fetch(`${url}/-/ready`).then(({ ok }) => ok, () => false)
}

export const walkCases: readonly Case[] = [
  { name: 'WALK', title: 'a busy loop: one signed page that names it, one word when it is over', run: walk },
  { name: 'AM', title: 'Alertmanager receives, shows and resolves an alert', run: toAlertmanager }
]
