import { mkdirSync, mkdtempSync, rmSync, statSync, watch } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { Migrator } from 'kysely/migration'
import { openForWriting } from '../../../src/store/hot/database.ts'
import { migrations } from '../../../src/store/hot/migrations/index.ts'
import { layOldPartition } from '../../store/hot/days/old-partition.ts'
import { broken, Skip, type Case, type Context, type Result } from '../case.ts'
import { runTool, ServiceProcess } from '../service-process.ts'

const FILE = 'bellwether.db'
const LOG = `${FILE}-wal`
/** What stood before migrations ran in one transaction. */
const OLD_VERSION = 4
const UPGRADE_MS = 15
const FIRST_START_MS = 60
/** A service that bears the fault goes on running: long enough to be past its start. */
const FAULTS_WITHIN_SECONDS = 5

/** Makes a store as an earlier version left it, with so many events. */
async function oldStore (dataDir: string, events: number): Promise<void> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const connection = openForWriting(join(dataDir, FILE), 'fast')
  const known = Object.fromEntries(Object.entries(migrations).slice(0, OLD_VERSION))
  await new Migrator({ db: connection.db, provider: { getMigrations: async () => known } }).migrateToLatest()
  connection.raw.pragma(`user_version = ${OLD_VERSION}`)
  const old = Array.from({ length: events }, (_, at) => ({ clientId: `old-${at}`, message: `before the upgrade ${at}` }))
  connection.raw.transaction(() => layOldPartition(connection.raw, Date.now(), old))()
  await connection.close()
}

/** Starts the service and kills it so many ms after it first touches what is named. */
async function killedEarly (service: ServiceProcess, isTouched: (name: string) => boolean, afterMs: number): Promise<void> {
  mkdirSync(service.dataDir, { recursive: true, mode: 0o700 })
  const touched = Promise.withResolvers<void>()
  const watcher = watch(service.dataDir, (_event, name) => {
    if (name === null || !isTouched(name)) return
    const until = performance.now() + afterMs
    // A timer is too coarse for what takes 12 ms.
    while (performance.now() < until);
    service.signal('SIGKILL')
    touched.resolve()
  })
  service.launch()
  await Promise.race([touched.promise, service.exited()])
  watcher.close()
  await service.kill()
}

/** A look at the store alone makes an empty log. */
function isWritten (file: string): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0
}

/** The events that are there once the service came up; undefined when it does not. */
async function rowsAfterStart (service: ServiceProcess): Promise<number | undefined> {
  try {
    await service.start()
    await service.stop()
  } catch {
    return undefined
  }
  const raw = new SqliteDatabase(join(service.dataDir, FILE), { readonly: true })
  try {
    const tables = raw.prepare("SELECT name FROM sqlite_schema WHERE name GLOB 'events_[0-9]*' AND type = 'table'").pluck().all().map(String)
    return tables.reduce((sum, table) => sum + Number(raw.prepare(`SELECT count(*) FROM ${table}`).pluck().get()), 0)
  } finally {
    raw.close()
  }
}

async function inFolder<T> (use: (service: ServiceProcess) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'bellwether-upgrade-'))
  const service = new ServiceProcess({ dataDir: join(folder, 'data') })
  try {
    return await use(service)
  } finally {
    await service.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs the service while every call of one kind on its write-ahead log fails from the nth on; it may end or go on. */
async function withFault (dataDir: string, fault: string, nth: number): Promise<string> {
  const file = join(dataDir, LOG)
  const call = fault.startsWith('fdatasync') ? 'fdatasync' : 'pwrite64'
  const { output } = await runTool('timeout', [
    '-s', 'KILL', String(FAULTS_WITHIN_SECONDS), 'env', `DATA_DIR=${dataDir}`, 'PORT=0', 'CANARY_INTERVAL=0s',
    'strace', '-f', '-qq', '-o', '/dev/null', '-P', file, '-e', `trace=${call}`, '-e', `inject=${fault}:when=${nth}+`,
    process.execPath, join(import.meta.dirname, '..', '..', '..', 'bin', 'bellwether.js'), 'serve'
  ])
  return output
}

async function upgrades ({ isShort, random }: Context): Promise<Result> {
  const events = isShort ? 10_000 : 100_000
  const kills = isShort ? 2 : 20
  const faults: string[] = []
  let up = 0
  for (let i = 0; i < kills; i++) {
    const afterMs = random() * UPGRADE_MS
    const rows = await inFolder(async (service) => {
      await oldStore(service.dataDir, events)
      await killedEarly(service, (name) => name === LOG && isWritten(join(service.dataDir, LOG)), afterMs)
      return rowsAfterStart(service)
    })
    if (rows === events) up++
    else faults.push(`killed ${afterMs.toFixed(1)} ms after the first write: ${rows === undefined ? 'never starts again' : `${rows} of ${events} rows`}`)
  }
  return { figures: { 'upgrades killed': kills, 'came up whole': up, rows: events }, faults }
}

async function firstStarts ({ isShort, random }: Context): Promise<Result> {
  const kills = isShort ? 2 : 20
  const faults: string[] = []
  for (let i = 0; i < kills; i++) {
    const afterMs = random() * FIRST_START_MS
    const rows = await inFolder(async (service) => {
      await killedEarly(service, (name) => name.startsWith(FILE), afterMs)
      return rowsAfterStart(service)
    })
    if (rows === undefined) faults.push(`first start killed after ${afterMs.toFixed(1)} ms: never starts again`)
  }
  return { figures: { 'first starts killed': kills, 'came up': kills - faults.length }, faults }
}

const DISK_FAULTS = ['fdatasync:error=EIO', 'pwrite64:error=ENOSPC'] as const

async function diskFaults ({ isShort }: Context): Promise<Result> {
  if ((await runTool('strace', ['-V'])).code !== 0) throw new Skip('strace is missing')
  const events = isShort ? 1_000 : 100_000
  const faults: string[] = []
  for (const fault of DISK_FAULTS) {
    for (const nth of isShort ? [1] : [1, 2, 4, 8, 16]) {
      const { rows, output } = await inFolder(async (service) => {
        await oldStore(service.dataDir, events)
        const output = await withFault(service.dataDir, fault, nth)
        return { output, rows: await rowsAfterStart(service) }
      })
      faults.push(...broken(
        [rows === events, `${fault} from call ${nth} on: ${rows === undefined ? 'never starts again' : `${rows} of ${events} rows`}`],
        [!/^\s+at .+:\d+:\d+\)?$/m.test(output), `${fault} from call ${nth} on: a stack trace instead of a sentence: ${output}`]
      ))
    }
  }
  return { figures: { 'disk faults': DISK_FAULTS.length * (isShort ? 1 : 5) }, faults }
}

/** One after the other on stores of their own: what is left after any of them must start, whole. */
async function interrupted (context: Context): Promise<Result> {
  const results = [await upgrades(context), await firstStarts(context), await diskFaults(context)]
  return { figures: Object.assign({}, ...results.map(({ figures }) => figures)), faults: results.flatMap(({ faults }) => faults) }
}

export const upgradeCases: readonly Case[] = [
  { name: 'R13', title: 'an upgrade or a first start that is cut off at any moment is gone on with', run: interrupted }
]
