import type SqliteDatabase from 'better-sqlite3'

/** What SQLite finds wrong with a file; undefined when nothing is. */
export function faultIn (raw: SqliteDatabase.Database, check: 'quick_check(1)' | 'integrity_check(1)'): string | undefined {
  const said = String(raw.pragma(check, { simple: true }))
  return said === 'ok' ? undefined : said.replace(/\s+/g, ' ')
}

export function countEvents (raw: SqliteDatabase.Database): number {
  const partitions = raw.prepare('SELECT n FROM partitions').pluck().all().map(Number)
  return partitions.reduce((sum, n) => sum + Number(raw.prepare(`SELECT count(*) FROM events_${n}`).pluck().get()), 0)
}
