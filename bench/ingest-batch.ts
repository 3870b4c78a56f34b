import { join } from 'node:path'
import { load, run } from './load-process.ts'
import { interleaved, print, settings } from './report.ts'
import { onto, startOurs, startRival, withServers } from './servers.ts'

const BATCH = 500
const CONNECTIONS = 8

await withServers([startOurs(), startRival('bare')], async ([ours, bare]) => {
  const { seconds } = settings
  // In the folder of the rival, which is removed with it.
  const raw = async (batch: number) => Number(await run('raw-insert.ts', { file: join(bare.dataDir, `raw-${batch}.db`), seconds, batch }))
  const medians = await interleaved({
    ours: async () => {
      const { events, seconds: took } = await load({ ...onto(ours), connections: CONNECTIONS, batch: BATCH, seconds })
      return events / took
    },
    raw: () => raw(BATCH),
    'raw grouped': () => raw(BATCH * CONNECTIONS)
  })
  print('ingest in batches of 500 against raw better-sqlite3', medians.ours / medians.raw, { target: 'at least 0.65', medians, unit: 'events/s' })
  // The service commits what waits together, so that it may win against 500 a transaction; this is the most that it can group.
  print('ingest in batches of 500 against raw better-sqlite3 with 4,000 a transaction', medians.ours / medians['raw grouped'], { target: 'none', medians, unit: 'events/s' })
})
