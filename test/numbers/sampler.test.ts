import { mock } from 'node:test'
import { pino } from 'pino'
import { test, type Test } from 'tap'
import type { Sample } from '../../schemas/sample.ts'
import { AppError } from '../../src/core/errors.ts'
import { parseJson } from '../../src/ingest/json/read-json.ts'
import { Metrics } from '../../src/metrics/metrics.ts'
import { type SampleBatch, SampleFeed } from '../../src/numbers/sample-feed.ts'
import { readSample } from '../../src/numbers/sample-fields.ts'
import { Sampler } from '../../src/numbers/sampler.ts'
import type { Store } from '../../src/store/store.ts'
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

const NOW = Date.UTC(2026, 5, 1, 12)
const TIMES = { now: NOW, oldest: NOW - 1_000, latest: NOW + 1_000 }

function read (text: string) {
  return readSample(parseJson(text), TIMES)
}

function faults (input: unknown): Array<[path: string, message: string]> {
  const read = readSample(input, TIMES)
  return 'faults' in read ? read.faults.map(({ path, message }) => [path, message]) : []
}

test('a sample is a name and a value; labels and time may be left out', async (t) => {
  t.same(read('{"name":"a_B9","value":-1.5e3}'), { name: 'a_B9', value: -1500, labels: {}, time: NOW })
  t.same(read('{"name":"_","value":0,"labels":{"q":"größe, \\"x\\"","empty":""},"time":"2026-06-01T12:00:00.5Z"}'),
    { name: '_', value: 0, labels: { q: 'größe, "x"', empty: '' }, time: NOW + 500 })
})

test('a number that is finer than a double is the nearest double', async (t) => {
  t.match(read('{"name":"a","value":0.1000000000000000055511151231257827}'), { value: 0.1 })
  t.match(read('{"name":"a","value":12345678901234567890}'), { value: Number('12345678901234567890') })
})

const bad: ReadonlyArray<[text: string, path: string, message: RegExp]> = [
  ['5', '', /is an object/],
  ['null', '', /is an object/],
  ['[]', '', /is an object/],
  ['{"value":1}', '/name', /missing/],
  ['{"name":5,"value":1}', '/name', /must be a text/],
  ['{"name":"","value":1}', '/name', /is no name/],
  ['{"name":"9a","value":1}', '/name', /is no name/],
  ['{"name":"a-b","value":1}', '/name', /is no name/],
  ['{"name":"a\\n","value":1}', '/name', /is no name/],
  ['{"name":"größe","value":1}', '/name', /is no name/],
  [`{"name":"${'a'.repeat(129)}","value":1}`, '/name', /129 characters, at most 128/],
  ['{"name":"host_cpu_percent","value":1}', '/name', /host_ is for what the service measures/],
  ['{"name":"process_x","value":1}', '/name', /process_/],
  ['{"name":"watched_x","value":1}', '/name', /watched_/],
  ['{"name":"http_x","value":1}', '/name', /http_/],
  ['{"name":"container_x","value":1}', '/name', /container_/],
  ['{"name":"bellwether_x","value":1}', '/name', /bellwether_/],
  ['{"name":"a"}', '/value', /missing/],
  ['{"name":"a","value":null}', '/value', /must be a number, got null/],
  ['{"name":"a","value":"1"}', '/value', /must be a number, got a string/],
  ['{"name":"a","value":1e301}', '/value', /between/],
  ['{"name":"a","value":-1e301}', '/value', /between/],
  ['{"name":"a","value":1,"labels":[]}', '/labels', /must be an object/],
  ['{"name":"a","value":1,"labels":null}', '/labels', /must be an object/],
  ['{"name":"a","value":1,"labels":{"x":1}}', '/labels/x', /must be a text/],
  ['{"name":"a","value":1,"labels":{"x":null}}', '/labels/x', /must be a text/],
  ['{"name":"a","value":1,"labels":{"__proto__":"x"}}', '/labels/__proto__', /no name of a label/],
  ['{"name":"a","value":1,"labels":{"a b":"x"}}', '/labels/a b', /no name of a label/],
  ['{"name":"a","value":1,"labels":{"":"x"}}', '/labels/', /no name of a label/],
  ['{"name":"a","value":1,"labels":{"x":"\\ud800"}}', '/labels/x', /well-formed/],
  ['{"name":"a","value":1,"labels":{"x":"\\u0000"}}', '/labels/x', /NUL/],
  [`{"name":"a","value":1,"labels":{"x":"${'y'.repeat(256)}"}}`, '/labels/x', /255/],
  [`{"name":"a","value":1,"labels":{${Array.from({ length: 17 }, (_, n) => `"l${n}":""`).join()}}}`, '/labels', /17 labels, at most 16/],
  ['{"name":"a","value":1,"time":"yesterday"}', '/time', /not a time/],
  ['{"name":"a","value":1,"time":null}', '/time', /not a time/],
  [`{"name":"a","value":1,"time":${NOW - 1_001}}`, '/time', /is before 2026-06-01T11:59:59.000Z/],
  [`{"name":"a","value":1,"time":${NOW + 1_001}}`, '/time', /is after 2026-06-01T12:00:01.000Z/],
  ['{"name":"a","value":1,"unit":"ms"}', '/unit', /is not known here/],
  ['{"name":"a","value":1,"__proto__":{"x":1}}', '/__proto__', /is not known here/]
]
for (const [text, path, message] of bad) {
  test(`refused at "${path}": ${text.slice(0, 70)}`, async (t) => {
    t.match(faults(parseJson(text)), [[path, message]])
    t.equal(faults(parseJson(text)).length, 1)
  })
}

test('the bounds themselves are taken', async (t) => {
  for (const text of [
    `{"name":"${'a'.repeat(128)}","value":1e300}`, `{"name":"a","value":-1e300,"labels":{"x":"${'y'.repeat(255)}"}}`,
    `{"name":"a","value":1,"labels":{${Array.from({ length: 16 }, (_, n) => `"l${n}":""`).join()}}}`,
    `{"name":"a","value":1,"time":${NOW - 1_000}}`, `{"name":"a","value":1,"time":${NOW + 1_000}}`, '{"name":"hosts_up","value":1}', '{"name":"host","value":1}'
  ]) t.same(faults(parseJson(text)), [], text)
})

test('every fault of a sample is told', async (t) => {
  t.same(faults({ name: 5, value: '', labels: { x: 1, y: 2 }, time: '?', more: 1 }).map(([path]) => path), ['/more', '/name', '/value', '/labels/x', '/labels/y', '/time'])
})
