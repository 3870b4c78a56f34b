import type { Kysely } from 'kysely'
import type { Level } from '../../../../schemas/event.ts'
import { LEVELS } from '../../../../schemas/words.ts'
import type { TokensTable, Tables } from '../tables.ts'

export interface TokenRecord {
  id: string
  name: string
  /** SHA-256 of the secret in hex: the secret itself is never kept. */
  hash: string
  /** What the secret begins with, to tell it by; null of one that was made before this was kept. */
  prefix: string | null
  /** The name of who made it, as it was then. */
  createdBy: string | null
  scopes: string[]
  /** Forced on every event that is sent with it. */
  service: string | null
  env: string | null
  /** Events below it are refused. */
  minLevel: Level | null
  createdAt: number
  expiresAt: number | null
  revokedAt: number | null
  lastUsedAt: number | null
}

export async function insertToken (db: Kysely<Tables>, token: TokenRecord): Promise<void> {
  await db.insertInto('tokens').values({
    id: token.id,
    name: token.name,
    hash: token.hash,
    prefix: token.prefix,
    created_by: token.createdBy,
    scopes: token.scopes.join(' '),
    service: token.service,
    env: token.env,
    min_level: token.minLevel,
    created_at: token.createdAt,
    expires_at: token.expiresAt,
    revoked_at: token.revokedAt,
    last_used_at: token.lastUsedAt
  }).execute()
}

export async function findToken (db: Kysely<Tables>, hash: string): Promise<TokenRecord | undefined> {
  const row = await db.selectFrom('tokens').selectAll().where('hash', '=', hash).executeTakeFirst()
  return row === undefined ? undefined : parseToken(row)
}

export async function listTokens (db: Kysely<Tables>): Promise<TokenRecord[]> {
  const rows = await db.selectFrom('tokens').selectAll().orderBy('created_at').orderBy('id').execute()
  return rows.map(parseToken)
}

export async function getToken (db: Kysely<Tables>, id: string): Promise<TokenRecord | undefined> {
  const row = await db.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? undefined : parseToken(row)
}

/** Ends a token; false when no token that is still good has the id. */
export async function revokeToken (db: Kysely<Tables>, { id, now }: { id: string, now: number }): Promise<boolean> {
  const { numUpdatedRows } = await db.updateTable('tokens').set({ revoked_at: now })
    .where('id', '=', id).where('revoked_at', 'is', null).executeTakeFirst()
  return numUpdatedRows === 1n
}

export async function touchTokens (db: Kysely<Tables>, uses: ReadonlyArray<{ id: string, at: number }>): Promise<void> {
  for (const { id, at } of uses) await db.updateTable('tokens').set({ last_used_at: at }).where('id', '=', id).execute()
}

function parseToken (row: TokensTable): TokenRecord {
  return {
    id: row.id,
    name: row.name,
    hash: row.hash,
    prefix: row.prefix,
    createdBy: row.created_by,
    scopes: row.scopes.split(' ').filter((scope) => scope !== ''),
    service: row.service,
    env: row.env,
    minLevel: LEVELS.find((level) => level === row.min_level) ?? null,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at
  }
}
