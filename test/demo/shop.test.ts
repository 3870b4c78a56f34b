import { test } from 'tap'
import { isRecord } from '../../src/core/is-record.ts'
import { HOUR_MS, shopHour } from '../../src/demo/shop.ts'

const TO = Date.parse('2026-11-22T12:00:00.250Z')
const MINUTE_MS = 60_000

test('of the same hour it is always the same, in order of time, within the hour, and each event and series is marked', async (t) => {
  const { events, samples } = shopHour(TO)

  t.same(shopHour(TO), { events, samples })
  t.ok(events.length > 3_000 && events.length < 6_000, `${events.length} events`)
  t.same(events.map(({ time }) => time), events.map(({ time }) => time).toSorted((a, b) => a - b))
  t.ok([...events, ...samples].every(({ time }) => time >= TO - HOUR_MS && time <= TO))
  const metas = events.map(({ meta }): unknown => JSON.parse(meta ?? '{}'))
  t.ok(metas.every((meta) => isRecord(meta) && meta['sample'] === true))
  t.ok(samples.every(({ name, labels }) => name.startsWith('shop_') && labels['sample'] === 'true'))
})

test('orders fail between the deploy and its end alone, each through all services of one trace', async (t) => {
  const { events } = shopHour(TO)
  const errors = events.filter(({ level }) => level === 'ERROR')
  const minutes = errors.map(({ time }) => (time - TO + HOUR_MS) / MINUTE_MS)
  const [deployed, undone] = events.filter(({ type }) => type === 'DEPLOY').map(({ time }) => (time - TO + HOUR_MS) / MINUTE_MS)

  t.same([deployed, undone], [26, 39])
  t.ok(errors.length > 20, `${errors.length} errors`)
  t.ok(minutes.every((minute) => minute > 28 && minute < 43))
  const trace = errors.find(({ traceId }) => traceId !== null)?.traceId
  t.same(new Set(events.filter(({ traceId }) => traceId === trace).map(({ service }) => service)), new Set(['web', 'checkout', 'payments', 'db']))
})

test('latency rises with the errors and falls again', async (t) => {
  const { samples } = shopHour(TO)
  const at = (minute: number): number => samples.find(({ name, labels, time }) => name === 'shop_latency_p95_ms' && labels['service'] === 'payments' && time >= TO - HOUR_MS + minute * MINUTE_MS)?.value ?? 0

  t.ok(at(35) > 4 * at(10) && at(35) > 4 * at(50), `${at(10)}, ${at(35)}, ${at(50)} ms`)
})
