import { randomFillSync } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import SqliteDatabase from 'better-sqlite3'
import { broken, type Case, type Context, type Result } from '../case.ts'
import { Client } from '../http.ts'
import { ServiceProcess, TOKEN } from '../service-process.ts'
import { hashOf } from '../store-files.ts'
import { filled } from './start.ts'

const FILE = 'bellwether.db'
const WAL_HEADER_BYTES = 32
const ANSWERS_WITHIN_MS = 15_000
const SHORT_EVENTS = 2_000
const LONG_EVENTS = 20_000
/** What a start may end in: it stands by, it is refused, or it is as healthy as before, with every event. */
type End = 'stands by' | 'refused' | 'whole'

interface Variant {
  damage: (folder: string, random: () => number) => void
  ends: readonly End[]
}

const noticed = (damage: Variant['damage']): Variant => ({ damage, ends: ['stands by'] })
const perhaps = (damage: Variant['damage']): Variant => ({ damage, ends: ['stands by', 'whole'] })
const refused = (damage: Variant['damage']): Variant => ({ damage, ends: ['refused'] })

const VARIANTS: Readonly<Record<string, Variant>> = {
  'overwritten in the middle': noticed((folder) => change(join(folder, FILE), (bytes) => randomFillSync(bytes, bytes.length >> 2, bytes.length >> 1))),
  'cut in half': noticed((folder) => cut(join(folder, FILE), 0.5)),
  'cut to a page': noticed((folder) => truncateSync(join(folder, FILE), 4_096)),
  // The log may hold the same page.
  'header zeroed': perhaps((folder) => change(join(folder, FILE), (bytes) => bytes.fill(0, 0, 100))),
  noise: noticed((folder) => writeFileSync(join(folder, FILE), randomFillSync(Buffer.alloc(100_000)))),
  'a text': noticed((folder) => writeFileSync(join(folder, FILE), 'This is no database.\n'.repeat(1_000))),
  'zero length': noticed((folder) => truncateSync(join(folder, FILE), 0)),
  'zero length, log removed': noticed((folder) => {
    remove(folder, '-wal')
    truncateSync(join(folder, FILE), 0)
  }),
  removed: noticed((folder) => remove(folder, '')),
  'removed with its log': noticed((folder) => remove(folder, '', '-wal', '-shm')),
  'removed with all but the secrets': noticed((folder) => remove(folder, '', '-wal', '-shm', '-audit', '-marker')),
  'log removed': noticed((folder) => remove(folder, '-wal')),
  'log removed with its index': noticed((folder) => remove(folder, '-wal', '-shm')),
  'log emptied': noticed((folder) => truncateSync(join(folder, `${FILE}-wal`), 0)),
  // It may end in what was folded in already.
  'log cut in half': perhaps((folder) => cut(join(folder, `${FILE}-wal`), 0.5)),
  'log flipped in its header': noticed((folder) => flip(join(folder, `${FILE}-wal`), 16)),
  'log flipped early': noticed((folder) => flip(join(folder, `${FILE}-wal`), WAL_HEADER_BYTES + 24 + 100)),
  'log flipped somewhere': perhaps((folder, random) => change(join(folder, `${FILE}-wal`), (bytes) => flipAt(bytes, Math.floor(random() * bytes.length)))),
  'log of noise': noticed((folder) => change(join(folder, `${FILE}-wal`), (bytes) => randomFillSync(bytes))),
  'another store': noticed((folder) => foreign(folder, "CREATE TABLE kysely_migration (name, timestamp); INSERT INTO kysely_migration VALUES ('001-foundation', '2020-01-01')")),
  'the database of another program': refused((folder) => foreign(folder, 'CREATE TABLE notes (text); INSERT INTO notes VALUES (1)')),
  'the marked database of another program': refused((folder) => foreign(folder, 'PRAGMA application_id = 252006673; CREATE TABLE notes (text)')),
  'a folder': refused((folder) => {
    remove(folder, '')
    mkdirSync(join(folder, FILE))
  }),
  'a dangling link': refused((folder) => {
    remove(folder, '')
    symlinkSync('nowhere.db', join(folder, FILE))
  })
}

/** Kills a service that has stored so many events, and keeps what stands in its folder. */
async function killedFolder (folder: string, events: number): Promise<string> {
  const dataDir = join(folder, 'killed')
  const service = new ServiceProcess({ dataDir })
  try {
    await service.start()
    const oracle = await filled(service, events)
    await service.kill()
    await oracle.close()
    return dataDir
  } finally {
    await service.close()
  }
}

