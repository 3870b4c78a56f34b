import { sql, type Kysely, type Selectable } from 'kysely'
import type { Attempt, Notice, NoticeBody } from '../../schemas/notice.ts'
import type { NoticesTable } from './alert-tables.ts'
import type { Connection } from './database.ts'
import { arrange, isPending, type NoticeState } from './notices.ts'
import type { Tables } from './tables.ts'
import { atomically } from './transaction.ts'

type Row = Selectable<NoticesTable>

/** Attempts count from 1. */
const REPEAT = 0

export interface DueQuestion {
  now: number
  limit: number
  /** Of what is pending, what goes to one of these now. */
  channelIds: readonly string[]
  /** Of what is to be told again, what goes to one of these. */
  repeatIds: readonly string[]
  /** Lanes that are busy, each as `<alert id>/<channel id>`. */
  exceptLanes: readonly string[]
}

/** What an attempt came to, for the notice and for the channel that was used. */
export interface Settlement {
  notice: Pick<Notice, 'id' | 'alertId' | 'attempts' | 'isRepeat'>
  attempt: Attempt
  next: NextStep
  health: HealthChange
}

/** `repeatAt` asks for a delivered notice again, unless a later one exists for its alert and channel. */
export type NextStep =
  | { state: 'delivered', repeatAt?: number }
  | { state: 'waiting', dueAt: number, via: string }
  | { state: 'failed' }

export interface HealthChange {
  channelId: string
  state: 'well' | 'failing' | 'throttled' | 'gone'
  heldUntil?: number
  /** What waits for the channel is due at once. */
  hastens: boolean
}

/**
 * Finds what may be sent now, the longest waiting first: for each alert and channel at most one notice, and never one while
 * an earlier one is pending. Reads as many rows a channel as are asked for, however many wait.
 */
export async function dueNotices (db: Kysely<Tables>, question: DueQuestion): Promise<Notice[]> {
  const { limit, channelIds, repeatIds } = question
  const found = await Promise.all([
    ...channelIds.map((via) => dueOf(db, { via, state: 'pending' }, question)),
    ...repeatIds.map((via) => dueOf(db, { via, state: 'delivered' }, question))
  ])
  return found.flat()
    .sort((a, b) => (a.next_at ?? 0) - (b.next_at ?? 0) || a.n - b.n)
    .slice(0, limit).map(parseNotice)
}

/** Writes down an attempt and all that follows from it, in one transaction. The same settlement again changes nothing. */
export function settleNotice (connection: Pick<Connection, 'raw' | 'db'>, settlement: Settlement): Promise<void> {
  const { db } = connection
  const { notice, attempt, next, health } = settlement
  const startedAt = Date.parse(attempt.time)
  return atomically(connection, async () => {
    if (!await insertAttempt(db, settlement)) return
    await saveStep(db, notice, next, startedAt + attempt.ms)
    await arrange(db, new Set([notice.alertId]), startedAt)
    await saveHealth(db, health, startedAt)
    if (health.hastens) await hasten(db, health.channelId, startedAt)
  })
}

/** Asks for a notice again that is done, under the same id. False when there is none such. */
export function redeliverNotice (connection: Pick<Connection, 'raw' | 'db'>, { id, now }: { id: string, now: number }): Promise<boolean> {
  const { db } = connection
  return atomically(connection, async () => {
    const notice = await db.updateTable('notices')
      .set({ state: 'pending', via: sql<string>`channel_id`, next_at: now, done_at: null })
      .where('id', '=', id).where(sql<boolean>`NOT ${isPending}`).returning('alert_id').executeTakeFirst()
    if (notice === undefined) return false
    await arrange(db, new Set([notice.alert_id]), now)
    return true
  })
}

function dueOf (db: Kysely<Tables>, { via, state }: { via: string, state: NoticeState }, { now, limit, exceptLanes }: DueQuestion): Promise<Row[]> {
  return db.selectFrom('notices').selectAll().where('via', '=', via).where('state', '=', state).where('next_at', '<=', now)
    .$if(exceptLanes.length > 0, (query) => query.where(sql<string>`alert_id || '/' || channel_id`, 'not in', exceptLanes))
    .orderBy('next_at').orderBy('n').limit(limit).execute()
}

/**
 * Keeps each attempt. Of the repeats of what was delivered only the newest is kept, as `REPEAT`, since there is one a minute
 * for as long as an alert fires. False when it is known already.
 */
async function insertAttempt (db: Kysely<Tables>, { notice, attempt }: Settlement): Promise<boolean> {
  const row = { notice_id: notice.id, attempt: notice.isRepeat ? REPEAT : notice.attempts + 1, body: JSON.stringify(attempt) }
  const { numInsertedOrUpdatedRows: count } = await db.insertInto('deliveries').values(row)
    .onConflict((conflict) => notice.isRepeat
      ? conflict.columns(['notice_id', 'attempt']).doUpdateSet({ body: row.body })
      : conflict.doNothing())
    .executeTakeFirst()
  return count === 1n
}

async function saveStep (db: Kysely<Tables>, { id, attempts, isRepeat }: Settlement['notice'], next: NextStep, now: number): Promise<void> {
  const made = isRepeat ? attempts : attempts + 1
  const step = next.state === 'waiting'
    ? { via: next.via, next_at: next.dueAt }
    : { state: next.state, next_at: next.state === 'delivered' ? next.repeatAt ?? null : null, done_at: sql<number>`coalesce(done_at, ${now})` }
  await db.updateTable('notices').set({ ...step, attempts: made }).where('id', '=', id).execute()
}

async function saveHealth (db: Kysely<Tables>, { channelId, state, heldUntil = 0 }: HealthChange, now: number): Promise<void> {
  const held = { held_until: sql<number>`CASE WHEN held_until < ${heldUntil} THEN ${heldUntil} ELSE held_until END` }
  const gone = { enabled: 0, disabled_reason: 'the receiver answered that nobody wants anything there any more', updated_at: now }
  await db.updateTable('channels')
    .set(held)
    .$if(state === 'well', (query) => query.set({ failures: 0 }))
    .$if(state === 'failing', (query) => query.set({ failures: sql<number>`failures + 1` }))
    .$if(state === 'gone', (query) => query.set(gone))
    .where('id', '=', channelId).execute()
}

async function hasten (db: Kysely<Tables>, via: string, now: number): Promise<void> {
  await db.updateTable('notices').set({ next_at: now })
    .where('via', '=', via).where('next_at', '>', now).where(isPending).execute()
}

function parseNotice (row: Row): Notice {
  return {
    id: row.id,
    alertId: row.alert_id,
    channelId: row.channel_id,
    via: row.via,
    sequence: row.sequence,
    attempts: row.attempts,
    isRepeat: row.state === 'delivered',
    body: JSON.parse(row.body) as NoticeBody
  }
}
