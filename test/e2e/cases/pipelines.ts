import { appendFileSync, copyFileSync, existsSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { broken, type Case, type Context, type Result } from '../case.ts'
import { onMemoryDisk } from '../memory-disk.ts'
import { inFolder, REMEMBERING, RunProcess, writeLines } from '../pipeline-program.ts'
import { runTool } from '../service-process.ts'
import { holds } from '../stack/prometheus.ts'

const FLAGS = ['--file', 'in', '--config', 'p.json', '--output', 'out', '--quiet']
const WITHIN_MS = 60_000
const MOST_ROTATED = 30

function isSame (folder: string, name: string, other: string): boolean {
  return readFileSync(join(folder, name)).equals(readFileSync(join(folder, other)))
}

/** Ends runs at random moments, and has others go on; what comes out in the end is what one run would have given. */
async function killed ({ isShort, random }: Context): Promise<Result> {
  return inFolder(async (folder) => {
    await writeLines(join(folder, 'in'), isShort ? 800_000 : 3_000_000)
    writeFileSync(join(folder, 'p.json'), JSON.stringify(REMEMBERING))
    const startedAt = performance.now()
    await new RunProcess(folder, [...FLAGS.map((flag) => flag === 'out' ? 'whole' : flag)]).ended
    const wholeMs = performance.now() - startedAt
    const rounds = isShort ? 4 : 20
    const faults: string[] = []
    let kills = 0
    for (let round = 0; round < rounds; round++) {
      let run = new RunProcess(folder, FLAGS)
      // Twice in a round, so that a run that goes on is ended too.
      for (let kill = 0; kill < 2; kill++) {
        await Promise.race([delay(random() * wholeMs), run.ended])
        if (run.child.exitCode === null) kills++
        run.child.kill(random() < 0.8 ? 'SIGKILL' : 'SIGINT')
        await run.ended
        run = new RunProcess(folder, [...FLAGS, '--resume'])
      }
      const code = await run.ended
      faults.push(...broken(
        [code === 0, `round ${round} ended with ${code}: ${run.stderr}`],
        [isSame(folder, 'out', 'whole'), `round ${round}: the output differs`],
        [isSame(folder, 'out.errors.ndjson', 'whole.errors.ndjson'), `round ${round}: the dead letters differ`]
      ))
    }
    return { figures: { rounds, kills, 's uninterrupted': wholeMs / 1_000 }, faults }
  })
}

/** The disk of the output is full in the middle of a run; with room, the run goes on. */
async function full ({ isShort }: Context): Promise<Result> {
  return inFolder((folder) => onMemoryDisk('4m', async (disk) => {
    await writeLines(join(folder, 'in'), isShort ? 400_000 : 2_000_000)
    writeFileSync(join(folder, 'p.json'), JSON.stringify({ processors: [{ type: 'line_counter', id: 'c' }] }))
    const flags = ['--file', 'in', '--config', 'p.json', '--quiet', '--output']
    await new RunProcess(folder, [...flags, 'whole']).ended
    const run = new RunProcess(folder, [...flags, join(disk, 'out')])
    const code = await run.ended
    const bytes = statSync(join(disk, 'out')).size
    await runTool('mount', ['-o', 'remount,size=400m', disk])
    const other = new RunProcess(folder, [...flags, join(disk, 'out'), '--resume'])
    const end = await other.ended
    return {
      figures: { 'MB when full': bytes / 1e6, code: String(code), 'code after': String(end) },
      faults: broken(
        [code === 1 && /no space is left on the disk/.test(run.stderr), `ended with ${code}: ${run.stderr}`],
        [end === 0, `goes on with ${end}: ${other.stderr}`],
        [readFileSync(join(folder, 'whole')).equals(readFileSync(join(disk, 'out'))), 'the output differs']
      )
    }
  }))
}

/** A log that somebody writes to, while it is rotated in every way. */
class Log {
  readonly #folder: string
  written = 0

  constructor (folder: string) {
    this.#folder = folder
  }

  path (name = 'app.log'): string {
    return join(this.#folder, name)
  }

  write (count: number): void {
    appendFileSync(this.path(), Array.from({ length: count }, () => `line ${this.written++}\n`).join(''))
  }

  shift (): void {
    for (let at = MOST_ROTATED; at > 2; at--) this.#move(`app.log.${at}.gz`, `app.log.${at + 1}.gz`)
    this.#pack('app.log.2', 'app.log.3.gz')
    this.#move('app.log.1', 'app.log.2')
  }

  #move (from: string, to: string): void {
    if (existsSync(this.path(from))) renameSync(this.path(from), this.path(to))
  }

  /** Keeps the time of the file, as gzip does. */
  #pack (from: string, to: string): void {
    if (!existsSync(this.path(from))) return
    const { atime, mtime } = statSync(this.path(from))
    writeFileSync(this.path(to), gzipSync(readFileSync(this.path(from))))
    utimesSync(this.path(to), atime, mtime)
    rmSync(this.path(from))
  }

  rename (): void {
    this.shift()
    renameSync(this.path(), this.path('app.log.1'))
  }

  out (): string[] {
    return existsSync(this.path('out')) ? readFileSync(this.path('out'), 'utf8').split('\n').slice(0, -1) : []
  }
}

