import type { Kysely } from 'kysely'
import { audited, type NewAuditRecord } from './audit.ts'
import type { Connection } from './database.ts'
import type { Tables } from './tables.ts'

/** What the audit is told of a change. */
export interface Acts {
  acts?: readonly NewAuditRecord[]
}

/**
 * Makes a change one that is stored together with its entries of the audit, or not at all. One that throws is undone; of one that
 * answers false, which is that there was nothing to change, nothing is written down.
 */
export function withActs<A, T> (change: (db: Kysely<Tables>, args: A) => Promise<T>): (connection: Pick<Connection, 'raw' | 'db'>, args: A & Acts) => Promise<T> {
  return (connection, args) => {
    const due: NewAuditRecord[] = []
    return audited(connection, due, async () => {
      const value = await change(connection.db, args)
      if (value !== false) due.push(...args.acts ?? [])
      return value
    })
  }
}
