import { appendFileSync, copyFileSync, existsSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { test } from 'tap'
import type { Test } from 'tap'
import { Run } from '../../src/pipeline/run/run.ts'
import { jobIn, ran } from '../support/pipeline-run.ts'
import { testFolder } from '../support/test-folder.ts'
import { until } from '../support/until.ts'

const AS_IT_IS = { processors: [{ type: 'trim', id: 'trim' }] }
const FOLLOWED = { files: ['app.log'], follow: true, config: AS_IT_IS }

/** A log that is written to, rotated and followed; what should come out is counted line by line. */
class Log {
  readonly folder: string
  readonly expected: string[] = []
  #run: Run | undefined
  #ended: Promise<void> | undefined

  constructor (t: Test) {
    this.folder = testFolder(t)
    t.teardown(() => this.stop())
  }

  path (name = 'app.log'): string {
    return join(this.folder, name)
  }

  /** Appends lines that were in no log before. */
  write (count: number, { name = 'app.log', end = '\n' } = {}): void {
    const lines = Array.from({ length: count }, (_, at) => `line ${this.expected.length + at}`)
    this.expected.push(...lines)
    appendFileSync(this.path(name), lines.join('\n') + end)
  }

  start (resume = false): void {
    this.#run = new Run(jobIn(this.folder, { ...FOLLOWED, resume }))
    this.#ended = this.#run.go()
  }

  /** Waits until everything came out. */
  async caughtUp (): Promise<void> {
    await until(() => existsSync(this.path('out')) && this.out().length >= this.expected.length)
  }

  async stop (): Promise<Run | undefined> {
    this.#run?.stop()
    await this.#ended
    return this.#run
  }

  notes (): readonly string[] {
    return this.#run?.look().run.notes ?? []
  }

  out (): string[] {
    return readFileSync(this.path('out'), 'utf8').split('\n').slice(0, -1)
  }

  rotate (): void {
    if (existsSync(this.path('app.log.1'))) renameSync(this.path('app.log.1'), this.path('app.log.2'))
    renameSync(this.path(), this.path('app.log.1'))
  }
}

const WHILE_FOLLOWED: Record<string, (log: Log) => Promise<void> | void> = {
  'a rename': (log) => {
    log.rotate()
    log.write(5)
  },
  'a rename, after which the old file is written to once more': (log) => {
    log.rotate()
    log.write(3, { name: 'app.log.1' })
    writeFileSync(log.path(), '')
  },
  'a rename in the middle of a line': (log) => {
    log.write(1, { end: '' })
    log.rotate()
    log.write(2)
  },
  'a rename, and no new file for a while': async (log) => {
    log.rotate()
    log.write(1, { name: 'app.log.1' })
    await log.caughtUp()
    log.write(2)
  },
  'a file that is removed and made again': (log) => {
    rmSync(log.path())
    log.write(4)
  },
  'two rotations between two looks': (log) => {
    log.rotate()
    log.write(5)
    log.rotate()
    log.write(5)
  },
  'two rotations between two looks, the first file packed': (log) => {
    log.rotate()
    log.write(5)
    log.rotate()
    writeFileSync(log.path('app.log.2.gz'), gzipSync(readFileSync(log.path('app.log.2'))))
    const { atimeMs, mtimeMs } = statSync(log.path('app.log.2'))
    rmSync(log.path('app.log.2'))
    utimesSync(log.path('app.log.2.gz'), atimeMs / 1_000, mtimeMs / 1_000)
    log.write(5)
  },
  'a symlink that leads to another file': (log) => {
    renameSync(log.path(), log.path('first.txt'))
    log.write(3, { name: 'second.txt' })
    symlinkSync('second.txt', log.path())
  }
}

for (const [name, act] of Object.entries(WHILE_FOLLOWED)) {
  test(`a log is followed across ${name}`, async (t) => {
    const log = new Log(t)
    log.write(20)
    log.start()
    await log.caughtUp()

    await act(log)
    await log.caughtUp()
    log.write(2)
    await log.caughtUp()
    const run = await log.stop()
    t.same(log.out(), log.expected)
    t.same(run?.look().run.notes, [])
  })
}

test('a log that is emptied in place goes on from its start, and that is told', async (t) => {
  const log = new Log(t)
  log.write(20)
  log.start()
  await log.caughtUp()

  for (const count of [3, 40]) {
    copyFileSync(log.path(), log.path('app.log.1'))
    truncateSync(log.path())
    log.write(count)
    await log.caughtUp()
  }
  const run = await log.stop()
  t.same(log.out(), log.expected)
  t.match(run?.look().run.notes, [/app\.log was emptied in place: it is read from its start/])
})

test('a log that is not there yet is waited for', async (t) => {
  const log = new Log(t)
  log.start()
  await until(() => log.notes().length > 0)
  log.write(3)
  await log.caughtUp()

  await log.stop()
  t.same(log.out(), log.expected)
  t.match(log.notes(), [/app\.log is not there yet: waiting for it/])
})

const WHILE_STOPPED: Record<string, (log: Log) => void> = {
  'more lines': (log) => { log.write(5) },
  'a rotation': (log) => {
    log.write(3)
    log.rotate()
    log.write(3)
  },
  'a rotation without a new file': (log) => {
    log.write(3)
    log.rotate()
  },
  'two rotations': (log) => {
    log.write(3)
    log.rotate()
    log.write(3)
    log.rotate()
    log.write(3)
  },
  'a rotation that packs': (log) => {
    log.write(3)
    log.rotate()
    writeFileSync(log.path('app.log.1.gz'), gzipSync(readFileSync(log.path('app.log.1'))))
    rmSync(log.path('app.log.1'))
    log.write(3)
  },
  'a copy and truncation': (log) => {
    log.write(3)
    copyFileSync(log.path(), log.path('app.log.1'))
    truncateSync(log.path())
    log.write(3)
  }
}

for (const [name, act] of Object.entries(WHILE_STOPPED)) {
  test(`a run that was stopped goes on behind ${name}, also after a rotation that it saw`, async (t) => {
    for (const isRotatedBefore of [false, true]) {
      const log = new Log(t)
      log.write(20)
      log.start()
      await log.caughtUp()
      if (isRotatedBefore) {
        log.rotate()
        log.write(4)
        await log.caughtUp()
      }
      await log.stop()

      act(log)
      log.start(true)
      await log.caughtUp()
      log.write(2)
      await log.caughtUp()
      const run = await log.stop()
      t.same(log.out(), log.expected)
      t.equal(run?.look().run.error, null)
      for (const member of ['app.log', 'app.log.1', 'app.log.2', 'app.log.1.gz', 'out', 'out.checkpoint']) rmSync(log.path(member), { force: true })
    }
  })
}

test('files that begin alike are told from each other when a run goes on', async (t) => {
  const log = new Log(t)
  const banner = '#'.repeat(400)
  appendFileSync(log.path(), `${banner}\n`)
  log.expected.push(banner)
  log.write(5)
  log.start()
  await log.caughtUp()
  await log.stop()

  log.write(2)
  log.rotate()
  appendFileSync(log.path(), `${banner}\n`)
  log.expected.push(banner)
  log.write(20)
  log.start(true)
  await log.caughtUp()
  await log.stop()
  t.same(log.out(), log.expected)
})

test('another file in the place of the one that was read, with its inode or not, is refused', async (t) => {
  const log = new Log(t)
  log.write(20)
  log.start()
  await log.caughtUp()
  await log.stop()

  rmSync(log.path())
  writeFileSync(log.path(), 'other\n'.repeat(100))
  t.match(await ran(jobIn(log.folder, { ...FOLLOWED, resume: true })), { state: 'failed', error: /app\.log is another file than the one that was read: start anew/ })
})
