import { sql, type Kysely } from 'kysely'
import type { NoticeBody } from '../../../../schemas/notice.ts'
import { CANARY_CHANNEL } from '../../../../schemas/words.ts'
import { toJsonText } from '../../../core/text/json-text.ts'
import type { NoticesTable } from '../alerts/alert-tables.ts'
import type { Tables } from '../tables.ts'
import { pieces } from '../transaction.ts'

/** A notice to be made: of the transition `event_id`, for a channel. The store fills in the number of the transition. */
export interface NewNotice {
  /** Stays the same over all attempts. */
  id: string
  channelId: string
  body: Omit<NoticeBody, 'sequence'>
}

// A literal: for a bound value SQLite would not use the index of what is pending.
export const isPending = sql<boolean>`state = 'pending'`

/** What anybody is told: the canary's notice goes the way of the others, and is in no count, list or ledger. */
export const isTold = sql<boolean>`channel_id <> ${sql.lit(CANARY_CHANNEL)}`

/** More wait only when every channel has been out of order for long; what comes on top is told in the ledger alone. */
export const MOST_PENDING = 100_000

/**
 * Puts notices into the outbox, one for each transition and channel: another of the same is passed over. Returns how many were
 * abandoned at once because the outbox is full. Throws when a transition is not stored.
 */
export async function insertNotices (db: Kysely<Tables>, notices: readonly NewNotice[], now: number): Promise<number> {
  if (notices.length === 0) return 0
  const sequences = await sequencesOf(db, notices.map(({ body }) => body.event_id))
  const room = MOST_PENDING - await countPending(db)
  const fresh = await withoutNeedless(db, notices, sequences)
  const rows = fresh.map((notice, index) => noticeRow(notice, { sequence: sequences.get(notice.body.event_id), hasRoom: index < room, now }))
  for (const piece of pieces(rows)) {
    await db.insertInto('notices').values(piece).onConflict((conflict) => conflict.doNothing()).execute()
  }
  await arrange(db, new Set(notices.map(({ body }) => body.alert_id)), now)
  return rows.filter(({ state }) => state === 'abandoned').length
}

/**
 * Keeps `next_at` true for all notices of these alerts: of what is pending for one alert and channel only the first may be
 * sent next, and what is delivered is told again only when nothing came after it. A notice for which that changes nothing is not
 * written: its body is most of what there is to write.
 */
export async function arrange (db: Kysely<Tables>, alertIds: ReadonlySet<string>, now: number): Promise<void> {
  const nextAt = sql`CASE
    WHEN state = 'pending' AND NOT EXISTS (
      SELECT 1 FROM notices AS earlier WHERE earlier.alert_id = notices.alert_id AND earlier.channel_id = notices.channel_id
        AND earlier.sequence < notices.sequence AND earlier.state = 'pending') THEN coalesce(next_at, ${now})
    WHEN state = 'delivered' AND NOT EXISTS (
      SELECT 1 FROM notices AS later WHERE later.alert_id = notices.alert_id AND later.channel_id = notices.channel_id
        AND later.sequence > notices.sequence) THEN next_at END`
  for (const piece of pieces([...alertIds])) {
    await sql`
      UPDATE notices SET next_at = ${nextAt}
      WHERE alert_id IN (${sql.join(piece)}) AND (state = 'pending' OR next_at IS NOT NULL) AND next_at IS NOT ${nextAt}`.execute(db)
  }
}

/** Leaves out what reminds of an alert on a channel that does not know of it yet: what waits for it there says the same. */
async function withoutNeedless (db: Kysely<Tables>, notices: readonly NewNotice[], sequences: ReadonlyMap<string, number>): Promise<readonly NewNotice[]> {
  const reminders = new Set(notices.filter(({ body }) => body.type === 'alert.firing' && sequences.get(body.event_id) !== 1))
  const waiting = new Set<string>()
  for (const piece of pieces([...new Set(Array.from(reminders, ({ body }) => body.alert_id))])) {
    const rows = await db.selectFrom('notices').select(['alert_id', 'channel_id']).where('alert_id', 'in', piece).where(isPending).execute()
    for (const row of rows) waiting.add(`${row.alert_id}/${row.channel_id}`)
  }
  return waiting.size === 0 ? notices : notices.filter((notice) => !reminders.has(notice) || !waiting.has(`${notice.body.alert_id}/${notice.channelId}`))
}

export async function countPending (db: Kysely<Tables>): Promise<number> {
  const { count } = await db.selectFrom('notices').select(sql<number>`count(*)`.as('count')).where(isPending).where(isTold).executeTakeFirstOrThrow()
  return count
}

async function sequencesOf (db: Kysely<Tables>, transitionIds: readonly string[]): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  for (const piece of pieces([...new Set(transitionIds)])) {
    for (const { id, sequence } of await db.selectFrom('transitions').select(['id', 'sequence']).where('id', 'in', piece).execute()) found.set(id, sequence)
  }
  return found
}

function noticeRow ({ id, channelId, body }: NewNotice, { sequence, hasRoom, now }: { sequence: number | undefined, hasRoom: boolean, now: number }): Omit<NoticesTable, 'n'> {
  if (sequence === undefined) throw new Error(`the notice ${id} tells of ${body.event_id}, which is not stored`)
  const told: NoticeBody = { ...body, sequence }
  return {
    id,
    alert_id: body.alert_id,
    transition_id: body.event_id,
    sequence,
    channel_id: channelId,
    via: channelId,
    type: body.type,
    body: toJsonText(told),
    state: hasRoom ? 'pending' : 'abandoned',
    attempts: 0,
    tries: 0,
    next_at: hasRoom ? now : null,
    created_at: now,
    queued_at: now,
    done_at: hasRoom ? null : now
  }
}
