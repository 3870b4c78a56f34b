import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { broken, type Case, type Context, type Result } from '../case.ts'
import { Client } from '../http.ts'
import { onMemoryDisk } from '../memory-disk.ts'
import { TOKEN, withService } from '../service-process.ts'
import { holds } from '../stack/prometheus.ts'

const BUDGET = 20_000_000
const SHARE = 1.2
const WITHIN_MS = 120_000
const BATCH = 1_000
const SENDERS = 8
const SMALL_DISK = '300m'

/** Posts so many events of about 500 bytes, as fast as they are taken; answers the ms that it took and how many were refused. */
async function flood (base: string, total: number): Promise<{ ms: number, refused: number }> {
  const startedAt = performance.now()
  const client = new Client(base, TOKEN, SENDERS)
  let next = 0
  let refused = 0
  const send = async (): Promise<void> => {
    while (next < total) {
      const first = next
      next += BATCH
      const { status } = await client.post('/events', Array.from({ length: BATCH }, (_, at) => ({ service: 'shop', message: `order ${first + at} was paid`, meta: { note: `${first + at} `.repeat(50) } })))
      if (status !== 201) refused += BATCH
    }
  }
  try {
    await Promise.all(Array.from({ length: SENDERS }, send))
    return { ms: performance.now() - startedAt, refused }
  } finally {
    client.close()
  }
}

function bytesOf (folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0)
}

/** Far more than the budget comes at once: the files shrink to it, and do not only stop to grow. */
async function burst ({ isShort }: Context): Promise<Result> {
  const events = isShort ? 100_000 : 850_000
  return withService({ settings: { RETENTION_BYTES: String(BUDGET) } }, async ({ base, dataDir }) => {
    const { ms, refused } = await flood(base, events)
    const peak = bytesOf(dataDir)
    const startedAt = performance.now()
    const isHeld = await holds(async () => bytesOf(dataDir) <= BUDGET * SHARE, WITHIN_MS)
    return {
      figures: { events, 'in s': ms / 1_000, 'peak MB': peak / 1e6, 'MB after': bytesOf(dataDir) / 1e6, 'after s': (performance.now() - startedAt) / 1_000, refused },
      faults: broken([isHeld, `${bytesOf(dataDir)} bytes are kept after ${WITHIN_MS / 1_000} s, ${BUDGET * SHARE} are allowed`])
    }
  })
}

/** The disk is full several times over; what is old goes, and what is new is taken. */
async function smallDisk ({ isShort }: Context): Promise<Result> {
  const events = isShort ? 200_000 : 1_500_000
  return onMemoryDisk(SMALL_DISK, (folder) => withService({ dataDir: join(folder, 'data') }, async ({ base, dataDir }) => {
    const { ms, refused } = await flood(base, events)
    const client = new Client(base, TOKEN)
    try {
      const isTaken = await holds(async () => (await client.post('/events', { message: 'afterwards' })).status === 201, WITHIN_MS)
      return { figures: { events, 'in s': ms / 1_000, refused, 'MB kept': bytesOf(dataDir) / 1e6 }, faults: broken([isTaken, 'nothing more is taken'], [refused < events / 2, `${refused} of ${events} events were refused`]) }
    } finally {
      client.close()
    }
  }))
}

export const budgetCases: readonly Case[] = [
  { name: 'BUDGET', title: 'RETENTION_BYTES holds on the disk within two minutes of a burst', run: burst },
  { name: 'SMALL', title: 'ingest goes on where the disk is full several times over', run: smallDisk }
]
