import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { broken, figuresOf, type Case, type Context, type Result } from '../case.ts'
import { Client } from '../http.ts'
import { faultsOf, Oracle } from '../oracle.ts'
import { TOKEN, withService, type ServiceProcess } from '../service-process.ts'

const WITHIN_MS = 10_000
const LOOK_EVERY_MS = 10
/** Every so many files one is bad. */
const BAD_EVERY = 3

/** A file whose rule has the number of the round in its id. */
function fileOf (round: number): string {
  const rule = `{ id: round-${round}, name: Round, signal: { events: 'level>=error' }, levels: { warning: { op: '>', value: ${1_000_000 + round} } } }`
  return isBad(round) ? `ruels: [${rule}]\nretention: [{ days: -1 }]\n` : `rules: [${rule}]\n`
}

function isBad (round: number): boolean {
  return round % BAD_EVERY === BAD_EVERY - 1
}

/** Answers the ids of the rules of the file. */
async function roundsOf (client: Client): Promise<string[]> {
  return Array.from((await client.call({ path: '/rules' })).text.matchAll(/"id":"(round-\d+)"/g), ([, id = '']) => id)
}

/** Answers false when nothing was told in time. */
async function isTold (service: ServiceProcess, words: RegExp, times: number): Promise<boolean> {
  const deadline = performance.now() + WITHIN_MS
  while ((service.output.match(words)?.length ?? 0) < times) {
    if (performance.now() > deadline) return false
    await delay(LOOK_EVERY_MS)
  }
  return true
}

async function underLoad ({ isShort }: Context): Promise<Result> {
  const rounds = isShort ? 12 : 90
  return withService({}, async (service) => {
    // Beside the folder of the data is where the service runs; the file was not there when it began.
    const file = join(service.dataDir, '..', 'bellwether.yaml')
    const client = new Client(() => service.base, TOKEN)
    const oracle = new Oracle({ base: () => service.base, token: TOKEN, connections: 8, batch: 50 })
    oracle.load.start()
    const faults: string[] = []
    const told = { taken: 0, refused: 0 }
    for (let round = 0; round < rounds; round++) {
      writeFileSync(file, fileOf(round))
      service.signal('SIGHUP')
      const isSaid = isBad(round)
        ? await isTold(service, /the configuration file was refused/g, ++told.refused)
        : await isTold(service, /the configuration file was read again/g, ++told.taken)
      const expected = isBad(round) ? round - 1 : round
      const found = await roundsOf(client)
      faults.push(...broken(
        [isSaid, `nothing was told of round ${round} within ${WITHIN_MS} ms`],
        [found.join() === `round-${expected}`, `after round ${round} the rules of the file are ${found.join() || 'none'}, not round-${expected}`]
      ))
    }
    const report = await oracle.audit()
    await oracle.close()
    client.close()
    const { exit } = await service.stop()
    faults.push(...faultsOf(report), ...broken([exit.code === 0, `ended with ${JSON.stringify(exit)}`], [oracle.load.unexpected.length === 0, `unexpected answers: ${oracle.load.unexpected.slice(0, 3).join(' | ')}`]))
    return { figures: { ...figuresOf(report), ...told }, faults: faults.slice(0, 10) }
  })
}

export const reloadCases: readonly Case[] = [
  { name: 'RELOAD', title: 'SIGHUP again and again under load: each good file is in force, each bad one refused, nothing is lost', run: underLoad }
]
