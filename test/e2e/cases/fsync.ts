import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { broken, figuresOf, Skip, type Case, type Context, type Result } from '../case.ts'
import { faultsOf, Oracle } from '../oracle.ts'
import { TOKEN, runTool, withService, type ServiceProcess } from '../service-process.ts'

const CALLS = 'fsync,fdatasync,write,writev,pwrite64,pwritev,sendto,sendmsg'
const SYNCS_PER_ANSWER = 0.2

type Call = 'sync' | 'log write' | 'answer'

/**
 * Reduces a trace of `strace -f -y` to what matters, in order: a sync that has returned, a write to the write-ahead
 * log, a 201 on a socket. A call that was interrupted counts where it was resumed.
 */
function parseTrace (trace: string): Call[] {
  const calls: Call[] = []
  for (const line of trace.split('\n')) {
    const call = parseLine(line)
    if (call !== undefined) calls.push(call)
  }
  return calls
}

function parseLine (line: string): Call | undefined {
  if (/(\b(fsync|fdatasync)\(.*\)|<\.\.\. (fsync|fdatasync) resumed>.*)\s+= 0/.test(line)) return 'sync'
  if (/\b(write|writev|sendto|sendmsg)\(.*"HTTP\/1\.1 201/.test(line)) return 'answer'
  if (/\bp?writev?(64)?\(\d+<[^>]*-wal>/.test(line)) return 'log write'
  return undefined
}

/** Traces the process while `use` runs. Throws Skip when strace is missing or may not attach. */
async function traced (service: ServiceProcess, use: () => Promise<void>): Promise<Call[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bellwether-trace-'))
  const file = join(folder, 'trace')
  try {
    const strace = spawn('strace', ['-f', '-y', '-s', '24', '-e', `trace=${CALLS}`, '-o', file, '-p', String(service.pid)], { stdio: ['ignore', 'ignore', 'pipe'] })
    const ended = once(strace, 'close')
    await attached(strace.stderr)
    await use()
    strace.kill('SIGINT')
    await ended
    return parseTrace(readFileSync(file, 'utf8'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function attached (stderr: Readable): Promise<void> {
  let output = ''
  for await (const chunk of stderr.iterator({ destroyOnReturn: false })) {
    output += String(chunk)
    if (!/attached/.test(output)) continue
    stderr.resume()
    return
  }
  throw new Skip(`strace could not attach: ${output.trim()}`)
}

async function synced ({ isShort }: Context): Promise<Result> {
  if ((await runTool('strace', ['-V'])).code !== 0) throw new Skip('strace is missing')
  return withService({}, async (service) => {
    const oracle = new Oracle({ base: service.base, token: TOKEN })
    try {
      const one = await traced(service, () => oracle.load.fresh(5_000))
      const many = await traced(service, async () => {
        oracle.load.start()
        await delay(isShort ? 2_000 : 10_000)
        await oracle.load.stop()
      })
      const report = await oracle.audit()
      return { figures: { ...figuresOf(report), ...figuresOfTrace(many) }, faults: [...faultsOf(report), ...faultsOfTrace(one, many)] }
    } finally {
      await oracle.close()
    }
  })
}

function figuresOfTrace (many: readonly Call[]): Record<string, number> {
  const syncs = countOf(many, 'sync')
  const answers = countOf(many, 'answer')
  return { syncs, answers, 'syncs an answer': syncs / answers }
}

function faultsOfTrace (one: readonly Call[], many: readonly Call[]): string[] {
  const beforeAnswer = one.slice(0, one.indexOf('answer'))
  const answers = countOf(many, 'answer')
  return broken(
    [one.includes('answer'), `no 201 in the trace of one request: ${one.join(', ')}`],
    [beforeAnswer.includes('log write'), `no write to the log before the 201: ${one.join(', ')}`],
    [beforeAnswer.lastIndexOf('sync') > beforeAnswer.lastIndexOf('log write'), `no sync between the write and the 201: ${one.join(', ')}`],
    [answers > 0 && countOf(many, 'sync') / answers <= SYNCS_PER_ANSWER, `more than ${SYNCS_PER_ANSWER} syncs an answer: commits are not grouped`]
  )
}

function countOf (calls: readonly Call[], sought: Call): number {
  return calls.filter((call) => call === sought).length
}

export const fsyncCases: readonly Case[] = [
  { name: 'R03', title: 'the fsync returns before the 201 is written, and one serves many answers', run: synced }
]
