import type { Connection } from './database.ts'

/**
 * Runs a change whole or not at all: every statement of `change` is in one transaction, that of the caller where there is one. Only the
 * writer may call it.
 */
export async function atomically<T> ({ raw }: Pick<Connection, 'raw'>, change: () => Promise<T>): Promise<T> {
  if (raw.inTransaction) return change()
  // A deferred transaction that reads before it writes is refused when the command line wrote in between.
  raw.exec('BEGIN IMMEDIATE')
  try {
    const value = await change()
    raw.exec('COMMIT')
    return value
  } catch (error) {
    if (raw.inTransaction) raw.exec('ROLLBACK')
    throw error
  }
}

/** Cuts rows into pieces that one statement can take: SQLite binds at most 32,766 values. */
export function pieces<T> (rows: readonly T[], size = 500): T[][] {
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, index) => rows.slice(index * size, (index + 1) * size))
}
