import { sql, type Kysely } from 'kysely'
import type { Rule } from '../../../../schemas/rule.ts'
import { AppError } from '../../../core/errors.ts'
import { parseJsonText, toJsonText, type JsonText } from '../../../core/text/json-text.ts'
import type { RuleOrigin } from './alert-tables.ts'
import { applyChanges, type AlertChanges } from './alerts.ts'
import type { Connection } from '../database.ts'
import type { Tables } from '../tables.ts'
import { atomically } from '../transaction.ts'

/** A rule as it is now. Times are ms since the epoch. */
export interface RuleRecord {
  id: string
  version: number
  origin: RuleOrigin
  rule: Rule
  createdAt: number
  updatedAt: number
  /** When it got the signal that it has. */
  signalSince: number
}

/** What a rule said once; `rule` is null where it was removed. `actor` null is the service. */
export interface RuleVersion {
  version: number
  rule: Rule | null
  at: number
  actor: string | null
}

interface RuleAct {
  now: number
  actor: string | null
  /** The version that the change was made for, 0 for a rule that must not exist yet; undefined when it does not matter. */
  expected: number | undefined
  /** What becomes of its alerts, in the same transaction. */
  changes?: AlertChanges
}

export interface RuleSave extends RuleAct {
  rule: Rule
  origin: RuleOrigin
}

export interface RuleRemoval extends RuleAct {
  id: string
}

interface Head {
  version: number
  body: JsonText<Rule> | null
}

/**
 * Stores a rule as its next version, and gives that; a rule that says the same as before keeps its version. Throws `conflict`
 * when the rule is not at the version that was expected.
 */
export function saveRule (connection: Pick<Connection, 'raw' | 'db'>, { rule, origin, changes, ...act }: RuleSave): Promise<number> {
  const { db } = connection
  return atomically(connection, async () => {
    const head = await headOf(db, rule.id)
    refuseOther(rule.id, head, act.expected)
    const body = toJsonText(rule)
    const version = head?.body === body ? head.version : await insertVersion(db, { id: rule.id, body, before: head, ...act })
    await db.insertInto('rules').values({ id: rule.id, version, origin, created_at: act.now })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ version, origin })).execute()
    if (changes !== undefined) await applyChanges(db, changes)
    return version
  })
}

/** Removes a rule; its versions stay, since timelines name them. False when there is none. Throws `conflict` as `saveRule`. */
export function removeRule (connection: Pick<Connection, 'raw' | 'db'>, { id, changes, ...act }: RuleRemoval): Promise<boolean> {
  const { db } = connection
  return atomically(connection, async () => {
    const head = await headOf(db, id)
    if (head === undefined || head.body === null) return false
    refuseOther(id, head, act.expected)
    const version = await insertVersion(db, { id, body: null, before: head, ...act })
    await db.updateTable('rules').set({ version }).where('id', '=', id).execute()
    if (changes !== undefined) await applyChanges(db, changes)
    return true
  })
}

/** Lists the rules there are, by id. */
export async function listRules (db: Kysely<Tables>): Promise<RuleRecord[]> {
  const rows = await heads(db).orderBy('rules.id').execute()
  return rows.flatMap((row) => row.body === null ? [] : [parseRule(row, row.body)])
}

export async function getRule (db: Kysely<Tables>, id: string): Promise<RuleRecord | undefined> {
  const row = await heads(db).where('rules.id', '=', id).executeTakeFirst()
  return row === undefined || row.body === null ? undefined : parseRule(row, row.body)
}

/** Lists what a rule said, newest first, also of one that was removed. */
export async function ruleVersions (db: Kysely<Tables>, { id, limit }: { id: string, limit: number }): Promise<RuleVersion[]> {
  const rows = await db.selectFrom('rule_versions').selectAll().where('rule_id', '=', id).orderBy('version', 'desc').limit(limit).execute()
  return rows.map(({ version, body, at, actor }) => ({ version, rule: body === null ? null : parseJsonText(body), at, actor }))
}

/** The oldest of the newest versions that all have the same signal. */
const signalSince = sql<number>`(SELECT min(v.at) FROM rule_versions AS v WHERE v.rule_id = rules.id AND v.version > coalesce((
  SELECT max(o.version) FROM rule_versions AS o WHERE o.rule_id = rules.id
    AND (o.body IS NULL OR json_extract(o.body, '$.signal') IS NOT json_extract(rule_versions.body, '$.signal'))), 0))`

function heads (db: Kysely<Tables>) {
  return db.selectFrom('rules')
    .innerJoin('rule_versions', (join) => join.onRef('rule_versions.rule_id', '=', 'rules.id').onRef('rule_versions.version', '=', 'rules.version'))
    .select(['rules.id', 'rules.version', 'rules.origin', 'rules.created_at', 'rule_versions.body', 'rule_versions.at', signalSince.as('signal_since')])
}

async function headOf (db: Kysely<Tables>, id: string): Promise<Head | undefined> {
  return heads(db).where('rules.id', '=', id).executeTakeFirst()
}

function refuseOther (id: string, head: Head | undefined, expected: number | undefined): void {
  const isThere = head !== undefined && head.body !== null
  const version = isThere ? head.version : 0
  if (expected === undefined || expected === version) return
  if (expected === 0) throw new AppError('conflict', `there is a rule ${id} already: change it, or take another id`)
  throw new AppError('conflict', isThere
    ? `the rule ${id} is at version ${version}, the change was made for version ${expected}: read it again`
    : `the rule ${id} was removed: the change was made for version ${expected}`)
}

async function insertVersion (
  db: Kysely<Tables>, { id, body, before, now, actor }: { id: string, body: JsonText<Rule> | null, before: Head | undefined, now: number, actor: string | null }
): Promise<number> {
  const version = (before?.version ?? 0) + 1
  await db.insertInto('rule_versions').values({ rule_id: id, version, body, at: now, actor }).execute()
  return version
}

function parseRule (row: { id: string, version: number, origin: RuleOrigin, created_at: number, at: number, signal_since: number }, body: JsonText<Rule>): RuleRecord {
  return { id: row.id, version: row.version, origin: row.origin, rule: parseJsonText(body), createdAt: row.created_at, updatedAt: row.at, signalSince: row.signal_since }
}
