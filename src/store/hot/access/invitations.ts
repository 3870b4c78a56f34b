import type { Kysely } from 'kysely'
import type { Role } from '../../../../schemas/user.ts'
import type { InvitationsTable, Tables } from '../tables.ts'
import { parseRole } from './users.ts'

export interface InvitationRecord {
  id: string
  /** SHA-256 of the secret in hex. */
  hash: string
  role: Role
  createdAt: number
  expiresAt: number
}

export async function insertInvitation (db: Kysely<Tables>, { id, hash, role, createdAt, expiresAt }: InvitationRecord): Promise<void> {
  await db.insertInto('invitations').values({ id, hash, role, created_at: createdAt, expires_at: expiresAt }).execute()
}

export async function findInvitation (db: Kysely<Tables>, hash: string): Promise<InvitationRecord | undefined> {
  const row = await db.selectFrom('invitations').selectAll().where('hash', '=', hash).executeTakeFirst()
  return row === undefined ? undefined : parseInvitation(row)
}

export async function listInvitations (db: Kysely<Tables>, now: number): Promise<InvitationRecord[]> {
  const rows = await db.selectFrom('invitations').selectAll().where('expires_at', '>', now).orderBy('created_at').orderBy('id').execute()
  return rows.map(parseInvitation)
}

export async function deleteInvitation (db: Kysely<Tables>, { id }: { id: string }): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('invitations').where('id', '=', id).executeTakeFirst()
  return numDeletedRows === 1n
}

function parseInvitation (row: InvitationsTable): InvitationRecord {
  return { id: row.id, hash: row.hash, role: parseRole(row.role), createdAt: row.created_at, expiresAt: row.expires_at }
}
