import { sql, type Kysely } from 'kysely'
import type { AlertState } from '../../../../schemas/alert-state.ts'
import { parseJsonText, toJsonText } from '../../../core/text/json-text.ts'
import type { Tables } from '../tables.ts'
import { pieces } from '../transaction.ts'

/** The state of one label set of a rule. */
export interface StoredState {
  ruleId: string
  key: string
  state: AlertState
}

/** The new state of one label set of a rule; undefined when nothing is left to remember. */
export interface StateChange {
  ruleId: string
  key: string
  state: AlertState | undefined
}

/** Gives every state there is, for the start. */
export async function listStates (db: Kysely<Tables>): Promise<StoredState[]> {
  const rows = await db.selectFrom('rule_states').selectAll().orderBy('rule_id').orderBy('group_key').execute()
  return rows.map(({ rule_id: ruleId, group_key: key, state }) => ({ ruleId, key, state: parseJsonText(state) }))
}

export async function saveStates (db: Kysely<Tables>, changes: readonly StateChange[]): Promise<void> {
  const gone = changes.filter(({ state }) => state === undefined)
  const kept = changes.flatMap(({ ruleId, key, state }) => state === undefined ? [] : [{ rule_id: ruleId, group_key: key, state: toJsonText(state) }])
  for (const piece of pieces(gone)) {
    const keys = sql.join(piece.map(({ ruleId, key }) => sql`(${ruleId}, ${key})`))
    await db.deleteFrom('rule_states').where(sql<boolean>`(rule_id, group_key) IN (VALUES ${keys})`).execute()
  }
  for (const piece of pieces(kept)) {
    await db.insertInto('rule_states').values(piece)
      .onConflict((conflict) => conflict.columns(['rule_id', 'group_key']).doUpdateSet((eb) => ({ state: eb.ref('excluded.state') })))
      .execute()
  }
}
