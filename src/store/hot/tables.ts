import type { Generated } from 'kysely'
import type { Labels } from '../../../schemas/sample.ts'
import type { Appended, Receipt } from '../../../schemas/submission.ts'
import type { Fault } from '../../core/errors.ts'
import type { JsonText } from '../../core/text/json-text.ts'
import type { AlertTables } from './alerts/alert-tables.ts'

/** One stored event. `id` is (received ms + lead of the partition) x 1024 + sequence, `time` ms since the epoch, `level` 1..6, `severity` 1..4. */
export interface EventsTable {
  id: number
  time: number
  level: number
  severity: number
  service_id: number | null
  type_id: number | null
  host_id: number | null
  trace_id: string | null
  client_id: string | null
  message: string
  meta: string | null
  pattern_id: number | null
  anomaly: number | null
}

/** Words of the messages: an FTS5 table over the events of the same partition. */
export interface WordsTable {
  rowid: number
  message: string
}

/**
 * The ids that senders gave, for storing each event once: by token (a number of `names`) and digest of the content. `is_other` is 0 for the
 * event that is answered by the id, 1 for those that came later with another content or token. Of old partitions token is 0, digest empty.
 */
export interface KeysTable {
  client_id: string
  is_other: number
  token: number
  digest: string
  id: number
}

/** Events counted by minute (or hour) of their time, level and service (0 is none). */
export interface RollupTable {
  bucket: number
  level: number
  service_id: number
  count: number
}

/** The catalogue: what each partition holds, so that a query opens only those that can match. */
export interface PartitionsTable {
  n: Generated<number>
  day: number
  first_id: number
  last_id: number
  rows: number
  bytes: number
  min_time: number
  max_time: number
  /** Its ids lead the time of receipt by so much: the clock was set back before it was begun. */
  lead_ms: number
  /** See LAYOUT. */
  layout: number
}

/** Rows that were imported, from `first_id` to `last_id`. */
export interface ImportsTable {
  first_id: number
  last_id: number
}

export interface NamesTable {
  id: Generated<number>
  name: string
}

export interface ReceiptsTable {
  id: number
  token_id: string
  answer: JsonText<Receipt>
  lead_ms: number
}

export interface RejectedTable {
  id: number
  receipt_id: number | null
  token_id: string
  position: number
  faults: JsonText<Fault[]>
  original: string
  lead_ms: number
}

/** Answers of older versions knew no conflicts. */
export type StoredAnswer = Omit<Appended, 'conflicts' | 'renamed'> & Partial<Pick<Appended, 'conflicts' | 'renamed'>>

export interface IdempotencyTable {
  token_id: string
  key: string
  part: number
  body_hash: string
  answer: JsonText<StoredAnswer>
  created_at: number
}

export interface TokensTable {
  id: string
  name: string
  hash: string
  scopes: string
  created_at: number
  expires_at: number | null
  revoked_at: number | null
  last_used_at: number | null
  service: string | null
  env: string | null
  min_level: string | null
  prefix: string | null
  created_by: string | null
}

/** `username_key` is what names are compared by; `version` counts what ended the sessions of before. */
export interface UsersTable {
  id: string
  username: string
  username_key: string
  password_hash: string
  role: string
  version: number
  created_at: number
  disabled_at: number | null
  last_login_at: number | null
  last_seen_at: number | null
}

/** Who is signed in. A session that ended has no row. `version` is that of the user when it began. */
export interface SessionsTable {
  id: string
  user_id: string
  version: number
  cookie_hash: string
  refresh_hash: string
  created_at: number
  expires_at: number
  last_used_at: number
  address: string | null
}

/** Invitations that are open; one that was used has no row. */
export interface InvitationsTable {
  id: string
  hash: string
  role: string
  created_at: number
  expires_at: number
}

/** Who did what; see audit.ts. `source` is the address. */
export interface AuditTable {
  id: number
  time: number
  action: string
  actor_kind: string | null
  actor_id: string | null
  actor_name: string | null
  source: string | null
  target: string | null
  detail: JsonText<Record<string, unknown>>
  hash: string
}

/** What was set at run time. */
export interface SettingsTable {
  name: string
  value: JsonText<unknown>
  updated_at: number
}

/** `labels` has its names in order, `is_own` 1 for what the service measures itself; times in ms since the epoch. */
export interface SeriesTable {
  id: Generated<number>
  name: string
  labels: JsonText<Labels>
  is_own: number
  first_seen: number
  last_seen: number
}

/** `block` is the start of the stretch of time whose rows lie together: see tiers.ts. */
export interface SamplesTable {
  block: number
  series_id: number
  time: number
  value: number
}

/** Samples summed up by minute or hour, which begins at `time`. */
export interface SampleSumsTable {
  block: number
  series_id: number
  time: number
  count: number
  min: number
  max: number
  sum: number
}

/** Which store this is: one row. */
export interface StoreTable {
  id: string
}

/** Every table by its name; those of a partition carry its number. */
export interface Tables extends AlertTables {
  [events: `events_${number}`]: EventsTable
  [words: `words_${number}`]: WordsTable
  [keys: `keys_${number}`]: KeysTable
  [minutes: `minutes_${number}`]: RollupTable
  [hours: `hours_${number}`]: RollupTable
  partitions: PartitionsTable
  imports: ImportsTable
  names: NamesTable
  receipts: ReceiptsTable
  rejected: RejectedTable
  idempotency: IdempotencyTable
  tokens: TokensTable
  series: SeriesTable
  samples: SamplesTable
  sample_minutes: SampleSumsTable
  sample_hours: SampleSumsTable
  users: UsersTable
  sessions: SessionsTable
  invitations: InvitationsTable
  audit: AuditTable
  settings: SettingsTable
  store: StoreTable
}
