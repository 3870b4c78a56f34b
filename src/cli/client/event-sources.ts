import type { EventsQuery } from '../../../schemas/event-query.ts'
import { systemClock } from '../../core/clock.ts'
import { isRecord } from '../../core/is-record.ts'
import { EventQueries } from '../../events/event-queries.ts'
import { withReads } from '../../store/hot/offline.ts'
import type { AnyEvent } from './event-lines.ts'
import type { ServiceClient } from './service-client.ts'

interface Page {
  events: readonly AnyEvent[]
  next: string | null
  hints?: readonly string[]
}

/** Answers one page of events. */
export type EventSource = (query: EventsQuery) => Promise<Page>

/** Asks a running service. */
export function serviceSource (client: ServiceClient, signal: AbortSignal): EventSource {
  return async (query) => {
    const texts = Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)]))
    const page = await client.json('/events', { query: texts, signal })
    if (!isRecord(page) || !Array.isArray(page['events'])) throw client.notOurs()
    const { events, next, hints } = page
    return { events: events.filter(isRecord), next: typeof next === 'string' ? next : null, hints: Array.isArray(hints) ? hints.map(String) : [] }
  }
}

/** Reads the store's file, with a query that takes as long as it takes. */
export async function fileSource (dataDir: string, signal: AbortSignal, task: (source: EventSource) => Promise<number>): Promise<number> {
  return withReads(dataDir, (store) => {
    const queries = new EventQueries({ store, clock: systemClock, timeoutMs: Infinity })
    return task((query) => queries.page(query, signal))
  })
}
