import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sample } from '../schemas/sample.ts'
import { openSqlite } from '../src/store/hot/sqlite.ts'
import type { Store } from '../src/store/store.ts'
import { msOf, print } from './report.ts'

const SERIES = 60
const DAYS = 30
const STEP_MS = 5_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const TICKS = 500

/** Samples of every series at each step of a stretch. */
function samplesOf (from: number, to: number): Sample[] {
  const samples: Sample[] = []
  for (let time = from; time < to; time += STEP_MS) {
    for (let n = 0; n < SERIES; n++) samples.push({ name: `series_${n}`, labels: {}, value: Math.sin(time / HOUR_MS + n), time })
  }
  return samples
}

async function fill (store: Store, from: number, to: number): Promise<void> {
  for (let hour = from; hour < to; hour += HOUR_MS) {
    await store.write('appendSamples', { samples: samplesOf(hour, hour + HOUR_MS), maxSeries: SERIES })
    const until = hour - 2 * DAY_MS
    await store.write('retainSamples', { samplesUntil: until, minutesUntil: 0, hoursUntil: 0 })
  }
}

const dataDir = mkdtempSync(join(tmpdir(), 'bellwether-series-'))
const { store } = await openSqlite({ dataDir, durability: 'durable', minFreeBytes: 1, partitionBytes: 1e9, onDeath: (error) => { throw error } })
try {
  const end = Date.now() - Date.now() % DAY_MS
  await fill(store, end - DAYS * DAY_MS, end)
  const { storeBytes } = await store.write('space', undefined)
  console.log(`${SERIES} series at 5 s, ${DAYS} days: ${Math.round(storeBytes / 1e6)} MB`)

  const before = process.cpuUsage()
  for (let tick = 0; tick < TICKS; tick++) {
    const time = end + tick * STEP_MS
    await store.write('appendSamples', { samples: samplesOf(time, time + STEP_MS), maxSeries: SERIES })
  }
  const { user, system } = process.cpuUsage(before)
  const tickMs = (user + system) / 1_000 / TICKS
  print('per cent of a core to store a tick every 5 s', tickMs / STEP_MS * 100, { target: 'none', medians: { 'CPU of a tick': tickMs }, unit: 'ms' })

  const query = (ms: number, binMs: number) => msOf(() => store.read('seriesPoints', { name: 'series_7', labels: {}, range: { from: end - ms, to: end - 1 }, binMs }))
  const medians = {
    '1 h': await query(HOUR_MS, 10_000),
    '9 h': await query(9 * HOUR_MS, 30_000),
    '48 h, not summed up': await query(48 * HOUR_MS, 30_000),
    '24 h': await query(DAY_MS, 300_000),
    '30 days by the minute': await query(DAYS * DAY_MS, 60_000),
    '30 days': await query(DAYS * DAY_MS, 2 * HOUR_MS)
  }
  print('slowest query of a series, ms', Math.max(...Object.values(medians)), { target: 'none', medians, unit: 'ms' })
} finally {
  await store.close()
  rmSync(dataDir, { recursive: true })
}
