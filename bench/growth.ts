import { Client } from '../test/e2e/http.ts'
import { load } from './load-process.ts'
import { interleaved, msOf, print, settings } from './report.ts'
import { onto, preload, startOurs, withServers, type Server } from './servers.ts'

/** Few, so that the small store stays small while it is measured. */
const INSERTED = 50_000

/** Ms of CPU and of waiting for 1,000 events in batches of 500. */
async function insertMs (server: Server): Promise<number> {
  const { events, seconds } = await load({ ...onto(server), connections: 8, batch: 500, total: INSERTED })
  return seconds * 1_000 / (events / 1_000)
}

async function firstPageMs (server: Server): Promise<number> {
  const client = new Client(`http://127.0.0.1:${server.port}`, server.token)
  try {
    return await msOf(() => client.call({ path: '/events?q=timed' }))
  } finally {
    client.close()
  }
}

await withServers([startOurs(), startOurs()], async ([small, large]) => {
  const perSecond = { small: await preload(small, settings.small), large: await preload(large, settings.large) }
  print('events/s while filling', perSecond.large / perSecond.small, { target: 'none', medians: perSecond, unit: 'events/s' })
  const insert = await interleaved({ small: () => insertMs(small), large: () => insertMs(large) })
  print(`insert cost at ${settings.large} stored events against ${settings.small}`, insert.large / insert.small, { target: 'at most 1.3', medians: insert, unit: 'ms per 1,000' })
  const page = await interleaved({ small: () => firstPageMs(small), large: () => firstPageMs(large) })
  print(`first page at ${settings.large} stored events against ${settings.small}`, page.large / page.small, { target: 'at most 2, under 10 ms', medians: page, unit: 'ms' })
})
