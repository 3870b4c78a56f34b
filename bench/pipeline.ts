import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { interleaved, print, settings } from './report.ts'

const LAUNCHER = join(import.meta.dirname, '..', 'bin', 'bellwether.js')
const KIB_IN_MB = 1_000_000 / 1_024
/** What every contender does. */
const CONFIG = {
  processors: [
    { type: 'filter', pattern: 'DEBUG', mode: 'exclude' },
    { type: 'replace', pattern: 'session', with: 'visit' },
    { type: 'uppercase' },
    { type: 'line_counter', format: '[{count}] {line}' },
    { type: 'filter', pattern: 'ERROR|WARN|INFO', regex: true }
  ]
}
const AWK = '/DEBUG/ { next } { gsub(/session/, "visit"); line = "[" ++n "] " toupper($0); if (line ~ /ERROR|WARN|INFO/) print line }'
const LEVELS = ['INFO', 'DEBUG', 'INFO', 'WARN', 'INFO', 'INFO', 'ERROR', 'INFO', 'TRACE', 'INFO']

const folder = mkdtempSync(join(tmpdir(), 'bellwether-bench-'))
const input = join(folder, 'large.log')
const config = join(folder, 'pipeline.json')

async function fill (path: string, count: number): Promise<void> {
  const file = createWriteStream(path)
  for (let at = 0; at < count; at += 10_000) {
    const lines = Array.from({ length: Math.min(10_000, count - at) }, (_, place) => `2026-01-01T12:00:00.${String(place % 1_000).padStart(3, '0')}Z ${LEVELS[place % LEVELS.length]} shop request ${at + place} of session ${place * 7919 % 100_003} took ${place % 977} ms\n`)
    if (!file.write(lines.join(''))) await once(file, 'drain')
  }
  file.end()
  await finished(file)
}

interface Cost {
  /** User and system time. */
  cpuMs: number
  ms: number
  /** The most that was resident; NaN where it ended before a look. */
  peakMb: number
}

/** Runs a command to its end, its output in a file. */
async function costOf (command: readonly string[]): Promise<Cost> {
  const startedAt = performance.now()
  const child = spawn('bash', ['-c', 'TIMEFORMAT=\'cpu %U %S\'; time "$@" > "$0"', join(folder, 'out'), ...command], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => { said += text })
  const state = { isOver: false, peakMb: Number.NaN }
  const looks = (async () => {
    while (!state.isOver) {
      state.peakMb = peakMb(child.pid ?? 0) ?? state.peakMb
      await wait(50)
    }
  })()
  const [code] = await once(child, 'close')
  state.isOver = true
  await looks
  const [, user, system] = /cpu ([\d.]+) ([\d.]+)/.exec(said) ?? []
  if (code !== 0 || user === undefined) throw new Error(`${command.join(' ')} ended with ${code}: ${said}`)
  return { cpuMs: (Number(user) + Number(system)) * 1_000, ms: performance.now() - startedAt, peakMb: state.peakMb }
}

/** Of the child of a shell. */
function peakMb (shell: number): number | undefined {
  try {
    const [child = ''] = readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').trim().split(' ')
    const line = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child}/status`, 'utf8'))
    return line === null ? undefined : Number(line[1]) / KIB_IN_MB
  } catch {
    // It is not there yet, or ended meanwhile.
    return undefined
  }
}

const run = (file: string, ...flags: string[]): string[] => [process.execPath, LAUNCHER, 'run', '--file', file, '--output', join(folder, 'run.out'), '--config', config, '--quiet', ...flags]
const usPerLine = async (command: readonly string[]): Promise<number> => (await costOf(command)).cpuMs * 1_000 / settings.large

try {
  await fill(input, settings.large)
  writeFileSync(config, JSON.stringify(CONFIG))
  const medians = await interleaved({
    sampled: () => usPerLine(run(input)),
    off: () => usPerLine(run(input, '--no-sample')),
    all: () => usPerLine(run(input, '--trace')),
    loop: () => usPerLine([process.execPath, join(import.meta.dirname, 'pipeline-loop.ts'), input, join(folder, 'loop.out'), JSON.stringify(CONFIG)]),
    mawk: () => usPerLine(['mawk', AWK, input]),
    gawk: () => usPerLine(['gawk', AWK, input]),
    grep: () => usPerLine(['grep', '-v', 'DEBUG', input])
  })
  const unit = 'us/line'
  print('CPU of five processors, sampled, against mawk', medians.sampled / medians.mawk, { target: 'at most 2.0', medians, unit })
  print('the same against gawk', medians.sampled / medians.gawk, { target: 'none', medians: {}, unit })
  print('the same against grep -v, which is one of the five', medians.sampled / medians.grep, { target: 'none', medians: {}, unit })
  print('sampled against a loop that counts nothing', medians.sampled / medians.loop, { target: 'at most 1.2', medians: {}, unit })
  print('sampled against tracing off', medians.sampled / medians.off, { target: 'none', medians: {}, unit })
  print('tracing all against sampled', medians.all / medians.sampled, { target: 'at most 2', medians: {}, unit })
  const large = await costOf(run(input))
  print('lines a second of the whole run', settings.large / large.ms * 1_000 / 425_520, { target: 'at least 1, which is 425,520', medians: { run: settings.large / large.ms * 1_000 }, unit: 'lines/s' })
  await fill(input, settings.small)
  const small = await costOf(run(input))
  print('peak memory of the large file against the small one (VmHWM)', large.peakMb / small.peakMb, { target: '0.9 to 1.1, under 150 MB', medians: { large: large.peakMb, small: small.peakMb }, unit: 'MB' })
} finally {
  rmSync(folder, { recursive: true, force: true })
}
