import type { Expression, ExpressionBuilder, Kysely, SqlBool } from 'kysely'
import type { Role } from '../../../../schemas/user.ts'
import { ROLES } from '../../../../schemas/words.ts'
import { AppError } from '../../../core/errors.ts'
import type { Tables, UsersTable } from '../tables.ts'

export interface UserRecord {
  id: string
  username: string
  /** What names are compared by. */
  usernameKey: string
  /** argon2id in PHC form. */
  passwordHash: string
  role: Role
  /** Counts the changes that ended sessions: a sign-in that began before one of them does not become a session. */
  version: number
  createdAt: number
  disabledAt: number | null
  lastLoginAt: number | null
  /** When a session of theirs was last used. */
  lastSeenAt: number | null
}

/** On what condition a user is made: always, as the first of all, or for the invitation with this hash. */
export type Entry = { kind: 'always' } | { kind: 'first' } | { kind: 'invitation', hash: string, now: number }

export interface UserUpdate {
  id: string
  role?: Role
  disabledAt?: number | null
  passwordHash?: string
  /** The only session of the user that goes on. */
  keepSession?: string
}

const COLUMNS = [
  'id', 'username', 'username_key', 'password_hash', 'role', 'version', 'created_at', 'disabled_at', 'last_login_at', 'last_seen_at'
] as const satisfies ReadonlyArray<keyof UsersTable>

/**
 * Makes a user in one statement, so that of many at once each condition lets only one through. An invitation is used up.
 * Throws `conflict` for a name that is taken, `forbidden` when the condition does not hold. Runs in a transaction of the caller.
 */
export async function insertUser (db: Kysely<Tables>, { user, entry }: { user: UserRecord, entry: Entry }): Promise<void> {
  const row = rowOf(user)
  const { numInsertedOrUpdatedRows } = await db.insertInto('users')
    .columns(COLUMNS)
    .expression(db.selectNoFrom((eb) => COLUMNS.map((name) => eb.val(row[name]).as(name))).where((eb) => mayEnter(eb, entry)))
    .onConflict((conflict) => conflict.column('username_key').doNothing())
    .executeTakeFirst()
  if (numInsertedOrUpdatedRows !== 1n) throw await findUserByName(db, user.usernameKey) === undefined ? notInvited() : nameTaken(user)
  if (entry.kind === 'invitation') await db.deleteFrom('invitations').where('hash', '=', entry.hash).execute()
}

export async function getUser (db: Kysely<Tables>, id: string): Promise<UserRecord | undefined> {
  const row = await db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? undefined : parseUser(row)
}

export async function findUserByName (db: Kysely<Tables>, usernameKey: string): Promise<UserRecord | undefined> {
  const row = await db.selectFrom('users').selectAll().where('username_key', '=', usernameKey).executeTakeFirst()
  return row === undefined ? undefined : parseUser(row)
}

export async function listUsers (db: Kysely<Tables>): Promise<UserRecord[]> {
  const rows = await db.selectFrom('users').selectAll().orderBy('username_key').execute()
  return rows.map(parseUser)
}

export async function hasUsers (db: Kysely<Tables>): Promise<boolean> {
  return await db.selectFrom('users').select('id').limit(1).executeTakeFirst() !== undefined
}

/**
 * Changes a user and ends the sessions. Throws `not_found`, and `conflict` for what would leave nobody who may let others in.
 * Runs in a transaction of the caller.
 */
export async function updateUser (db: Kysely<Tables>, { id, role, disabledAt, passwordHash, keepSession }: UserUpdate): Promise<UserRecord> {
  const mayLoseAdmin = (role !== undefined && role !== 'admin') || typeof disabledAt === 'number'
  const row = await db.updateTable('users')
    .set((eb) => ({
      version: eb('version', '+', 1),
      ...(role === undefined ? {} : { role }),
      ...(disabledAt === undefined ? {} : { disabled_at: disabledAt }),
      ...(passwordHash === undefined ? {} : { password_hash: passwordHash })
    }))
    .where('id', '=', id)
    .$if(mayLoseAdmin, (query) => query.where(isDispensable))
    .returningAll().executeTakeFirst()
  if (row === undefined) throw whyNot(await getUser(db, id), id)
  await endSessions(db, { userId: id, ...keepSession === undefined ? {} : { except: keepSession } })
  return parseUser(row)
}

