import type { Kysely } from 'kysely'
import { parseJsonText, toJsonText } from '../../core/text/json-text.ts'
import type { Tables } from './tables.ts'

/** Something that was set at run time; `value` is any JSON. */
export interface StoredSetting {
  name: string
  value: unknown
}

export async function listSettings (db: Kysely<Tables>): Promise<StoredSetting[]> {
  const rows = await db.selectFrom('settings').select(['name', 'value']).orderBy('name').execute()
  return rows.map(({ name, value }) => ({ name, value: parseJsonText(value) }))
}

export async function saveSettings (db: Kysely<Tables>, { settings, now }: { settings: readonly StoredSetting[], now: number }): Promise<void> {
  await db.replaceInto('settings')
    .values(settings.map(({ name, value }) => ({ name, value: toJsonText(value), updated_at: now })))
    .execute()
}
