import type { Kysely } from 'kysely'
import type { Role } from '../../../../schemas/user.ts'
import { AppError } from '../../../core/errors.ts'
import type { Tables } from '../tables.ts'
import { parseRole } from './users.ts'

/** A session with whom it is of. Times are ms since the epoch. */
export interface SessionRecord {
  id: string
  userId: string
  username: string
  role: Role
  version: number
  expiresAt: number
  lastUsedAt: number
}

export interface NewSession {
  id: string
  userId: string
  /** The user's when the password was checked. */
  version: number
  cookieHash: string
  refreshHash: string
  /** Where it was signed in from. */
  address: string
  now: number
  expiresAt: number
}

/** Of one person; a further sign-in ends the one that was unused for longest. */
const MOST_SESSIONS = 100

/**
 * Begins a session. Throws `unauthorized` when the user was changed, disabled or removed since the password was checked.
 * Runs in a transaction of the caller.
 */
export async function insertSession (db: Kysely<Tables>, session: NewSession): Promise<void> {
  const { id, userId, version, cookieHash, refreshHash, address, now, expiresAt } = session
  const { numUpdatedRows } = await db.updateTable('users').set({ last_login_at: now, last_seen_at: now })
    .where('id', '=', userId).where('version', '=', version).where('disabled_at', 'is', null).executeTakeFirst()
  if (numUpdatedRows !== 1n) throw wrongCredentials()
  await db.deleteFrom('sessions').where('id', 'in', (query) => query.selectFrom('sessions').select('id')
    .where('user_id', '=', userId).orderBy('last_used_at', 'desc').limit(-1).offset(MOST_SESSIONS - 1)).execute()
  await db.insertInto('sessions').values({
    id, user_id: userId, version, cookie_hash: cookieHash, refresh_hash: refreshHash, created_at: now, expires_at: expiresAt, last_used_at: now, address
  }).execute()
}

export function findSession (db: Kysely<Tables>, id: string): Promise<SessionRecord | undefined> {
  return selectSession(db, { 'sessions.id': id })
}

export function findSessionByCookie (db: Kysely<Tables>, cookieHash: string): Promise<SessionRecord | undefined> {
  return selectSession(db, { 'sessions.cookie_hash': cookieHash })
}

/**
 * Exchanges the refresh token of a session. One that is not the newest was used before: then somebody else has it too, and the
 * session ends (RFC 9700, section 4.14.2).
 */
export async function rotateSession (db: Kysely<Tables>, { id, from, to, now }: { id: string, from: string, to: string, now: number }): Promise<'rotated' | 'reused' | 'unknown'> {
  const { numUpdatedRows } = await db.updateTable('sessions').set({ refresh_hash: to, last_used_at: now })
    .where('id', '=', id).where('refresh_hash', '=', from).executeTakeFirst()
  if (numUpdatedRows === 1n) return 'rotated'
  return await deleteSession(db, { id }) ? 'reused' : 'unknown'
}

export async function deleteSession (db: Kysely<Tables>, { id }: { id: string }): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('sessions').where('id', '=', id).executeTakeFirst()
  return numDeletedRows === 1n
}

export async function touchSessions (db: Kysely<Tables>, uses: ReadonlyArray<{ id: string, at: number }>): Promise<void> {
  for (const { id, at } of uses) {
    const row = await db.updateTable('sessions').set({ last_used_at: at }).where('id', '=', id).returning('user_id').executeTakeFirst()
    if (row !== undefined) await db.updateTable('users').set({ last_seen_at: at }).where('id', '=', row.user_id).execute()
  }
}

/** A session as its owner is told of it. */
export interface OwnSession {
  id: string
  createdAt: number
  lastUsedAt: number
  expiresAt: number
  address: string | null
}

/** Those of a user that are good at `now`, the last used first. */
export function listSessions (db: Kysely<Tables>, { userId, now }: { userId: string, now: number }): Promise<OwnSession[]> {
  return db.selectFrom('sessions')
    .select(['id', 'created_at as createdAt', 'last_used_at as lastUsedAt', 'expires_at as expiresAt', 'address'])
    .where('user_id', '=', userId).where('expires_at', '>', now)
    .orderBy('last_used_at', 'desc').orderBy('id').execute()
}

async function selectSession (db: Kysely<Tables>, by: { 'sessions.id': string } | { 'sessions.cookie_hash': string }): Promise<SessionRecord | undefined> {
  const row = await db.selectFrom('sessions').innerJoin('users', 'users.id', 'sessions.user_id')
    .select(['sessions.id', 'users.id as userId', 'users.username', 'users.role', 'sessions.version', 'sessions.expires_at as expiresAt', 'sessions.last_used_at as lastUsedAt'])
    .where('users.disabled_at', 'is', null)
    .where((eb) => eb.and(by))
    .executeTakeFirst()
  return row === undefined ? undefined : { ...row, role: parseRole(row.role) }
}

/** The same words whether or not the user exists. */
export function wrongCredentials (): AppError {
  return new AppError('unauthorized', 'username or password is wrong')
}
