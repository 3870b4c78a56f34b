import type { Kysely } from 'kysely'
import { audited, type NewAuditRecord } from './audit.ts'
import type { Connection } from '../database.ts'
import type { Tables } from '../tables.ts'

/** What the audit is told of a change. */
export interface Acts {
  acts?: readonly NewAuditRecord[]
}

type Handle = Pick<Connection, 'raw' | 'db'>

/**
 * Makes a change one that is stored together with its entries of the audit, or not at all. One that throws is undone; of one that
 * answers false, which is that there was nothing to change, nothing is written down.
 */
export function acting<C extends Handle, A, T> (change: (connection: C, args: A) => Promise<T>): (connection: C, args: A & Acts) => Promise<T> {
  return (connection, args) => {
    const due: NewAuditRecord[] = []
    return audited(connection, due, async () => {
      const value = await change(connection, args)
      if (value !== false) due.push(...args.acts ?? [])
      return value
    })
  }
}

/** As `acting`, for a change that asks for the database alone. */
export function withActs<A, T> (change: (db: Kysely<Tables>, args: A) => Promise<T>): (connection: Handle, args: A & Acts) => Promise<T> {
  return acting(({ db }: Handle, args: A) => change(db, args))
}
