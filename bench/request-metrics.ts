import { load } from './load-process.ts'
import { interleaved, print, settings } from './report.ts'
import { onto, startRival, withServers, type Server } from './servers.ts'

const CONNECTIONS = 32

/** Microseconds of CPU of the server process for each GET of a route that does nothing. */
async function cpuUs (server: Server): Promise<number> {
  const before = server.cpuMs()
  const { requests } = await load({ ...onto(server), connections: CONNECTIONS, batch: 1, isGet: true, path: '/health', seconds: settings.seconds })
  return (server.cpuMs() - before) * 1_000 / requests
}

await withServers([startRival('bare'), startRival('latency'), startRival('fastify-metrics')], async ([bare, ours, theirs]) => {
  const medians = await interleaved({ bare: () => cpuUs(bare), ours: () => cpuUs(ours), 'fastify-metrics': () => cpuUs(theirs) })
  print('CPU of a request with request metrics against bare Fastify', medians.ours / medians.bare, { target: 'at most 1.35', medians, unit: 'us' })
  print('CPU of a request with request metrics against fastify-metrics', medians.ours / medians['fastify-metrics'], { target: 'at most 0.75', medians, unit: 'us' })
})
