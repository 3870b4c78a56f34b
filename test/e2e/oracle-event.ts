import type { Level } from '../../schemas/event.ts'
import { LEVELS } from '../../schemas/words.ts'

/** An event as the oracle sends it. Its `trace_id` is its id once more, so that a stored event names its sender's id. */
export interface SentEvent {
  id: string
  time: string
  level: Level
  service: string
  type: string
  host: string
  trace_id: string
  message: string
  meta: Record<string, unknown>
}

const HOUR_MS = 3_600_000
const WORDS = ['timed out', 'connection reset', 'crème brûlée', 'заказ принят', '支払い完了', 'tab\there', 'quote " and \\', 'emoji 🦊']
const TYPES = ['ORDER', 'AUDIT', 'BILLING']

/** Names the nth event of a run that started at `startMs`. */
export function idOf (startMs: number, n: number): string {
  return `oracle-${startMs.toString(36)}-${n}`
}

/** Derives the whole event from its id alone; the time lies within the hour before the run. Throws for an id that `idOf` did not make. */
export function eventOf (id: string): SentEvent {
  const [, start, number] = /^oracle-([0-9a-z]+)-(\d+)$/.exec(id) ?? []
  if (start === undefined || number === undefined) throw new Error(`not an oracle id: ${id}`)
  const n = Number(number)
  const hash = hashOf(id)

  return {
    id,
    time: new Date(Number.parseInt(start, 36) - n % HOUR_MS).toISOString(),
    level: LEVELS[hash % LEVELS.length] ?? 'INFO',
    service: `shop-${hash % 7}`,
    type: TYPES[hash % TYPES.length] ?? 'ORDER',
    host: `host-${hash % 5}.example`,
    trace_id: id,
    message: `order ${n} took ${hash % 5000} ms: ${WORDS[hash % WORDS.length]}`,
    meta: { n, hash, ratio: (hash % 1000) / 8, paid: hash % 2 === 0, path: { from: `/cart/${n}`, tags: ['a', hash % 10, null] } }
  }
}

/** The text by which a stored event is compared with the sent one: keys in order, `type` also in meta as the contract says. */
export function fingerprintOf (event: Omit<SentEvent, 'id'>): string {
  const { time, level, service, type, host, trace_id: traceId, message, meta } = event
  return JSON.stringify(sorted({ time, level, service, type, host, traceId, message, meta: { ...meta, type } }))
}

/** FNV-1a, 32 bits. Source: Fowler, Noll, Vo, RFC 9923. */
function hashOf (text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

function sorted (value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([key, member]) => [key, sorted(member)]))
}
