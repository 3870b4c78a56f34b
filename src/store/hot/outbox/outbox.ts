import { sql, type Kysely, type Selectable } from 'kysely'
import type { Notice } from '../../../../schemas/notice.ts'
import type { DueQuestion, HealthChange, Settlement, Step } from '../../../../schemas/outbox.ts'
import { parseJsonText, toJsonText, type JsonText } from '../../../core/text/json-text.ts'
import type { NoticesTable, NoticeState } from '../alerts/alert-tables.ts'
import type { Connection } from '../database.ts'
import { arrange, isPending } from './notices.ts'
import type { Tables } from '../tables.ts'
import { atomically, pieces } from '../transaction.ts'

type Row = Selectable<NoticesTable>

/** A step of an attempt, which is kept as `body`. */
interface Made {
  step: Step
  attempt: Settlement['attempt']
  body: JsonText<Settlement['attempt']>
}

/** Attempts count from 1. */
const REPEAT = 0

/**
 * Finds what may be sent now, the longest waiting first: for each alert and channel at most one notice, and never one while
 * an earlier one is pending. Reads as many rows a channel as are asked for, however many wait.
 */
export async function dueNotices (db: Kysely<Tables>, { now, channels, exceptLanes }: DueQuestion): Promise<Notice[]> {
  const found = await Promise.all(channels.flatMap(({ id: via, limit, withRepeats }) => {
    const states: NoticeState[] = withRepeats ? ['pending', 'delivered'] : ['pending']
    return states.map((state) => dueOf(db, { via, state, limit, now, exceptLanes }))
  }))
  return found.flat()
    .sort((a, b) => (a.next_at ?? 0) - (b.next_at ?? 0) || a.n - b.n)
    .map(parseNotice)
}

/** Writes down attempts and all that follows from them, in one transaction. The same settlement again changes nothing. */
export function settleNotices (connection: Pick<Connection, 'raw' | 'db'>, settlements: readonly Settlement[]): Promise<void> {
  const { db } = connection
  return atomically(connection, async () => {
    for (const alike of runsOf(settlements)) await settle(db, alike)
  })
}

/** Asks for a notice again that is done, under the same id and through the whole table of retries. False when there is none such. */
export function redeliverNotice (connection: Pick<Connection, 'raw' | 'db'>, { id, now }: { id: string, now: number }): Promise<boolean> {
  const { db } = connection
  return atomically(connection, async () => {
    const notice = await db.updateTable('notices')
      .set({ state: 'pending', via: sql<string>`channel_id`, tries: 0, next_at: now, queued_at: now, done_at: null })
      .where('id', '=', id).where(sql<boolean>`NOT ${isPending}`).returning('alert_id').executeTakeFirst()
    if (notice === undefined) return false
    await arrange(db, new Set([notice.alert_id]), now)
    return true
  })
}

function dueOf (
  db: Kysely<Tables>, { via, state, limit, now, exceptLanes }: { via: string, state: NoticeState, limit: number } & Pick<DueQuestion, 'now' | 'exceptLanes'>
): Promise<Row[]> {
  return db.selectFrom('notices').selectAll().where('via', '=', via).where('state', '=', state).where('next_at', '<=', now)
    .$if(exceptLanes.length > 0, (query) => query.where(sql<string>`alert_id || '/' || channel_id`, 'not in', exceptLanes))
    .orderBy('next_at').orderBy('n').limit(limit).execute()
}

/** Those that tell of a channel one after the other that it is well are settled together. */
function runsOf (settlements: readonly Settlement[]): Settlement[][] {
  const runs: Settlement[][] = []
  for (const settlement of settlements) {
    const run = runs.at(-1)
    const [first] = run ?? []
    if (run !== undefined && first !== undefined && isWell(first) && isWell(settlement) && first.health.channelId === settlement.health.channelId) run.push(settlement)
    else runs.push([settlement])
  }
  return runs
}

function isWell ({ health: { state, hastens, heldUntil } }: Settlement): boolean {
  return state === 'well' && !hastens && heldUntil === undefined
}

async function settle (db: Kysely<Tables>, settlements: readonly Settlement[]): Promise<void> {
  const made = settlements.flatMap(({ attempt, steps }) => steps.map((step) => ({ step, attempt, body: toJsonText(attempt) })))
  const fresh = await insertAttempts(db, made)
  if (fresh.length === 0) return
  for (const { step, attempt } of fresh) await saveStep(db, step, Date.parse(attempt.time) + attempt.ms)
  const startedAt = Math.max(...fresh.map(({ attempt }) => Date.parse(attempt.time)))
  await arrange(db, new Set(fresh.map(({ step }) => step.notice.alertId)), startedAt)
  const [{ health } = {}] = settlements
  if (health === undefined) return
  await saveHealth(db, health, startedAt)
  if (health.hastens) await hasten(db, health.channelId, startedAt)
}

/**
 * Keeps the attempt for each notice. Of the repeats of what was delivered only the newest is kept, as `REPEAT`, since there is one a
 * minute for as long as an alert fires. Returns those that were not known already.
 */
async function insertAttempts (db: Kysely<Tables>, made: readonly Made[]): Promise<Made[]> {
  const fresh = new Set<string>()
  for (const piece of pieces(made)) {
    const rows = piece.map(({ step: { notice }, body }) => ({ notice_id: notice.id, attempt: notice.isRepeat ? REPEAT : notice.attempts + 1, body }))
    const kept = await db.insertInto('deliveries').values(rows)
      .onConflict((conflict) => conflict.columns(['notice_id', 'attempt']).doUpdateSet((eb) => ({ body: eb.ref('excluded.body') })).where('deliveries.attempt', '=', REPEAT))
      .returning('notice_id').execute()
    for (const { notice_id: id } of kept) fresh.add(id)
  }
  return made.filter(({ step: { notice } }) => fresh.has(notice.id))
}

async function saveStep (db: Kysely<Tables>, { notice: { id, attempts, tries, isRepeat }, next }: Step, now: number): Promise<void> {
  const made = isRepeat ? 0 : 1
  const step = next.state === 'waiting'
    ? { via: next.via, next_at: next.dueAt }
    : { state: next.state, next_at: next.state === 'delivered' ? next.repeatAt ?? null : null, done_at: sql<number>`coalesce(done_at, ${now})` }
  await db.updateTable('notices').set({ ...step, attempts: attempts + made, tries: tries + made }).where('id', '=', id).execute()
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
    tries: row.tries,
    isRepeat: row.state === 'delivered',
    createdAt: row.created_at,
    body: parseJsonText(row.body)
  }
}
