import { setTimeout as delay } from 'node:timers/promises'
import { broken, figuresOf, Skip, type Case, type Context, type Result } from '../case.ts'
import { faultsOf, Oracle, readExport } from '../oracle.ts'
import { PowerDisk } from '../power-disk.ts'
import { ServiceProcess, TOKEN } from '../service-process.ts'

const FIRST_MS = 3_000
const LATER_MS = 6_000
const READY_WITHIN_MS = 60_000

interface Powered { disk: PowerDisk, service: ServiceProcess, oracle: Oracle }

/** Starts a service on an empty disk, under load from its first breath. */
async function onNewDisk<T> (use: (powered: Powered) => Promise<T>): Promise<T> {
  const disk = await PowerDisk.make()
  if (disk === undefined) throw new Skip('no disk image can be mounted here: that takes root and a loop device')
  const service = new ServiceProcess({ dataDir: disk.dataDir })
  const oracle = new Oracle({ base: () => service.base, token: TOKEN })
  try {
    service.launch()
    return await use({ disk, service, oracle })
  } finally {
    await oracle.close()
    await service.close()
    await disk.close()
  }
}

/** No answer can leave once the process stands still, so all that was acknowledged until then is owed. */
async function cutAfter (ms: number, { disk, service }: Powered): Promise<void> {
  await delay(ms)
  service.signal('SIGSTOP')
  await disk.cut()
  await service.kill()
  await disk.plugIn()
}

interface Outcome { figures: Record<string, number>, faults: string[] }

async function judged (powered: Powered): Promise<Outcome> {
  const report = await powered.oracle.audit(readExport)
  return { figures: figuresOf(report), faults: [...faultsOf(report), ...powered.oracle.load.unexpected.slice(0, 3)] }
}

/** The program must come up by itself; what it says when it does not is the fault. */
async function isUpAgain ({ service }: Powered, what: string): Promise<string[]> {
  try {
    service.launch()
    await service.ready(READY_WITHIN_MS)
    return []
  } catch (error) {
    return [`${what}: ${String(error)}`]
  }
}

function firstMoments (afterMs: number): Promise<Outcome> {
  return onNewDisk(async (powered) => {
    await powered.service.listening()
    powered.oracle.load.start()
    await cutAfter(afterMs, powered)
    const faults = await isUpAgain(powered, `cut ${Math.round(afterMs)} ms after a first start`)
    if (faults.length > 0) return { figures: {}, faults }
    return judged(powered)
  })
}

function laterMoments (cuts: number, random: () => number): Promise<Outcome> {
  return onNewDisk(async (powered) => {
    await powered.service.ready(READY_WITHIN_MS)
    powered.oracle.load.start()
    for (let cut = 1; cut <= cuts; cut++) {
      await cutAfter(1_000 + random() * (LATER_MS - 1_000), powered)
      const faults = await isUpAgain(powered, `cut ${cut}`)
      if (faults.length > 0) return { figures: {}, faults }
    }
    return judged(powered)
  })
}

async function powerCuts ({ isShort, random }: Context): Promise<Result> {
  const each = isShort ? 1 : 10
  const outcomes: Outcome[] = []
  for (let i = 0; i < each; i++) outcomes.push(await firstMoments(random() * FIRST_MS))
  outcomes.push(await laterMoments(each, random))
  const sums: Record<string, number> = {}
  for (const { figures } of outcomes) for (const [name, count] of Object.entries(figures)) sums[name] = (sums[name] ?? 0) + count
  return { figures: { 'power cuts': 2 * each, ...sums }, faults: [...outcomes.flatMap(({ faults }) => faults), ...broken([(sums['acknowledged'] ?? 0) > 0, 'nothing was acknowledged: proves nothing'])] }
}

export const powerCases: readonly Case[] = [
  { name: 'POWER', title: 'a power cut at any moment loses nothing that was acknowledged', isLong: true, run: powerCuts }
]