/** Removes a user with all sessions. Throws as `updateUser`. Runs in a transaction of the caller. */
export async function deleteUser (db: Kysely<Tables>, { id }: { id: string }): Promise<void> {
  const { numDeletedRows } = await db.deleteFrom('users').where('id', '=', id).where(isDispensable).executeTakeFirst()
  if (numDeletedRows !== 1n) throw whyNot(await getUser(db, id), id)
  await endSessions(db, { userId: id })
}

/** Replaces the hash of a password by another one of the same password; nothing happens when it was changed meanwhile. */
export async function replaceHash (db: Kysely<Tables>, { id, from, to }: { id: string, from: string, to: string }): Promise<void> {
  await db.updateTable('users').set({ password_hash: to }).where('id', '=', id).where('password_hash', '=', from).execute()
}

/** Ends one session of a user, or all but `except`; false when there was none. Runs in a transaction of the caller. */
export async function endSessions (db: Kysely<Tables>, { userId, id, except = '' }: { userId: string, id?: string, except?: string }): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('sessions').where('user_id', '=', userId).where('id', '<>', except)
    .$if(id !== undefined, (query) => query.where('id', '=', id ?? '')).executeTakeFirst()
  return numDeletedRows > 0n
}

function mayEnter (eb: ExpressionBuilder<Tables, never>, entry: Entry): Expression<SqlBool> {
  switch (entry.kind) {
    case 'always': return eb.lit(true)
    case 'first': return eb.not(eb.exists(eb.selectFrom('users').select('id')))
    case 'invitation': return eb.exists(eb.selectFrom('invitations').select('id').where('hash', '=', entry.hash).where('expires_at', '>', entry.now))
  }
}

/** True of all but the only admin who is not disabled. */
function isDispensable (eb: ExpressionBuilder<Tables, 'users'>): Expression<SqlBool> {
  const others = eb.selectFrom('users as other').select('other.id')
    .whereRef('other.id', '<>', 'users.id').where('other.role', '=', 'admin').where('other.disabled_at', 'is', null)
  return eb.or([eb('users.role', '<>', 'admin'), eb('users.disabled_at', 'is not', null), eb.exists(others)])
}

function rowOf (user: UserRecord): UsersTable {
  return {
    id: user.id,
    username: user.username,
    username_key: user.usernameKey,
    password_hash: user.passwordHash,
    role: user.role,
    version: user.version,
    created_at: user.createdAt,
    disabled_at: user.disabledAt,
    last_login_at: user.lastLoginAt,
    last_seen_at: user.lastSeenAt
  }
}

function parseUser (row: UsersTable): UserRecord {
  return {
    id: row.id,
    username: row.username,
    usernameKey: row.username_key,
    passwordHash: row.password_hash,
    role: parseRole(row.role),
    version: row.version,
    createdAt: row.created_at,
    disabledAt: row.disabled_at,
    lastLoginAt: row.last_login_at,
    lastSeenAt: row.last_seen_at
  }
}

/** A role that a newer program may have stored is worth the least. */
export function parseRole (text: string): Role {
  return ROLES.find((role) => role === text) ?? 'viewer'
}

export function notInvited (): AppError {
  return new AppError('forbidden', 'registering takes an invitation: ask an admin for a setup token')
}

function nameTaken ({ username }: UserRecord): AppError {
  return new AppError('conflict', `the username "${username}" is taken`, { faults: [{ path: '/username', message: 'is taken' }] })
}

export function unknownUser (id: string): AppError {
  return new AppError('not_found', `no user has the id ${JSON.stringify(id)}`)
}

function whyNot (user: UserRecord | undefined, id: string): AppError {
  return user === undefined ? unknownUser(id) : new AppError('conflict', `"${user.username}" is the last admin: make another one first`)
}
