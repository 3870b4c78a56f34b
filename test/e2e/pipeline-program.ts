import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'

const LAUNCHER = join(import.meta.dirname, '..', '..', 'bin', 'bellwether.js')

/** Everything that remembers lines over a border, and what makes errors and drops. */
export const REMEMBERING = {
  processors: [
    { type: 'dedupe', id: 'd', lines: 1_000, key: '\\d+$' },
    { type: 'sample', id: 's', every: 3 },
    { type: 'line_counter', id: 'c', format: '{count}:{line}' },
    { type: 'joiner', id: 'j', count: 7, delimiter: '+' },
    { type: 'filter', id: 'f', pattern: '13', mode: 'exclude' },
    { type: 'parse', id: 'p', format: 'regex', pattern: '^(?<all>.*[02468])$' }
  ]
}

/** `bellwether run` in a process of its own. */
export class RunProcess {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  stderr = ''

  constructor (folder: string, args: readonly string[]) {
    this.child = spawn(process.execPath, [LAUNCHER, 'run', ...args], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => { this.stderr += text })
    this.ended = once(this.child, 'close').then(([code]) => typeof code === 'number' ? code : null)
  }
}

/** Writes so many lines, no two alike. */
export async function writeLines (path: string, count: number): Promise<void> {
  const file = createWriteStream(path)
  for (let at = 0; at < count; at += 10_000) {
    const lines = Array.from({ length: Math.min(10_000, count - at) }, (_, place) => `a line of some length with number ${at + place} and ${(at + place) * 7919 % 3_000}\n`)
    if (!file.write(lines.join(''))) await once(file, 'drain')
  }
  file.end()
  await finished(file)
}

/** A folder for one case, removed after it. */
export async function inFolder<T> (use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'bellwether-run-'))
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
