import { sql, type Kysely } from 'kysely'
import type { MuteTarget } from '../../../../schemas/alert.ts'
import { parseJsonText, toJsonText } from '../../../core/text/json-text.ts'
import type { MaintenancesTable, SilencesTable } from './alert-tables.ts'
import { applyChanges, type AlertChanges } from './alerts.ts'
import type { Connection } from '../database.ts'
import { countHeldBack } from './held-back.ts'
import type { Tables } from '../tables.ts'
import { atomically } from '../transaction.ts'

/** What silences and maintenances have in common. Times are ms since the epoch. */
interface NewMute {
  id: string
  target: MuteTarget
  reason: string | null
  createdBy: string | null
  createdAt: number
}

interface Served {
  endedAt: number | null
  endedBy: string | null
  /** Notices that it has held back so far. */
  heldBack: number
}

/** Holds back new notices until a time, or until what it is about has recovered. */
export interface NewSilence extends NewMute {
  until: number | null
  untilRecovered: boolean
}

/** Holds back new notices for `durationMs` from one moment on, or from each time of a cron expression. */
export interface NewMaintenance extends NewMute {
  name: string
  when: { from: number } | { cron: string, timeZone: string }
  durationMs: number
}

export type SilenceRecord = NewSilence & Served
export type MaintenanceRecord = NewMaintenance & Served

export interface MuteEnd {
  id: string
  now: number
  /** Null when it had served. */
  by: string | null
  /** Alerts that are muted no longer, and what is told of them now, in the same transaction. */
  changes?: AlertChanges
}

/** Those that hold back for as long as nobody ends them, or the newest of all; newest first, also of those of one ms. */
export interface MuteQuestion {
  isOpen: boolean
  limit: number
}

type Handle = Pick<Connection, 'raw' | 'db'>

/** Begins a silence, and marks in the same transaction the alerts that it mutes. */
export function insertSilence (connection: Handle, { silence, changes }: { silence: NewSilence, changes?: AlertChanges }): Promise<void> {
  const { db } = connection
  const { id, target, until, untilRecovered, reason, createdBy, createdAt } = silence
  return atomically(connection, async () => {
    await db.insertInto('silences').values({
      id,
      target: toJsonText(target),
      until_at: until,
      until_recovered: Number(untilRecovered),
      reason,
      created_by: createdBy,
      created_at: createdAt,
      ended_at: null,
      ended_by: null
    }).execute()
    if (changes !== undefined) await applyChanges(db, changes)
  })
}

export async function listSilences (db: Kysely<Tables>, { isOpen, limit }: MuteQuestion): Promise<SilenceRecord[]> {
  const rows = await db.selectFrom('silences').selectAll().$if(isOpen, (query) => query.where('ended_at', 'is', null))
    .orderBy('created_at', 'desc').orderBy(sql`rowid`, 'desc').limit(limit).execute()
  const counts = await countHeldBack(db, 'silence', rows.map(({ id }) => id))
  return rows.map((row) => parseSilence(row, counts.get(row.id) ?? 0))
}

export async function insertMaintenance ({ db }: Pick<Connection, 'db'>, { id, name, target, when, durationMs, reason, createdBy, createdAt }: NewMaintenance): Promise<void> {
  await db.insertInto('maintenances').values({
    id,
    name,
    target: toJsonText(target),
    from_at: 'from' in when ? when.from : null,
    cron: 'cron' in when ? when.cron : null,
    time_zone: 'cron' in when ? when.timeZone : null,
    duration_ms: durationMs,
    reason,
    created_by: createdBy,
    created_at: createdAt,
    ended_at: null,
    ended_by: null
  }).execute()
}

/** False when no silence that is still open has the id. */
export function endSilence (connection: Handle, end: MuteEnd): Promise<boolean> {
  return endMute(connection, 'silences', end)
}

/** False when no maintenance that is still open has the id. */
export function endMaintenance (connection: Handle, end: MuteEnd): Promise<boolean> {
  return endMute(connection, 'maintenances', end)
}

export async function listMaintenances (db: Kysely<Tables>, { isOpen, limit }: MuteQuestion): Promise<MaintenanceRecord[]> {
  const rows = await db.selectFrom('maintenances').selectAll().$if(isOpen, (query) => query.where('ended_at', 'is', null))
    .orderBy('created_at', 'desc').orderBy(sql`rowid`, 'desc').limit(limit).execute()
  const counts = await countHeldBack(db, 'maintenance', rows.map(({ id }) => id))
  return rows.map((row) => parseMaintenance(row, counts.get(row.id) ?? 0))
}

function endMute (connection: Handle, table: 'silences' | 'maintenances', { id, now, by, changes }: MuteEnd): Promise<boolean> {
  const { db } = connection
  return atomically(connection, async () => {
    const { numUpdatedRows } = await db.updateTable(table).set({ ended_at: now, ended_by: by })
      .where('id', '=', id).where('ended_at', 'is', null).executeTakeFirst()
    if (numUpdatedRows === 1n && changes !== undefined) await applyChanges(db, changes)
    return numUpdatedRows === 1n
  })
}

function parseMaintenance (row: MaintenancesTable, heldBack: number): MaintenanceRecord {
  const { id, name, from_at: from, cron, time_zone: timeZone, duration_ms: durationMs } = row
  const when = cron === null || timeZone === null ? { from: from ?? 0 } : { cron, timeZone }
  return { id, name, when, durationMs, ...parseMute(row), heldBack }
}

function parseSilence (row: SilencesTable, heldBack: number): SilenceRecord {
  return { id: row.id, until: row.until_at, untilRecovered: row.until_recovered === 1, ...parseMute(row), heldBack }
}

function parseMute ({ target, reason, created_by: createdBy, created_at: createdAt, ended_at: endedAt, ended_by: endedBy }: Omit<SilencesTable, 'id' | 'until_at' | 'until_recovered'>) {
  return { target: parseJsonText(target), reason, createdBy, createdAt, endedAt, endedBy }
}
