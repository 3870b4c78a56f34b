import { renameSync, rmSync } from 'node:fs'
import { openForWriting, type Connection } from '../database.ts'
import { COMPANIONS } from './damage.ts'
import { readMarks, syncFile, syncFolder } from './marker.ts'
import { migrate } from '../migrations/migrate.ts'

interface NewStore {
  /** The damaged one that it follows. */
  after?: string | undefined
  /** Puts something into it. */
  fill?: (connection: Connection) => Promise<void>
}

/** Partitions of a store that follows a damaged one count from so many on: those of the old one then fit in before them. */
const ROOM = 1_000

/**
 * Makes an empty store beside its place and moves it there when it is whole: whatever ends the process leaves a store or none.
 * The caller holds the lock of the folder.
 */
export async function createStore (file: string, { after, fill }: NewStore = {}): Promise<void> {
  const draft = `${file}-draft`
  for (const companion of ['', ...COMPANIONS]) rmSync(draft + companion, { force: true })
  const connection = openForWriting(draft, 'draft')
  try {
    await migrate(connection)
    if (after !== undefined) beginPartitionsAt(connection, (readMarks(after)?.partition ?? 0) + ROOM)
    await fill?.(connection)
    connection.raw.pragma('wal_checkpoint(TRUNCATE)')
  } finally {
    await connection.close()
  }
  syncFile(draft)
  renameSync(draft, file)
  syncFolder(file)
}

function beginPartitionsAt ({ raw }: Connection, n: number): void {
  raw.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES ('partitions', ?)").run(n)
}
