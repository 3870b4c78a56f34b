import type { NewEvent } from '../schemas/event.ts'
import { seeded } from '../test/e2e/case.ts'

const SERVICES = ['api', 'web', 'checkout', 'billing', 'search', 'mailer', 'worker', 'gateway']
const ROUTES = ['/cart', '/orders', '/login', '/search', '/users', '/invoices', '/health', '/products']
const VERBS = ['GET', 'POST', 'PUT', 'DELETE']
const ENDINGS = ['completed', 'timed out after', 'retried in', 'was refused after', 'waited for the pool', 'served from the cache in']
const SEED = 42

/**
 * Makes ordinary log events: about 250 bytes of JSON, eight services, one in eight above INFO, words that repeat and
 * numbers that do not. The same for the same count, whoever asks: what is compared stores the same rows.
 */
export function sampleEvents (count: number): NewEvent[] {
  const random = seeded(SEED)
  return Array.from({ length: count }, (_, n) => sampleEvent(n, random))
}

function sampleEvent (n: number, random: () => number): NewEvent {
  const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)] ?? ''
  const status = random() < 0.9 ? 200 : 503
  const level = random() < 0.875 ? 'INFO' : random() < 0.6 ? 'WARN' : 'ERROR'
  return {
    time: 0,
    level,
    severity: level === 'INFO' ? 'LOW' : level === 'WARN' ? 'MEDIUM' : 'HIGH',
    service: pick(SERVICES),
    type: 'REQUEST',
    host: `node-${Math.floor(random() * 4)}`,
    traceId: Math.floor(random() * 2 ** 48).toString(16).padStart(12, '0'),
    clientId: null,
    idHint: null,
    isTimed: false,
    message: `${pick(VERBS)} ${pick(ROUTES)}/${Math.floor(random() * 100_000)} ${pick(ENDINGS)} ${Math.floor(random() * 2_000)} ms`,
    meta: JSON.stringify({ status, user: Math.floor(random() * 10_000), region: 'eu-1', n, type: 'REQUEST' })
  }
}

/** The event as a client sends it. Without `time` it is stored with the time of its receipt. */
export function bodyOf (event: NewEvent, time?: number): string {
  return JSON.stringify({
    ...(time === undefined ? {} : { time: new Date(time).toISOString() }),
    level: event.level,
    service: event.service,
    type: event.type,
    host: event.host,
    trace_id: event.traceId,
    message: event.message,
    meta: JSON.parse(event.meta ?? '{}')
  })
}
