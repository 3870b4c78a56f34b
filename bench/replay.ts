import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ReplayAnswer } from '../schemas/replay.ts'
import type { NewRule } from '../schemas/rule.ts'
import type { Sample } from '../schemas/sample.ts'
import { Appender } from '../src/store/hot/events/appender.ts'
import { FILE_NAME } from '../src/store/hot/files/place.ts'
import { openForWriting } from '../src/store/hot/database.ts'
import { openSqlite } from '../src/store/hot/sqlite.ts'
import { pack } from '../src/store/hot/events/submission.ts'
import { Client } from '../test/e2e/http.ts'
import { TOKEN, withService } from '../test/e2e/service-process.ts'
import { sampleEvents } from './events.ts'
import { interleaved, msOf, print } from './report.ts'

const DAYS = 14
const SERIES = 10
const STEP_MS = 10_000
const EVENTS = 200_000
const EVENTS_A_COMMIT = 200
/** Of a machine that is busy with other things too. */
const TIMEOUT_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const LEVELS = [50, 55, 60, 65, 70, 75, 80, 85, 90, 95]
const TIMES = ['0s', '10s', '30s', '1m', '2m', '3m', '5m', '10m', '15m', '30m']

/** A daily curve with noise, as CPU has; the same at each run. */
function loadAt (time: number, n: number): number {
  const noise = Math.sin(time * 12.9898 + n) * 43_758.5453
  return 55 + 30 * Math.sin(time / DAY_MS * 2 * Math.PI + n) + 20 * (noise - Math.floor(noise))
}

function samplesOf (from: number, to: number): Sample[] {
  const samples: Sample[] = []
  for (let time = from; time < to; time += STEP_MS) {
    for (let n = 0; n < SERIES; n++) samples.push({ name: 'load', labels: { n: String(n) }, value: loadAt(time, n), time })
  }
  return samples
}

/** Through the store, which keeps single samples for two days as the service does. */
async function fillSamples (dataDir: string, from: number, to: number): Promise<void> {
  const { store } = await openSqlite({ dataDir, durability: 'fast', minFreeBytes: 1, partitionBytes: 1e9, onDeath: (error) => { throw error } })
  for (let hour = from; hour < to; hour += HOUR_MS) {
    await store.write('appendSamples', { samples: samplesOf(hour, Math.min(to, hour + HOUR_MS)), maxSeries: SERIES })
    await store.write('retainSamples', { samplesUntil: hour - 2 * DAY_MS, minutesUntil: 0, hoursUntil: 0 })
  }
  await store.close()
}

/** Received over the whole time, which only its own clock can do. */
async function fillEvents (file: string, from: number, to: number): Promise<void> {
  const { raw, close } = openForWriting(file, 'fast')
  const clock = { ms: from }
  const appender = new Appender(raw, { partitionBytes: 1e9, now: () => clock.ms })
  const events = sampleEvents(EVENTS)
  for (let at = 0; at < EVENTS; at += EVENTS_A_COMMIT) {
    const some = events.slice(at, at + EVENTS_A_COMMIT).map((event) => ({ ...event, time: clock.ms }))
    appender.commit([pack({ tokenId: 'bench', events: some, indexes: some.map((_, index) => index), rejections: [] })])
    clock.ms = from + Math.floor((to - from) * (at + EVENTS_A_COMMIT) / EVENTS)
  }
  await close()
}

const rules: Record<string, NewRule> = {
  'one series': { name: 'One', signal: { metric: 'load', labels: { n: '7' } }, levels: { warning: { op: '>', value: 80, recover: 75 }, critical: { op: '>', value: 95 } }, window: '5m', for: '1m' },
  '10 series by label': { name: 'Each', signal: { metric: 'load' }, group_by: ['n'], levels: { warning: { op: '>', value: 80 } }, window: '5m', for: '1m' },
  'errors counted': { name: 'Errors', signal: { events: 'level>=error' }, levels: { warning: { op: '>', value: 38 } }, window: '1h', for: '1m' },
  'errors by service': { name: 'Errors', signal: { events: 'level>=error timed' }, group_by: ['service'], levels: { warning: { op: '>', value: 1 } }, window: '10m', for: '1m' }
}

const dataDir = mkdtempSync(join(tmpdir(), 'bellwether-replay-'))
try {
  const end = Date.now() - Date.now() % STEP_MS
  await fillSamples(dataDir, end - DAYS * DAY_MS, end)
  await fillEvents(join(dataDir, FILE_NAME), end - DAYS * DAY_MS, end)
  await withService({ dataDir, settings: { QUERY_TIMEOUT: '60s' } }, async (service) => {
    const client = new Client(service.base, TOKEN)
    const asked = { from: new Date(end - DAYS * DAY_MS).toISOString(), to: new Date(end).toISOString() }
    for (const [name, rule] of Object.entries(rules)) {
      const size = { evaluations: 0, firings: 0 }
      const ask = (more: object) => msOf(async () => {
        const { status, text } = await client.call({ path: '/rules/replay', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ rule, ...asked, ...more }), timeoutMs: TIMEOUT_MS })
        if (status !== 200) throw new Error(`POST /rules/replay: ${status} ${text}`)
        const answer = parseReplay(text)
        Object.assign(size, { evaluations: DAYS * DAY_MS / answer.step_ms, firings: answer.total })
      }, 1)
      const medians = await interleaved({
        plain: () => ask({}),
        'with 10 values': () => ask({ sweep: { level: 'warning', values: LEVELS } }),
        'with 10 times': () => ask({ sweep: { for: TIMES } })
      })
      print(`replay of ${DAYS} days over HTTP, ${name} (${size.evaluations} evaluations, ${size.firings} firings), a sweep against none`,
        medians['with 10 values'] / medians.plain, { target: 'under 2000 ms', medians, unit: 'ms' })
    }
    client.close()
  })
} finally {
  rmSync(dataDir, { recursive: true })
}

function parseReplay (text: string): ReplayAnswer {
  return JSON.parse(text) as ReplayAnswer
}