async function variants ({ isShort, random }: Context): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'bellwether-damage-'))
  const events = isShort ? SHORT_EVENTS : LONG_EVENTS
  try {
    const killed = await killedFolder(folder, events)
    const chosen = Object.entries(VARIANTS).filter((_, index) => !isShort || index % 5 === 1)
    const ends: Record<End, number> = { 'stands by': 0, refused: 0, whole: 0 }
    const faults: string[] = []
    for (const [index, [name, variant]] of chosen.entries()) {
      const dataDir = join(folder, String(index))
      copyFolder(killed, dataDir)
      const { end, found } = await startedOn(dataDir, variant, { random, events })
      if (end !== undefined) ends[end]++
      faults.push(...found.map((fault) => `${name}: ${fault}`))
    }
    return { figures: { variants: chosen.length, ...ends, events }, faults }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function startedOn (dataDir: string, { damage, ends }: Variant, { random, events }: { random: () => number, events: number }): Promise<{ end: End | undefined, found: string[] }> {
  damage(dataDir, random)
  const before = hashes(dataDir)
  const service = new ServiceProcess({ dataDir })
  try {
    service.launch()
    const end = await endOf(service, events)
    const found = end === 'stands by' ? await faultsOfWaiting(service) : []
    await service.kill()
    const after = new Set(hashes(dataDir).values())
    const changed = Array.from(before.keys()).filter((name) => !name.endsWith('-shm') && !after.has(before.get(name) ?? ''))
    return {
      end,
      found: [...found, ...broken(
        [end !== undefined && ends.includes(end), `${end ?? 'started as healthy with events missing'}: ${service.output.slice(-500)}`],
        [end === 'whole' || changed.length === 0, `not kept as it was: ${changed.join(', ')}`]
      )]
    }
  } finally {
    await service.close()
  }
}

/** Undefined when it is ready without all its events. */
async function endOf (service: ServiceProcess, events: number): Promise<End | undefined> {
  const ended = await Promise.race([service.exited(ANSWERS_WITHIN_MS).then(() => true, () => false), answers(service)])
  if (ended) return 'refused'
  const client = new Client(service.base, TOKEN)
  try {
    if ((await client.call({ path: '/readyz' })).status === 503) return 'stands by'
    await service.stop()
    return storedIn(join(service.dataDir, FILE)) >= events ? 'whole' : undefined
  } finally {
    client.close()
  }
}

async function answers (service: ServiceProcess): Promise<boolean> {
  const client = new Client(() => service.base)
  const deadline = performance.now() + ANSWERS_WITHIN_MS
  const isUp = async (): Promise<boolean> => service.port !== 0 && await client.call({ path: '/readyz' }).then(({ status }) => status === 200 || service.output.includes('NOT READY'), () => false)
  while (performance.now() < deadline && !await isUp()) await delay(20)
  client.close()
  return false
}

async function faultsOfWaiting (service: ServiceProcess): Promise<string[]> {
  const client = new Client(service.base, TOKEN)
  try {
    const health = await client.call({ path: '/health' })
    const sent = await client.post('/events', { message: 'into a damaged store' })
    const registered = await client.post('/api/register', { username: 'intruder', password: 'a password that is long' })
    return broken(
      [health.status === 503 && /recover/.test(health.text), `/health says ${health.status} ${health.text}`],
      [sent.status === 503 && sent.headers['retry-after'] !== undefined, `a sender gets ${sent.status} ${sent.text}`],
      [registered.status === 503, `a registration gets ${registered.status}`]
    )
  } finally {
    client.close()
  }
}

function storedIn (file: string): number {
  const raw = new SqliteDatabase(file, { readonly: true })
  try {
    return Number(raw.prepare('SELECT coalesce(sum(rows), 0) FROM partitions').pluck().get())
  } finally {
    raw.close()
  }
}

function hashes (folder: string): Map<string, string> {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile() && !entry.name.endsWith('.lock'))
  return new Map(files.map(({ name }) => [name, hashOf(join(folder, name))]))
}

function copyFolder (from: string, to: string): void {
  mkdirSync(to, { mode: 0o700 })
  for (const name of readdirSync(from)) copyFileSync(join(from, name), join(to, name))
}

function change (file: string, how: (bytes: Buffer) => unknown): void {
  const bytes = readFileSync(file)
  how(bytes)
  writeFileSync(file, bytes)
}

function cut (file: string, share: number): void {
  truncateSync(file, Math.floor(readFileSync(file).length * share))
}

function flip (file: string, at: number): void {
  change(file, (bytes) => flipAt(bytes, at))
}

function flipAt (bytes: Buffer, at: number): void {
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
}

function remove (folder: string, ...companions: string[]): void {
  for (const companion of companions) rmSync(join(folder, FILE + companion), { force: true })
}

function foreign (folder: string, sql: string): void {
  remove(folder, '', '-wal', '-shm')
  const raw = new SqliteDatabase(join(folder, FILE))
  raw.exec(sql)
  raw.close()
}

export const damageCases: readonly Case[] = [
  { name: 'R54', title: 'no damaged, exchanged or missing store starts as a healthy one, and none is overwritten', run: variants }
]
