import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { broken, type Case, type Context, type Result } from '../case.ts'
import { Client } from '../http.ts'
import { Oracle, readPages, verify, type Verdict } from '../oracle.ts'
import { runTool, ServiceProcess, TOKEN, withService } from '../service-process.ts'

const LAUNCHER = join(import.meta.dirname, '..', '..', '..', 'bin', 'bellwether.js')
const LONG_ROUNDS = 6
const SHORT_ROUNDS = 2
/** So much is acknowledged before the first backup and between two. */
const EVENTS_A_ROUND = 4_000
const LOOK_MS = 20

interface Taken {
  folder: string
  /** What was acknowledged before it was begun. */
  owed: ReadonlySet<string>
}

/** Takes backups while events are stored as fast as they are answered, and starts a service on each. */
async function backupsUnderLoad ({ isShort }: Context): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'bellwether-backup-'))
  try {
    return await withService({}, async (service) => {
      const oracle = new Oracle({ base: () => service.base, token: TOKEN, connections: 8, batch: 50 })
      oracle.load.start()
      const faults: string[] = []
      const taken: Taken[] = []
      for (let round = 1; round <= (isShort ? SHORT_ROUNDS : LONG_ROUNDS); round++) {
        while (oracle.load.owed.size < round * EVENTS_A_ROUND) await delay(LOOK_MS)
        const one = { folder: join(folder, `backup-${round}`), owed: new Set(oracle.load.owed) }
        faults.push(...await told(['backup', one.folder, '--data-dir', service.dataDir]))
        taken.push(one)
      }
      await oracle.load.stop()
      const maybe = new Set([...oracle.load.owed, ...oracle.load.maybe])
      const { acknowledged, refused } = oracle.load.counts()
      await oracle.close()
      const verdicts: Verdict[] = []
      for (const one of taken) verdicts.push(await judged(one, maybe, faults))
      return resultOf(verdicts, { backups: taken.length, acknowledged, refused }, faults)
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Checks a backup, restores it, and reads back what a service on it has. */
async function judged ({ folder, owed }: Taken, maybe: ReadonlySet<string>, faults: string[]): Promise<Verdict> {
  const dataDir = `${folder}-restored`
  faults.push(...await told(['restore', folder, '--verify']), ...await told(['restore', folder, '--data-dir', dataDir]))
  const service = new ServiceProcess({ dataDir })
  const client = new Client(() => service.base, TOKEN)
  try {
    await service.start()
    const events = await Array.fromAsync(readPages(client))
    return verify(events.flat(), owed, maybe)
  } finally {
    client.close()
    await service.close()
  }
}

/** Runs a command; what it says when it does not end well. */
async function told (args: readonly string[]): Promise<string[]> {
  const { code, output } = await runTool(process.execPath, [LAUNCHER, ...args])
  return broken([code === 0, `${args.slice(0, 2).join(' ')} ended with ${code}: ${output}`])
}

function resultOf (verdicts: readonly Verdict[], figures: Record<string, number>, faults: readonly string[]): Result {
  const sum = (name: 'lost' | 'duplicated' | 'altered' | 'unknown'): number => verdicts.reduce((total, verdict) => total + verdict[name], 0)
  const counts = { lost: sum('lost'), duplicated: sum('duplicated'), altered: sum('altered'), unknown: sum('unknown') }
  const wrong = Object.entries(counts).filter(([, count]) => count > 0).map(([name, count]) => `${name} ${count}`)
  return { figures: { ...figures, ...counts }, faults: [...faults, ...wrong, ...verdicts.flatMap(({ examples }) => examples)] }
}

export const backupCases: readonly Case[] = [
  { name: 'R47', title: 'a backup under load passes its check, starts, and holds every event acknowledged before it was begun', run: backupsUnderLoad }
]
