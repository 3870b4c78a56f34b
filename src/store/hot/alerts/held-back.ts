import { sql, type Kysely } from 'kysely'
import type { HoldCause } from './alert-tables.ts'
import type { Tables } from '../tables.ts'
import { pieces } from '../transaction.ts'

/** Notices of an alert that were not made. `causeId` names the silence, the maintenance, the alert or the rule that it depends on. */
export interface HeldBack {
  alertId: string
  cause: HoldCause
  causeId: string
  count: number
}

/** Notes what was held back at `now`; the same of the same moment counts once. */
export async function insertHeldBack (db: Kysely<Tables>, heldBack: readonly HeldBack[], now: number): Promise<void> {
  for (const piece of pieces(heldBack)) {
    await db.insertInto('held_back')
      .values(piece.map(({ alertId, cause, causeId, count }) => ({ alert_id: alertId, at: now, cause, cause_id: causeId, count })))
      .onConflict((conflict) => conflict.doNothing()).execute()
  }
}

/** Counts what each of these silences (or maintenances ...) held back; one that held back nothing is not in it. */
export async function countHeldBack (db: Kysely<Tables>, cause: HoldCause, ids: readonly string[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (const piece of pieces(ids)) {
    const rows = await db.selectFrom('held_back').select(['cause_id as id', sql<number>`sum(count)`.as('count')])
      .where('cause', '=', cause).where('cause_id', 'in', piece).groupBy('cause_id').execute()
    for (const { id, count } of rows) counts.set(id, count)
  }
  return counts
}

/** Lists what was held back of an alert, oldest first. */
export async function listHeldBack (db: Kysely<Tables>, alertId: string): Promise<Array<Omit<HeldBack, 'alertId'> & { at: number }>> {
  const rows = await db.selectFrom('held_back').selectAll().where('alert_id', '=', alertId)
    .orderBy('at').orderBy('cause').orderBy('cause_id').execute()
  return rows.map(({ at, cause, cause_id: causeId, count }) => ({ at, cause, causeId, count }))
}
