import { resolve } from 'node:path'
import { load } from './load-process.ts'
import { interleaved, print, settings } from './report.ts'
import { onto, startOurs, withServers, type Server } from './servers.ts'

const LOADS = {
  'batches of 500 from 8 connections': { connections: 8, batch: 500 },
  'single events from 64 connections': { connections: 64, batch: 1 }
}

async function perSecond (server: Server, kind: { connections: number, batch: number }): Promise<number> {
  const { events, seconds } = await load({ ...onto(server), ...kind, seconds: settings.seconds })
  return events / seconds
}

if (settings.before === '') throw new Error('--before names the folder of the checkout to compare with, after npm ci there')
const root = resolve(settings.before)

await withServers([startOurs(), startOurs(root)], async ([ours, before]) => {
  for (const [what, kind] of Object.entries(LOADS)) {
    const medians = await interleaved({ ours: () => perSecond(ours, kind), before: () => perSecond(before, kind) })
    print(`ingest of ${what} against the checkout before`, medians.ours / medians.before, { target: 'at least 0.97', medians, unit: 'events/s' })
  }
})
