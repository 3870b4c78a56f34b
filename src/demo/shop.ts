import type { Level, NewEvent } from '../../schemas/event.ts'
import type { Sample } from '../../schemas/sample.ts'
import { severityOfLevel } from '../detect/severity.ts'

/** What a shop wrote and measured in an hour. */
export interface ShopHour {
  events: NewEvent[]
  samples: Sample[]
}

interface Line {
  service: Service
  level?: Level
  message: string
  type?: string
  trace?: string
  meta?: Record<string, string | number>
}

type Service = keyof typeof HOSTS
type Random = () => number

export const HOUR_MS = 3_600_000
/** Label of each of its series; `sample` stands in the meta of each of its events, too. */
const SAMPLE_LABEL = { sample: 'true' } as const
const MINUTE_MS = 60_000
const SEED = 2026
const HOSTS = { web: ['web-1', 'web-2'], checkout: ['app-1'], payments: ['app-2'], db: ['db-1'], mailer: ['app-1'], monitor: ['app-1'] } as const
const REQUEST_EVERY_MS = 1_900
const SAMPLE_EVERY_MS = 15_000
const PAYMENT_TIMEOUT_MS = 3_000
/** When it goes wrong: minutes of the hour, and how much by then, from 0 to 1. */
const COURSE: ReadonlyArray<[minute: number, trouble: number]> = [[0, 0], [28, 0], [32, 1], [39, 1], [42, 0], [60, 0]]
/** Pages by how often they are asked for. */
const PAGES: ReadonlyArray<[share: number, method: string, route: string, usualMs: number]> = [
  [0.3, 'GET', '/', 12], [0.6, 'GET', '/products/:id', 34], [0.72, 'GET', '/search', 58], [0.88, 'POST', '/cart', 22], [1, 'POST', '/checkout', 240]
]
/** What happens once, by minute. */
const HAPPENINGS: ReadonlyArray<[minute: number, line: Line]> = [
  [4, { service: 'db', message: 'checkpoint complete: wrote 1,204 buffers in 2.1 s' }],
  [11, { service: 'mailer', level: 'WARN', message: 'mail to 1 of 214 customers was returned: mailbox full' }],
  [26, { service: 'payments', type: 'DEPLOY', message: 'payments 4.12.0 deployed by mia: charge history in one query', meta: { version: '4.12.0', by: 'mia' } }],
  [30, { service: 'monitor', type: 'ALERT', level: 'WARN', message: 'checkout: more than 5 % of orders fail, firing' }],
  [32, { service: 'monitor', type: 'ALERT', level: 'ERROR', message: 'checkout: more than 25 % of orders fail, critical' }],
  [34, { service: 'monitor', type: 'ALERT', message: 'checkout: acknowledged by jonas', meta: { by: 'jonas' } }],
  [39, { service: 'payments', type: 'DEPLOY', message: 'payments 4.11.3 deployed by jonas: 4.12.0 is taken back', meta: { version: '4.11.3', by: 'jonas' } }],
  [44, { service: 'monitor', type: 'ALERT', message: 'checkout: less than 5 % of orders fail, resolved' }],
  [52, { service: 'mailer', message: 'newsletter sent to 214 customers' }]
]

/**
 * Makes up an hour of a small shop that ends at `to`: somebody deploys, orders fail, it is taken back, all is well again. Of the same
 * `to` always the same.
 */
export function shopHour (to: number): ShopHour {
  const from = to - HOUR_MS
  const random = seeded(SEED)
  const events = HAPPENINGS.map(([minute, line]) => eventOf(from + minute * MINUTE_MS, line, random))
  const wait = (): number => Math.round(REQUEST_EVERY_MS * 2 * random())
  for (let time = from + wait(); time < to; time += wait()) {
    for (const [afterMs, line] of request(troubleAt(time - from), random)) events.push(eventOf(Math.min(time + afterMs, to), line, random))
  }
  return { events: events.sort((a, b) => a.time - b.time), samples: measured(from, random) }
}

/** The lines of one request, each so many ms after its beginning. */
function request (trouble: number, random: Random): Array<[afterMs: number, line: Line]> {
  const at = random()
  const [, method, route, usualMs] = PAGES.find(([share]) => at < share) ?? ['', 'GET', '/', 12]
  const trace = hex(32, random)
  if (route === '/checkout') return order(trouble, trace, random)
  // Whoever asks the db waits behind those who hold it.
  const ms = spread(usualMs * (1 + 4 * trouble), random)
  const path = route.replace(':id', String(100 + Math.floor(400 * random())))
  const lines: Array<[number, Line]> = [[ms, { ...answered({ method, route, path, ms, status: random() < 0.01 ? 404 : 200 }), trace }]]
  if (route === '/search' && random() < 0.5) lines.push([ms - 1, { service: 'db', level: 'DEBUG', message: `query took ${ms - 1} ms: SELECT id FROM products WHERE words @@ $1 LIMIT 24`, trace, meta: { duration_ms: ms - 1 } }])
  if (route === '/cart') lines.push([2, { service: 'checkout', message: `cart ${hex(6, random)}: product ${100 + Math.floor(400 * random())} put in`, trace }])
  return lines
}

