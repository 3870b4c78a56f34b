import type { Alert } from '../../schemas/alert.ts'
import type { Event } from '../../schemas/event.ts'
import type { Stats } from '../../schemas/pipeline.ts'

export type Connection =
  | { state: 'connecting' }
  | { state: 'connected' }
  /** `at` is when it is tried again, in ms since the epoch. */
  | { state: 'waiting', at: number, since: number }
  /** The session ended; nothing is tried until a page says so. */
  | { state: 'refused' }

/** What the worker tells the pages. */
export type FromWorker =
  | { kind: 'connection', connection: Connection }
  /** Newest first; `dropped` is how many more matched than are shown. */
  | { kind: 'events', events: Event[], dropped: number }
  /** Some that came before were not told; `missed` of them, null is not known. */
  | { kind: 'gap', missed: number | null }
  | { kind: 'rate', received: number, ms: number }
  | { kind: 'alerts', alerts: Alert[] }
  | { kind: 'pipeline', stats: Stats }

/** What a page tells the worker. */
export type ToWorker =
  /** It follows events that match; undefined follows none. `mostASecond` of them. */
  | { kind: 'follow', q: string | undefined, mostASecond: number }
  /** Whether it wants to know what pipelines do. */
  | { kind: 'pipeline', isWanted: boolean }
  | { kind: 'connect' }
  | { kind: 'leave' }
