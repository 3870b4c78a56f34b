import { join } from 'node:path'
import type { Test } from 'tap'
import type { NewEvent } from '../../schemas/event.ts'
import type { Appended, Submission } from '../../schemas/submission.ts'
import { Appender } from '../../src/store/hot/events/appender.ts'
import { FILE_NAME } from '../../src/store/hot/files/place.ts'
import type { ReadContext } from '../../src/store/hot/contexts.ts'
import { openForReading, openForWriting, type Connection } from '../../src/store/hot/database.ts'
import { Guard } from '../../src/store/hot/guard.ts'
import { migrate } from '../../src/store/hot/migrations/migrate.ts'
import { pack, type Outcome } from '../../src/store/hot/events/submission.ts'
import { submission } from '../contract/given.ts'
import { testFolder } from '../support/test-folder.ts'

export const NOON = Date.UTC(2026, 5, 1, 12)

/** The parts of a SQLite store without its threads, on a clock that the test turns. */
export interface Parts {
  file: string
  clock: { ms: number }
  writer: Connection
  appender: Appender
  /** Stores groups of events, a commit each. Throws when one is refused. */
  store: (...groups: NewEvent[][]) => Appended[]
  commit: (...submissions: Submission[]) => Outcome[]
  /** What a query works with; `guard` may cut it. */
  reading: (guard?: Guard) => ReadContext
  close: () => Promise<void>
}

export async function openParts (t: Test, { dataDir = testFolder(t), partitionBytes = 1e9 } = {}): Promise<Parts> {
  const file = join(dataDir, FILE_NAME)
  const writer = openForWriting(file, 'fast')
  await migrate(writer)
  const clock = { ms: NOON }
  const appender = new Appender(writer.raw, { partitionBytes, now: () => clock.ms })
  const reader = openForReading(file)
  const close = async (): Promise<void> => {
    await reader.close()
    await writer.close()
  }
  t.teardown(close)
  const commit = (...submissions: Submission[]): Outcome[] => appender.commit(submissions.map(pack))
  return {
    file,
    clock,
    writer,
    appender,
    commit,
    store: (...groups) => groups.map((events) => appendedOf(commit(submission(events))[0])),
    reading: (guard = patient()) => ({ db: reader.db, guard }),
    close
  }
}

export function appendedOf (outcome: Outcome | undefined): Appended {
  if (outcome !== undefined && 'appended' in outcome) return outcome.appended
  throw new Error('nothing was stored', { cause: outcome !== undefined && 'failed' in outcome ? outcome.failed : outcome })
}

/** A guard whose time stands still. */
export function patient (): Guard {
  return new Guard(Infinity, () => 0)
}

/** A guard whose time goes on by so much at each look. */
export function ticking (tickMs: number, deadline = Infinity): Guard {
  let now = 0
  return new Guard(deadline, () => (now += tickMs))
}
