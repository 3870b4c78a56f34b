import { setTimeout as delay } from 'node:timers/promises'
import { broken, exceeded, figuresOf, type Case, type Context, type Result } from '../case.ts'
import { faultsOf, Oracle, readExport } from '../oracle.ts'
import { TOKEN, withService, type ServiceProcess } from '../service-process.ts'

const READY_WITHIN_MS = 5_000
const EXIT_WITHIN_MS = 10_000
const ENOUGH = 50_000

/** Runs the rounds under load on one folder, then judges what is stored. */
async function underLoad (rounds: number, round: (service: ServiceProcess, oracle: Oracle) => Promise<string[]>): Promise<Result> {
  return withService({}, async (service) => {
    const oracle = new Oracle({ base: () => service.base, token: TOKEN })
    try {
      oracle.load.start()
      const faults: string[] = []
      for (let i = 0; i < rounds; i++) faults.push(...await round(service, oracle))
      const report = await oracle.audit(readExport)
      faults.push(...faultsOf(report), ...oracle.load.unexpected.slice(0, 3))
      return { figures: { ...figuresOf(report), maybe: report.maybe, rounds }, faults }
    } finally {
      await oracle.close()
    }
  })
}

async function killed (context: Context): Promise<Result> {
  const { isShort, random } = context
  const readyMs: number[] = []
  const result = await underLoad(isShort ? 4 : 20, async (service) => {
    await delay((isShort ? 500 : 500 + random() * 3_500))
    await service.kill()
    const ms = await service.start()
    readyMs.push(ms)
    return exceeded(context, [ms <= READY_WITHIN_MS, `ready only after ${Math.round(ms)} ms`])
  })
  const acknowledged = Number(result.figures['acknowledged'])
  return {
    figures: { ...result.figures, 'slowest start ms': Math.max(...readyMs) },
    faults: [...result.faults, ...exceeded(context, [acknowledged >= ENOUGH, `only ${acknowledged} of ${ENOUGH} acknowledged: proves too little`])]
  }
}

async function terminated ({ isShort, random }: Context): Promise<Result> {
  const exitMs: number[] = []
  const result = await underLoad(isShort ? 3 : 10, async (service, { load }) => {
    await delay(500 + random() * 1_000)
    const before = load.lost.length
    const signalAt = performance.now()
    const { exit, ms } = await service.stop()
    const resets = load.lost.slice(before).filter(({ sentAt, code }) => code !== 'ECONNREFUSED' && sentAt !== undefined && sentAt < signalAt)
    exitMs.push(ms)
    await service.start()
    return broken(
      [exit.code === 0, `ended with ${JSON.stringify(exit)}, not 0`],
      [ms <= EXIT_WITHIN_MS, `took ${Math.round(ms)} ms to end`],
      [resets.length === 0, `${resets.length} requests sent before the signal were reset`]
    )
  })
  return { ...result, figures: { ...result.figures, 'slowest exit ms': Math.max(...exitMs) } }
}

export const crashCases: readonly Case[] = [
  { name: 'R01', title: 'kill -9 under load loses, doubles and alters nothing', run: killed },
  { name: 'R04', title: 'SIGTERM under load answers what was sent and loses nothing', run: terminated }
]
