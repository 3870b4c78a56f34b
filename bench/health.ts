import { quantile } from '../test/e2e/case.ts'
import { probed } from '../test/e2e/probe.ts'
import { load } from './load-process.ts'
import { interleaved, print, settings } from './report.ts'
import { onto, startOurs, startRival, withServers, type Server } from './servers.ts'

const EVERY_MS = 10

/** The p99 of /health in ms, asked every 10 ms while eight clients send batches of 500. */
async function healthP99 (server: Server): Promise<number> {
  const { ms, failures } = await probed({ base: `http://127.0.0.1:${server.port}`, path: '/health', everyMs: EVERY_MS },
    () => load({ ...onto(server), connections: 8, batch: 500, seconds: settings.seconds }))
  if (failures.length > 0) throw new Error(`/health failed: ${failures[0]}`)
  return quantile(ms, 0.99)
}

await withServers([startOurs(), startRival('main-thread')], async ([ours, rival]) => {
  const medians = await interleaved({ ours: () => healthP99(ours), 'main thread': () => healthP99(rival) })
  print('p99 of /health during batch ingest against inserting on the main thread', medians.ours / medians['main thread'], { target: 'at most 0.2', medians, unit: 'ms' })
})
