import type { Kysely } from 'kysely'
import type { Appender } from './events/appender.ts'
import type { CommitTimes } from './commit-times.ts'
import type { Connection } from './database.ts'
import type { FreeSpace } from './files/free-space.ts'
import type { Guard } from './guard.ts'
import type { Tables } from './tables.ts'

/** What a query works with. */
export interface ReadContext {
  db: Kysely<Tables>
  guard: Guard
}

/** What a call of the writer thread works with. */
export interface WriteContext extends Connection {
  appender: Appender
  space: FreeSpace
  commits: CommitTimes
}
