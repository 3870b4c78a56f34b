import { Counter as PromCounter, Histogram as PromHistogram, Registry } from 'prom-client'
import { Counter, Histogram, renderFamilies } from '../src/metrics/family.ts'
import { CooperativeScheduler } from '../src/core/cooperative-scheduler.ts'
import { interleaved, msOf, print } from './report.ts'

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const LINES_OF_A_HISTOGRAM = BUCKETS.length + 3

/** How many series of counters and how many of histograms have `lines` lines together, half each. */
function sizes (lines: number): { counters: number, histograms: number } {
  return { counters: lines / 2, histograms: Math.ceil(lines / 2 / LINES_OF_A_HISTOGRAM) }
}

function ours (lines: number): () => Promise<Buffer> {
  const { counters, histograms } = sizes(lines)
  const counter = new Counter({ name: 'bench_events_total', help: 'Events.', labels: { service: counters, level: ['INFO'] as const } })
  const histogram = new Histogram({ name: 'bench_seconds', help: 'Seconds.', labels: { method: ['GET'] as const, route: histograms }, buckets: BUCKETS })
  for (let n = 0; n < counters; n++) counter.at({ service: `service-${n}`, level: 'INFO' }).add(n)
  for (let n = 0; n < histograms; n++) histogram.at({ method: 'GET', route: `/route/${n}/:id` }).observe(n / 1_000)
  return () => renderFamilies([counter, histogram], new CooperativeScheduler())
}

function theirs (lines: number): () => Promise<Buffer> {
  const { counters, histograms } = sizes(lines)
  const registry = new Registry()
  const registers = [registry]
  const counter = new PromCounter({ name: 'bench_events_total', help: 'Events.', labelNames: ['service', 'level'], registers })
  const histogram = new PromHistogram({ name: 'bench_seconds', help: 'Seconds.', labelNames: ['method', 'route'], buckets: BUCKETS, registers })
  for (let n = 0; n < counters; n++) counter.inc({ service: `service-${n}`, level: 'INFO' }, n)
  for (let n = 0; n < histograms; n++) histogram.observe({ method: 'GET', route: `/route/${n}/:id` }, n / 1_000)
  return async () => Buffer.from(await registry.metrics())
}

/** The longest time in ms for which nothing else could run, while `work` did. */
async function longestStop (work: () => Promise<unknown>): Promise<number> {
  let longest = 0
  let lastAt = performance.now()
  const look = (): void => {
    const now = performance.now()
    longest = Math.max(longest, now - lastAt)
    lastAt = now
    next = setImmediate(look)
  }
  let next = setImmediate(look)
  await work()
  // Once more, for what held the last turn.
  await new Promise((resolve) => setImmediate(resolve))
  clearImmediate(next)
  return longest
}

for (const lines of [1_000, 10_000, 100_000]) {
  const render = { ours: ours(lines), theirs: theirs(lines) }
  const medians = await interleaved({ ours: () => msOf(render.ours), 'prom-client': () => msOf(render.theirs) })
  print(`rendering ${lines} series against prom-client`, medians.ours / medians['prom-client'], { target: 'none', medians, unit: 'ms' })
  const stops = await interleaved({ ours: () => longestStop(render.ours), 'prom-client': () => longestStop(render.theirs) })
  print(`longest stop of the event loop meanwhile, ${lines} series`, stops.ours / stops['prom-client'], { target: 'none', medians: stops, unit: 'ms' })
}
