import type { Migration } from 'kysely/migration'
import * as foundation from './001-foundation.ts'

/** Append-only, in order: a released migration is never edited. */
export const migrations: Record<string, Migration> = {
  '001-foundation': foundation
}
