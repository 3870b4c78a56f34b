import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { setTimeout as delay } from 'node:timers/promises'
import { broken, figuresOf, type Case, type Context, type Result } from '../case.ts'
import { Client } from '../http.ts'
import { faultsOf, Oracle } from '../oracle.ts'
import { onMemoryDisk } from '../memory-disk.ts'
import { runTool, ServiceProcess, TOKEN, withService, type Exit } from '../service-process.ts'
import { hashOf, settle, storeFile } from '../store-files.ts'

const REFUSE_WITHIN_MS = 5_000
const STACK_TRACE = /^\s+at .+:\d+:\d+\)?$/m

/** Fills the store with known events; the service runs on. */
export async function filled (service: ServiceProcess, total: number): Promise<Oracle> {
  const oracle = new Oracle({ base: () => service.base, token: TOKEN, connections: 8, batch: 100, total })
  oracle.load.start()
  await oracle.load.finished()
  return oracle
}

/** Starts a service that must refuse, and says how it ended and what it printed. */
async function refusal (service: ServiceProcess): Promise<{ exit: Exit, output: string, ms: number }> {
  const startedAt = performance.now()
  service.launch()
  const exit = await service.exited(REFUSE_WITHIN_MS)
  return { exit, output: service.output, ms: performance.now() - startedAt }
}

function refusalFaults ({ exit, output }: { exit: Exit, output: string }, words: RegExp): string[] {
  return broken(
    [exit.code !== 0 && exit.code !== null, `ended with ${JSON.stringify(exit)}: no refusal`],
    [words.test(output), `no clear line (${words.source}) in: ${output}`],
    [!STACK_TRACE.test(output), `a stack trace instead of a sentence: ${output}`]
  )
}

async function newerSchema (): Promise<Result> {
  return withService({}, async (service) => {
    const oracle = await filled(service, 1_000)
    await service.stop()
    const file = storeFile(service.dataDir)
    settle(file, (db) => { db.pragma(`user_version = ${Number(db.pragma('user_version', { simple: true })) + 1}`) })
    const before = hashOf(file)
    const refused = await refusal(service)
    const faults = [...refusalFaults(refused, /newer|version/i), ...broken([hashOf(file) === before, 'the file was written to'])]
    settle(file, (db) => { db.pragma(`user_version = ${Number(db.pragma('user_version', { simple: true })) - 1}`) })
    await service.start()
    const report = await oracle.audit()
    await oracle.close()
    return { figures: { ...figuresOf(report), 'refused after ms': refused.ms, 'exit code': String(refused.exit.code) }, faults: [...faults, ...faultsOf(report)] }
  })
}

async function remount (folder: string, mode: 'ro' | 'rw'): Promise<void> {
  const { code, output } = await runTool('mount', ['-o', `remount,${mode}`, folder])
  if (code !== 0) throw new Error(`remounting ${mode}: ${output}`)
}

async function readOnly (): Promise<Result> {
  return onMemoryDisk('512m', async (folder) => {
    const service = new ServiceProcess({ dataDir: join(folder, 'data') })
    mkdirSync(service.dataDir, { mode: 0o700 })
    await service.start()
    const oracle = await filled(service, 1_000)
    try {
      await service.stop()
      await remount(folder, 'ro')
      const { how, faults } = await startedReadOnly(service)
      await service.kill()
      await remount(folder, 'rw')
      await service.start()
      const report = await oracle.audit()
      return { figures: { ...figuresOf(report), how }, faults: [...faults, ...faultsOf(report)] }
    } finally {
      await oracle.close()
      await service.close()
    }
  })
}

/** Two answers are right: a refusal with a clear line, or reads with 200 and writes with 503. */
async function startedReadOnly (service: ServiceProcess): Promise<{ how: string, faults: string[] }> {
  service.launch()
  const ended = await Promise.race([service.exited(REFUSE_WITHIN_MS * 2), listening(service)])
  if (ended !== undefined) return { how: `refused, exit ${ended.code}`, faults: refusalFaults({ exit: ended, output: service.output }, /read-?only|not writable|cannot write|EROFS/i) }
  const client = new Client(service.base, TOKEN)
  const read = await client.call({ path: '/events?limit=1' })
  const write = await client.post('/events', { message: 'into a read-only store' })
  client.close()
  return {
    how: 'reads 200, writes 503',
    faults: broken([read.status === 200, `a read answers ${read.status}`], [write.status === 503, `a write answers ${write.status} ${write.text}`])
  }
}

async function listening (service: ServiceProcess): Promise<undefined> {
  const client = new Client(() => service.base)
  const deadline = performance.now() + REFUSE_WITHIN_MS
  while (performance.now() < deadline && !await client.call({ path: '/livez' }).then(() => true, () => false)) await delay(20)
  client.close()
}

async function secondProcess ({ isShort }: Context): Promise<Result> {
  return withService({}, async (first) => {
    const oracle = new Oracle({ base: first.base, token: TOKEN, connections: 16 })
    const second = new ServiceProcess({ dataDir: first.dataDir })
    try {
      oracle.load.start()
      const faults: string[] = []
      for (let i = 0; i < (isShort ? 2 : 10); i++) faults.push(...refusalFaults(await refusal(second), /already|another|in use|running/i))
      const report = await oracle.audit()
      faults.push(...faultsOf(report), ...oracle.load.unexpected.slice(0, 3))
      return { figures: figuresOf(report), faults: [...faults, ...broken([oracle.load.lost.length === 0, 'the first process dropped requests'])] }
    } finally {
      await oracle.close()
      await second.close()
    }
  })
}

/** A foreign program (a backup, a shell) holds the write lock for a while: nothing may be lost, and nothing but 503 refused. */
async function locked ({ isShort }: Context): Promise<Result> {
  return withService({}, async (service) => {
    const oracle = new Oracle({ base: service.base, token: TOKEN, connections: 16 })
    try {
      oracle.load.start()
      await delay(300)
      const how = await lockFor(storeFile(service.dataDir), isShort ? 2_000 : 8_000)
      const report = await oracle.audit()
      return {
        figures: { ...figuresOf(report), how },
        faults: [...faultsOf(report), ...oracle.load.unexpected.slice(0, 3), ...broken(
          [oracle.load.refusalsWithoutRetryAfter === 0, 'a refusal without Retry-After'],
          [!/SQLITE_BUSY|database is locked/.test(service.output), 'the log says "database is locked"']
        )]
      }
    } finally {
      await oracle.close()
    }
  })
}

async function lockFor (file: string, ms: number): Promise<string> {
  const outsider = new SqliteDatabase(file, { timeout: 2_000 })
  try {
    outsider.exec('BEGIN IMMEDIATE')
  } catch (error) {
    if (error instanceof SqliteDatabase.SqliteError && error.code.startsWith('SQLITE_BUSY')) return 'the service lets nobody in'
    throw error
  }
  try {
    await delay(ms)
    outsider.exec('ROLLBACK')
    return `lock held for ${ms} ms`
  } finally {
    outsider.close()
  }
}

export const startCases: readonly Case[] = [
  { name: 'R12', title: 'a read-only store is said clearly, or read and not written', run: readOnly },
  { name: 'R14', title: 'a newer schema is refused and not touched', run: newerSchema },
  { name: 'SECOND', title: 'a second process on the same folder is refused, the first goes on', run: secondProcess },
  { name: 'LOCKED', title: 'a lock held by a foreign program loses nothing', run: locked }
]
