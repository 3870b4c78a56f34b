import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { broken, exceeded, figuresOf, quantile, type Case, type Context, type Result } from '../case.ts'
import { faultsOf, Oracle, readExport } from '../oracle.ts'
import { probed } from '../probe.ts'
import type { ProbeOptions } from '../probe-thread.ts'
import { TOKEN, withService, type ServiceProcess } from '../service-process.ts'

const NS_PER_MS = 1_000_000
const MEGABYTE = 1_000_000
const OVERLOAD = 3
/** Both share this machine, so that the generator may not get to three times. */
const LEAST_OVERLOAD = 1.5
const GOODPUT = 0.8
const ACCEPTED_P99_MS = 1_000
const HEALTH_MS = 250
const RSS_RISE_MB = 100
const BATCH = 200
/** More events in flight than the queue of the service takes. */
const CLIENTS = 192
const SATURATING = 32
const HEALTH_EVERY_MS = 10

/** Loads for a while. Answers the events that were acknowledged in that time, a second. */
async function loadedFor ({ load }: Oracle, ms: number): Promise<number> {
  const before = load.owed.size
  load.start()
  await delay(ms)
  const perSecond = (load.owed.size - before) / ms * 1_000
  await load.stop()
  return perSecond
}

function healthOf (service: ServiceProcess): ProbeOptions {
  return { base: service.base, path: '/health', everyMs: HEALTH_EVERY_MS }
}

async function overloaded (context: Context): Promise<Result> {
  const { isShort } = context
  return withService({}, async (service) => {
    const first = new Oracle({ base: service.base, token: TOKEN, connections: SATURATING, batch: BATCH })
    const peak = await loadedFor(first, isShort ? 4_000 : 10_000)
    await first.close()
    const oracle = new Oracle({
      base: service.base, token: TOKEN, connections: CLIENTS, batch: BATCH, eventsPerSecond: peak * OVERLOAD, longestWaitMs: 50, retriesRefused: true, owed: first.load.owed
    })
    try {
      await oracle.load.connect()
      return await underOverload(context, { service, oracle, peak, ms: isShort ? 8_000 : 60_000 })
    } finally {
      await oracle.close()
    }
  })
}

async function underOverload (context: Context, { service, oracle, peak, ms }: { service: ServiceProcess, oracle: Oracle, peak: number, ms: number }): Promise<Result> {
  service.resetPeak()
  const rssBefore = service.rssBytes()
  const lag = monitorEventLoopDelay({ resolution: 5 })
  lag.enable()
  const health = await probed(healthOf(service), () => loadedFor(oracle, ms))
  lag.disable()
  const { load } = oracle
  const measured = {
    'peak events/s': peak,
    'offered x peak': load.offered / ms * 1_000 / peak,
    'goodput of peak': health.value / peak,
    'accepted p99 ms': quantile(load.latencies, 0.99),
    'generator lag p99 ms': lag.percentile(99) / NS_PER_MS,
    'health p99 ms': quantile(health.ms, 0.99),
    'health max ms': Math.max(...health.ms),
    'rss rise MB': (service.peakRssBytes() - rssBefore) / MEGABYTE
  }
  const report = await oracle.audit(readExport)
  return {
    figures: { ...figuresOf(report), ...measured },
    faults: [...faultsOf(report), ...load.unexpected.slice(0, 3), ...health.failures.slice(0, 3), ...broken(
      [load.refusalsWithoutRetryAfter === 0, `${load.refusalsWithoutRetryAfter} refusals without Retry-After`]
    ), ...exceeded(context,
      [measured['offered x peak'] >= LEAST_OVERLOAD, 'the load generator could not offer enough to prove anything'],
      [measured['goodput of peak'] >= GOODPUT, `goodput is under ${GOODPUT} of the peak`],
      [measured['accepted p99 ms'] < ACCEPTED_P99_MS, `p99 of accepted requests is above ${ACCEPTED_P99_MS} ms`],
      [measured['health p99 ms'] < HEALTH_MS, `p99 of /health is above ${HEALTH_MS} ms`],
      [measured['rss rise MB'] <= RSS_RISE_MB, `the resident size rose by more than ${RSS_RISE_MB} MB`]
    )]
  }
}

async function writers ({ isShort }: Context): Promise<Result> {
  return withService({}, async (service) => {
    const oracle = new Oracle({ base: service.base, token: TOKEN, connections: 50 })
    try {
      await loadedFor(oracle, isShort ? 5_000 : 30_000)
      const { load } = oracle
      const report = await oracle.audit()
      return {
        figures: { ...figuresOf(report), 'p50 ms': quantile(load.latencies, 0.5), 'p99 ms': quantile(load.latencies, 0.99) },
        faults: [...faultsOf(report), ...load.unexpected.slice(0, 3), ...broken(
          [load.refusals === 0, `${load.refusals} refusals`],
          [load.lost.length === 0, `${load.lost.length} requests without an answer`],
          [!/database is locked|SQLITE_BUSY/.test(service.output), '"database is locked" in the output']
        )]
      }
    } finally {
      await oracle.close()
    }
  })
}

async function healthUnderLoad ({ isShort }: Context): Promise<Result> {
  return withService({}, async (service) => {
    const oracle = new Oracle({ base: service.base, token: TOKEN, connections: 8, batch: 500 })
    const ms = isShort ? 3_000 : 15_000
    try {
      const idle = await probed(healthOf(service), () => delay(ms))
      const busy = await probed(healthOf(service), () => loadedFor(oracle, ms))
      const report = await oracle.audit(readExport)
      return {
        figures: {
          ...figuresOf(report),
          'idle p50 ms': quantile(idle.ms, 0.5),
          'idle p99 ms': quantile(idle.ms, 0.99),
          'busy p50 ms': quantile(busy.ms, 0.5),
          'busy p99 ms': quantile(busy.ms, 0.99),
          'busy max ms': Math.max(...busy.ms),
          'events/s': busy.value
        },
        faults: [...faultsOf(report), ...[...idle.failures, ...busy.failures].slice(0, 3)]
      }
    } finally {
      await oracle.close()
    }
  })
}

export const overloadCases: readonly Case[] = [
  { name: 'R16', title: 'three times what saturates: most is stored, the rest refused in the open', run: overloaded },
  { name: 'W50', title: '50 writers at once meet no failure and no lock', run: writers },
  { name: 'HEALTH', title: '/health answers during full batch ingest', run: healthUnderLoad }
]
