import { load } from './load-process.ts'
import { interleaved, median, print, settings } from './report.ts'
import { onto, startOurs, startRival, withServers, type Server } from './servers.ts'

const CONNECTIONS = 64

/** Loads a server. Answers requests a second, and keeps the CPU ms of its process for each request. */
async function perSecond (server: Server, cpu: number[]): Promise<number> {
  const before = server.cpuMs()
  const { requests, seconds } = await load({ ...onto(server), connections: CONNECTIONS, batch: 1, seconds: settings.seconds })
  cpu.push((server.cpuMs() - before) / requests)
  return requests / seconds
}

await withServers([startOurs(), startRival('main-thread'), startRival('bare')], async ([ours, commit, bare]) => {
  const cpu = { ours: [] as number[], commit: [] as number[], bare: [] as number[] }
  const medians = await interleaved({
    ours: () => perSecond(ours, cpu.ours),
    'commit per request': () => perSecond(commit, cpu.commit),
    bare: () => perSecond(bare, cpu.bare)
  })
  const cpuMs = { ours: median(cpu.ours), 'commit per request': median(cpu.commit), bare: median(cpu.bare) }
  print('single events against one commit per request', medians.ours / medians['commit per request'], { target: 'at least 3', medians, unit: 'requests/s' })
  print('CPU of a single event against bare Fastify', cpuMs.ours / cpuMs.bare, { target: 'at most 1.6', medians: cpuMs, unit: 'ms' })
})
