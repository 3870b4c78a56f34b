import { mock } from 'node:test'
import { pino } from 'pino'
import { test, type Test } from 'tap'
import type { Sample } from '../../schemas/sample.ts'
import { AppError } from '../../src/core/errors.ts'
import { Metrics } from '../../src/metrics/metrics.ts'
import { SampleFeed, type SampleBatch } from '../../src/numbers/sample-feed.ts'
import type { Store } from '../../src/store/store.ts'
import { Sampler } from '../../src/numbers/sampler.ts'
import { buildStore } from '../helper.ts'

const START = Date.UTC(2026, 5, 1)

/** A sampler on a clock that the test turns: after its first look it looks when it is asked to, since its timers stand still. */
async function watching (t: Test, store?: Pick<Store, 'write'>) {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const clock = { ms: START, now: () => clock.ms }
  const logged: string[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => { logged.push(line) } })
  const batches: SampleBatch[] = []
  const feed = new SampleFeed()
  feed.follow((batch) => batches.push(batch))
  const metrics = new Metrics()
  const opened = await buildStore(t)
  const sampler = new Sampler({ store: store ?? opened.store, metrics, feed, clock, log, config: { sampleIntervalMs: 5_000, watchProcesses: [] } })
  t.teardown(() => sampler.close())
  return { sampler, clock, logged, batches, metrics, store: opened.store }
}

function names ({ samples }: SampleBatch): string[] {
  return samples.map(({ name }) => name)
}

async function text (metrics: Metrics): Promise<string> {
  return (await metrics.render()).toString()
}

test('a look is stored, shown, told and answered', async (t) => {
  const { sampler, clock, batches, metrics, store } = await watching(t)
  await sampler.collect()
  clock.ms += 5_000
  metrics.requests.count({ route: '/a', method: 'GET', statusCode: 200, outcome: 'completed', seconds: 0.02, streamSeconds: undefined })

  const answer = await sampler.collect()

  t.match(answer, { time: '2026-06-01T00:00:05.000Z', cpu_percent: Number, memory_percent: Number, process_rss_bytes: Number, alerts: [] })
  const told = batches.find(({ time }) => time === START + 5_000)
  t.match(told && names(told), /host_cpu_percent.*process_sampling_cpu_percent/)
  t.same(told?.samples.filter(({ name }) => name === 'http_requests').map(({ labels, value }) => [labels, value]), [[{}, 1], [{ method: 'GET', route: '/a' }, 1]])
  t.match(await text(metrics), /^host_cpu_usage_ratio [\d.]+$/m)
  for (const { name, labels, value, time } of told?.samples ?? []) {
    const stored = await store.read('seriesPoints', { name, labels, range: { from: time, to: time }, binMs: 1_000 })
    t.match(stored, { points: [{ count: 1, sum: value }] }, name)
  }
})

test('a second look right after the first waits until it can say something, and those at once share it', async (t) => {
  const { sampler, batches } = await watching(t)
  await sampler.collect()
  const before = batches.length

  const answers = await Promise.all([sampler.collect(), sampler.collect(), sampler.collect()])

  t.equal(new Set(answers).size, 3)
  t.same(answers.map(({ time }) => time), answers.map(() => answers[0]?.time))
  t.equal(batches.filter((batch, at) => at >= before && names(batch).includes('host_load1')).length, 1)
})

test('latencies are those since the look before', async (t) => {
  const { sampler, clock, batches, metrics } = await watching(t)
  await sampler.collect()
  const observe = (seconds: number) => metrics.requests.count({ route: '/a', method: 'GET', statusCode: 200, outcome: 'completed', seconds, streamSeconds: undefined })
  const p95 = (batch: SampleBatch | undefined): Sample[] => (batch?.samples ?? []).filter(({ name, labels }) => name === 'http_latency_p95_ms' && labels['route'] === undefined)

  for (const seconds of [0.1, 0.2, undefined, 0.4]) {
    if (seconds !== undefined) observe(seconds)
    clock.ms += 5_000
    await sampler.collect()
  }

  const values = [5, 10, 15, 20].map((seconds) => p95(batches.find(({ time }) => time === START + seconds * 1_000)).map(({ value }) => Math.round(value / 10) * 10))
  t.same(values, [[100], [200], [], [400]])
})

test('the check tells the age of the last sample, and when it is too old', async (t) => {
  const { sampler, clock } = await watching(t)
  await sampler.collect()

  const ages = [0, 15_000, 15_001].map((ms) => {
    clock.ms = (sampler.latest?.time ?? 0) + ms
    return sampler.check()
  })

  t.same(ages, [
    { status: 'ok', detail: 'last sample 0 s ago' }, { status: 'ok', detail: 'last sample 15 s ago' }, { status: 'degraded', detail: 'last sample 15 s ago' }
  ])
})

test('a store that refuses is told once, seen in the check, and told to whoever asks for a sample', async (t) => {
  const refusing = { write: () => Promise.reject(new AppError('no_space', 'the disk is full')) }
  const { sampler, logged } = await watching(t, refusing)

  await t.rejects(sampler.collect(), { code: 'no_space' })
  await sampler.close()

  t.match(sampler.check(), { status: 'degraded', detail: /sampling failed: the disk is full/ })
  t.equal(logged.filter((line) => /"what":"sampling"/.test(line)).length, 1)
  t.ok(sampler.latest, 'what was seen is known all the same')
})