/** An order goes through all of them; what is wrong is found at the end of its trace. */
function order (trouble: number, trace: string, random: Random): Array<[afterMs: number, line: Line]> {
  const number = 10_000 + Math.floor(90_000 * random())
  const queryMs = spread(18 + 2_400 * trouble, random)
  const isLost = random() < 0.75 * trouble
  const chargeMs = isLost ? PAYMENT_TIMEOUT_MS : spread(160 + 900 * trouble, random)
  const ms = chargeMs + spread(60, random)
  const amount = (12 + 140 * random()).toFixed(2)
  const query = `${queryMs} ms: SELECT * FROM charges WHERE customer_id = $1 ORDER BY created_at`
  return [
    [8, { service: 'checkout', message: `order ${number}: ${1 + Math.floor(4 * random())} items, ${amount} EUR`, trace, meta: { order: number } }],
    [Math.min(queryMs, chargeMs - 1), queryMs > 500
      ? { service: 'db', level: 'WARN', message: `slow query, ${query}`, trace, meta: { duration_ms: queryMs } }
      : { service: 'db', level: 'DEBUG', message: `query took ${query}`, trace, meta: { duration_ms: queryMs } }],
    [chargeMs, isLost
      ? { service: 'payments', level: 'ERROR', message: `charge of order ${number} failed: no connection to db within 2500 ms, 20 of 20 are in use`, trace, meta: { order: number, duration_ms: chargeMs } }
      : { service: 'payments', message: `charge of order ${number} authorised in ${chargeMs} ms`, trace, meta: { order: number, duration_ms: chargeMs } }],
    [ms - 4, isLost
      ? { service: 'checkout', level: 'ERROR', message: `order ${number} failed: payments did not answer within ${PAYMENT_TIMEOUT_MS} ms`, trace, meta: { order: number } }
      : { service: 'checkout', message: `order ${number} placed`, trace, meta: { order: number } }],
    [ms, { ...answered({ method: 'POST', route: '/checkout', path: '/checkout', ms, status: isLost ? 502 : 201 }), trace }]
  ]
}

function answered ({ method, route, path, ms, status }: { method: string, route: string, path: string, ms: number, status: number }): Line {
  const level = status >= 500 ? 'ERROR' : status >= 400 ? 'WARN' : 'INFO'
  return { service: 'web', level, type: 'REQUEST', message: `${method} ${path} ${status} in ${ms} ms`, meta: { method, route, status, duration_ms: ms } }
}

function eventOf (time: number, { service, level = 'INFO', type, message, trace, meta = {} }: Line, random: Random): NewEvent {
  const hosts = HOSTS[service]
  return {
    time,
    level,
    severity: severityOfLevel(level),
    service,
    type: type ?? null,
    host: hosts[Math.floor(random() * hosts.length)] ?? null,
    traceId: trace ?? null,
    clientId: null,
    idHint: null,
    isTimed: true,
    message,
    meta: JSON.stringify({ ...meta, sample: true })
  }
}

function measured (from: number, random: Random): Sample[] {
  const samples: Sample[] = []
  for (let after = 0; after < HOUR_MS; after += SAMPLE_EVERY_MS) {
    const trouble = troubleAt(after)
    const add = (name: string, service: Service, value: number): void => {
      samples.push({ name, labels: { service, ...SAMPLE_LABEL }, value: Number(value.toPrecision(4)), time: from + after })
    }
    add('shop_latency_p95_ms', 'web', spread(70 + 260 * trouble, random))
    add('shop_latency_p95_ms', 'checkout', spread(310 + 2_600 * trouble, random))
    add('shop_latency_p95_ms', 'payments', spread(190 + 2_500 * trouble, random))
    add('shop_error_percent', 'checkout', 0.4 * random() + 70 * trouble * (0.9 + 0.2 * random()))
    add('shop_orders_per_minute', 'checkout', (3.8 - 2.6 * trouble) * (0.85 + 0.3 * random()))
    add('shop_db_connections', 'db', Math.min(20, Math.round(5 + 3 * random() + 14 * trouble)))
    add('shop_cpu_percent', 'db', (22 + 61 * trouble) * (0.9 + 0.2 * random()))
    add('shop_cpu_percent', 'web', (31 - 9 * trouble) * (0.9 + 0.2 * random()))
  }
  return samples
}

function troubleAt (afterMs: number): number {
  const minute = afterMs / MINUTE_MS
  const at = COURSE.findLastIndex(([begins]) => begins <= minute)
  const [[begins, before] = [0, 0], [ends, after] = [60, 0]] = COURSE.slice(at, at + 2)
  return before + (after - before) * (minute - begins) / (ends - begins)
}

/** Most are a little faster than usual, and some much slower. */
function spread (usualMs: number, random: Random): number {
  return Math.max(2, Math.round(usualMs * (0.6 + 0.5 * random() - 0.3 * Math.log(1 - random()))))
}

function hex (letters: number, random: Random): string {
  return Array.from({ length: letters }, () => Math.floor(16 * random()).toString(16)).join('')
}

/** Mulberry32: 32 bits of state are enough for a shop. */
function seeded (seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6D2B79F5) | 0
    const mixed = Math.imul(state ^ (state >>> 15), state | 1)
    const twice = mixed ^ (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61))
    return ((twice ^ (twice >>> 14)) >>> 0) / 2 ** 32
  }
}
