import SqliteDatabase from 'better-sqlite3'
import { Client } from '../test/e2e/http.ts'
import { storeFile } from '../test/e2e/store-files.ts'
import { interleaved, msOf, print, settings } from './report.ts'
import { preload, startOurs, withServers, type Server } from './servers.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

const pages: Record<string, string> = {
  'first page': '/events',
  'first page of a service': '/events?service=billing',
  'first page of warnings and worse': `/events?q=${encodeURIComponent('level>=warn')}`,
  'first page of a word': '/events?q=timed',
  'first page of two words and a level': `/events?q=${encodeURIComponent('refused billing level>=error OR timed')}`
}
const HISTOGRAM = '/events/histogram?from=-24h&bins=24'

/** Ms of a GET, warm. Throws when it is not 200. */
function warm (client: Client, path: string): Promise<number> {
  return msOf(async () => {
    const { status, text } = await client.call({ path })
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`)
  })
}

/** Ms to count the last day by hour and level from the rows themselves, in this process. */
async function fromRows (server: Server): Promise<number> {
  const db = new SqliteDatabase(storeFile(server.dataDir), { readonly: true })
  try {
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'events_[0-9]*'").pluck().all()
    const statements = tables.map((table) => db.prepare<[number]>(`SELECT time / ${HOUR_MS} AS hour, level, count(*) FROM ${table} WHERE time >= ? GROUP BY 1, 2`))
    return await msOf(async () => statements.map((statement) => statement.all(Date.now() - DAY_MS)), 3)
  } finally {
    db.close()
  }
}

await withServers([startOurs(), startOurs()], async ([small, large]) => {
  await preload(small, settings.small, DAY_MS)
  await preload(large, settings.large, DAY_MS)
  const clients = { small: new Client(`http://127.0.0.1:${small.port}`, small.token), large: new Client(`http://127.0.0.1:${large.port}`, large.token) }
  for (const [name, path] of Object.entries(pages)) {
    const medians = await interleaved({ small: () => warm(clients.small, path), large: () => warm(clients.large, path) })
    print(`${name}, ${settings.large} events against ${settings.small}`, medians.large / medians.small, { target: 'at most 2, under 10 ms', medians, unit: 'ms' })
  }
  for (const [name, server] of [['small', small], ['large', large]] as const) {
    const medians = await interleaved({ 'from rows': () => fromRows(server), 'from rollups': () => warm(clients[name], HISTOGRAM) })
    print(`24 h histogram over HTTP against raw rows in process, ${settings[name]} events`, medians['from rows'] / medians['from rollups'], { target: 'at least 10', medians, unit: 'ms' })
  }
  clients.small.close()
  clients.large.close()
})