type Turn = (log: Log, count: () => number) => void

const TURNS: Record<string, Turn> = {
  lines: (log, count) => { log.write(count()) },
  rename: (log, count) => {
    log.rename()
    log.write(count())
  },
  twice: (log, count) => {
    log.rename()
    log.write(count())
    log.rename()
    log.write(count())
  },
  symlink: (log, count) => {
    const target = `target-${log.written}.txt`
    renameSync(log.path(), log.path(`old-${log.written}.txt`))
    symlinkSync(target, log.path())
    log.write(count())
  }
}

/** Needs that all was read before: what nobody read is gone. */
const CAUGHT_UP: Record<string, Turn> = {
  remove: (log, count) => {
    rmSync(log.path())
    log.write(count())
  },
  copytruncate: (log, count) => {
    log.shift()
    copyFileSync(log.path(), log.path('app.log.1'))
    truncateSync(log.path())
    log.write(count())
  }
}

const hasCaughtUp = (log: Log): Promise<boolean> => holds(() => Promise.resolve(log.out().length >= log.written), WITHIN_MS)

async function rotated ({ isShort, random }: Context): Promise<Result> {
  return inFolder(async (folder) => {
    writeFileSync(join(folder, 'p.json'), '{"processors": [{"type": "trim"}]}')
    const flags = ['--file', 'app.log', '--follow', '--config', 'p.json', '--output', 'out', '--quiet']
    const log = new Log(folder)
    const turns = isShort ? 30 : 200
    const faults: string[] = []
    let stops = 0
    log.write(50)
    let run = new RunProcess(folder, flags)
    faults.push(...broken([await hasCaughtUp(log), `it does not begin: ${run.stderr}`]))
    for (let turn = 0; turn < turns && faults.length === 0; turn++) {
      const names = Object.keys({ ...TURNS, ...CAUGHT_UP })
      const name = names[Math.floor(random() * names.length)] ?? 'lines'
      const isStopped = random() < 0.3 && name in TURNS && name !== 'symlink'
      if (name in CAUGHT_UP || name === 'symlink' || isStopped) faults.push(...broken([await hasCaughtUp(log), `turn ${turn}, before ${name}: ${log.out().length} of ${log.written} lines; ${run.stderr}`]))
      if (isStopped) {
        run.child.kill('SIGINT')
        await run.ended
        stops++
      }
      const act = TURNS[name] ?? CAUGHT_UP[name]
      act?.(log, () => 1 + Math.floor(random() * 200))
      if (isStopped) run = new RunProcess(folder, [...flags, '--resume'])
      // As many looks as it takes to see it, or fewer.
      if (random() < 0.7) await delay(random() * 1_500)
    }
    faults.push(...broken([await hasCaughtUp(log), `${log.out().length} of ${log.written} lines came out; ${run.stderr}`]))
    run.child.kill('SIGTERM')
    const code = await run.ended
    const out = log.out()
    const seen = new Set(out)
    const lost = Array.from({ length: log.written }, (_, at) => `line ${at}`).filter((line) => !seen.has(line)).length
    return {
      figures: { turns, stops, lines: log.written, lost, doubled: out.length - seen.size },
      faults: [...faults, ...broken([lost === 0, `${lost} lines are lost`], [out.length === seen.size, 'lines came out twice'], [code === 143, `ended with ${code}: ${run.stderr}`])]
    }
  })
}

export const pipelineCases: readonly Case[] = [
  { name: 'RESUME', title: 'a run killed at random moments goes on, and gives what one without an end gives', run: killed },
  { name: 'RUNFULL', title: 'a run whose disk is full goes on when there is room, and nothing is missing', run: full },
  { name: 'R41', title: 'a log is followed across every rotation: nothing lost, nothing doubled', run: rotated }
]
