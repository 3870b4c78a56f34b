import { sql } from 'kysely'
import { LEVELS } from '../../../../schemas/words.ts'
import type { ReadContext } from '../contexts.ts'
import { listPartitions, parseTable } from '../days/partitions.ts'
import { HOUR_MS, MINUTE_MS } from '../days/rollups.ts'
import { within, type Range } from '../days/windows.ts'

export interface ServiceCount {
  /** Empty for events without a service. */
  service: string
  total: number
  /** Of the level ERROR and above. */
  errors: number
}

interface Row {
  service: string | null
  grave: number
  count: number
}

/** A longer range is counted by whole hours, where there are any. */
const MINUTES_UP_TO_MS = 48 * HOUR_MS
const ERROR = LEVELS.indexOf('ERROR') + 1

/** Counts the events of each service, the one with the most first, from the counts kept beside them: by whole minutes or hours, the first of which the range may cut. */
export async function countByService ({ db, guard }: ReadContext, { from, to }: Range): Promise<ServiceCount[]> {
  const partitions = await listPartitions(db)
  const open = partitions.at(-1)?.n
  const services = new Map<string, ServiceCount>()
  for (const { n } of within(partitions, { from, to })) {
    const isByHour = to - from > MINUTES_UP_TO_MS && n !== open
    const stepMs = isByHour ? HOUR_MS : MINUTE_MS
    const { rows } = await sql<Row>`
      SELECT names.name AS service, r.level >= ${ERROR} AS grave, sum(r.count) AS count
      FROM ${sql.table(parseTable(isByHour ? 'hours' : 'minutes', n))} AS r LEFT JOIN names ON names.id = r.service_id
      WHERE r.bucket BETWEEN ${from - from % stepMs} AND ${to} GROUP BY 1, 2`.execute(db)
    for (const row of rows) add(services, row)
    await guard.pause()
  }
  return Array.from(services.values()).filter(({ total }) => total > 0).sort((a, b) => b.total - a.total || (a.service < b.service ? -1 : 1))
}

function add (services: Map<string, ServiceCount>, { service, grave, count }: Row): void {
  const name = service ?? ''
  const known = services.get(name) ?? { service: name, total: 0, errors: 0 }
  known.total += count
  if (grave === 1) known.errors += count
  services.set(name, known)
}
