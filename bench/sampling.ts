import { setTimeout as wait } from 'node:timers/promises'
import { ServiceProcess } from '../test/e2e/service-process.ts'
import { print } from './report.ts'

const SETTLE_MS = 15_000
const MEASURED_MS = 60_000

/** Two services side by side, so that the machine treats both alike: one samples as it does by default, the other once an hour. */
const services = { sampling: new ServiceProcess(), resting: new ServiceProcess({ settings: { SAMPLE_INTERVAL: '1h' } }) }

/** Per cent of one core that each takes while nobody asks anything, its threads and the storing included. */
async function percents (): Promise<Record<keyof typeof services, number>> {
  const { sampling, resting } = services
  await wait(SETTLE_MS)
  const before = { sampling: sampling.cpuMs(), resting: resting.cpuMs() }
  await wait(MEASURED_MS)
  const of = (now: number, then: number): number => (now - then) / MEASURED_MS * 100
  return { sampling: of(sampling.cpuMs(), before.sampling), resting: of(resting.cpuMs(), before.resting) }
}

try {
  await Promise.all(Object.values(services).map((service) => service.start()))
  const medians = await percents()
  print('per cent of a core for sampling over 60 s', medians.sampling - medians.resting, { target: 'under 1', medians, unit: '%' })
} finally {
  await Promise.all(Object.values(services).map((service) => service.close()))
}
