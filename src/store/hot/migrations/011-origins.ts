import { sql, type Kysely } from 'kysely'

/**
 * How a token begins and who made it, where a session began, and when a person was seen last. Of tokens that there are the audit knows
 * who made them; their beginning nobody kept.
 */
export async function up (db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('tokens').addColumn('prefix', 'text').execute()
  await db.schema.alterTable('tokens').addColumn('created_by', 'text').execute()
  await db.schema.alterTable('sessions').addColumn('address', 'text').execute()
  await db.schema.alterTable('users').addColumn('last_seen_at', 'integer').execute()
  await sql`UPDATE tokens SET created_by = (SELECT actor_name FROM audit WHERE action = 'token.create' AND target = tokens.id ORDER BY id LIMIT 1)`.execute(db)
  await sql`UPDATE users SET last_seen_at = (SELECT max(last_used_at) FROM sessions WHERE user_id = users.id)`.execute(db)
}
