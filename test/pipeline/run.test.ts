import { execFile } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { test } from 'tap'
import type { RunJob } from '../../src/pipeline/run/job.ts'
import { inWrittenOrder } from '../../src/pipeline/run/rotation.ts'
import { Run } from '../../src/pipeline/run/run.ts'
import { LAUNCHER, Program, run } from '../program.ts'
import { COUNTED, jobIn, lettersIn, ran } from '../support/pipeline-run.ts'
import { testFolder } from '../support/test-folder.ts'
import { until } from '../support/until.ts'

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')
const LONG = 'x'.repeat(10_000_000)
/** Longer than what is read at once, and different from line to line. */
const MANY = Array.from({ length: 20_000 }, (_, at) => `line ${at}`).join('\n')

/** Bytes in, bytes out, each line with its number. */
const FILES: Record<string, [input: string | Buffer, output: string, job?: Partial<RunJob>]> = {
  'CR and LF': ['a\r\nb\r\n', '1:a\r\n2:b\r\n'],
  'CR and LF by the first line': ['a\r\nb\n\r\n', '1:a\r\n2:b\r\n3:\r\n'],
  'CR within lines': ['a\rb\nc\r\n', '1:a\rb\n2:c\r\n'],
  'no end of the last line': ['a\nb', '1:a\n2:b\n'],
  'one line with CR and no end': ['a\r', '1:a\r\n'],
  nothing: ['', ''],
  'ends of lines alone': ['\n\n\n', '1:\n2:\n3:\n'],
  'NUL bytes': ['a\0b\n\0\n', '1:a\0b\n2:\0\n'],
  'a byte order mark': ['\uFEFFa\n\uFEFFb\n', '1:a\n2:\uFEFFb\n'],
  'a byte order mark alone': ['\uFEFF', '1:\n'],
  'letters of four bytes': ['😀é\nß\n', '1:😀é\n2:ß\n'],
  'bytes of latin1': [latin1('Gr\xfc\xdfe\n\xff\n'), '1:Grüße\n2:ÿ\n', { encoding: 'latin1' }],
  'a line of 10 MB': [`a\n${LONG}\nb\n`, `1:a\n2:${LONG}\n3:b\n`],
  gzip: [gzipSync('a\nb\n'), '1:a\n2:b\n'],
  'gzip of several members': [Buffer.concat([gzipSync('a\nb'), gzipSync('c\n'), gzipSync('d\n')]), '1:a\n2:bc\n3:d\n'],
  'gzip of many chunks': [gzipSync(MANY), MANY.split('\n').map((line, at) => `${at + 1}:${line}\n`).join('')],
  zstd: [zstdCompressSync(Buffer.from('a\nb\n')), '1:a\n2:b\n'],
  'gzip of nothing': [gzipSync(''), '']
}

for (const [name, [input, output, job]] of Object.entries(FILES)) {
  test(`a file: ${name}`, async (t) => {
    const folder = testFolder(t)
    writeFileSync(join(folder, 'in'), input)

    t.match(await ran(jobIn(folder, job)), { state: 'finished', error: null, notes: [] })
    t.ok(readFileSync(join(folder, 'out')).equals(Buffer.from(output)), readFileSync(join(folder, 'out'), 'utf8').slice(0, 100))
    t.same(lettersIn(folder), [])
  })
}

test('what is no UTF-8 and what is too long goes to the dead letters, and the rest through', async (t) => {
  const folder = testFolder(t)
  const long = 'y'.repeat(200_000)
  writeFileSync(join(folder, 'in'), Buffer.concat([latin1('a\n\xff\xfe\nb\n'), Buffer.from(`${long}\nc\nzzzzzzzzzzz\n${long}`)]))

  t.match(await ran(jobIn(folder, { longestLine: 10 })), { state: 'finished', lines_in: 7, lines_out: 3 })
  t.equal(readFileSync(join(folder, 'out'), 'utf8'), '1:a\n2:b\n3:c\n')
  const letters = lettersIn(folder)
  t.match(letters, [
    { line_number: 2, processor: 'input', message: /not UTF-8/, base64: '//4=' },
    { line_number: 4, message: 'the line has 200000 bytes, at most 10', line: /^y{10}/ },
    { line_number: 6, message: 'the line has 11 bytes, at most 10', line: 'zzzzzzzzzzz' },
    { line_number: 7, message: 'the line has 200000 bytes, at most 10' }
  ])
  t.equal(letters.length, 4)
})

test('a gzip file that is cut off, or damaged, is an error that is told, after the lines before it', async (t) => {
  const folder = testFolder(t)
  const whole = gzipSync(Array.from({ length: 50_000 }, () => `line ${Math.random()}`).join('\n'))

  writeFileSync(join(folder, 'in'), whole.subarray(0, whole.length / 2))
  t.match(await ran(jobIn(folder)), { state: 'failed', error: /cannot read .*in: it ends in the middle of what was packed/ })
  t.match(readFileSync(join(folder, 'out'), 'utf8'), /^1:line/)
  whole.fill(0, 100, 120)
  writeFileSync(join(folder, 'in'), whole)
  t.match(await ran(jobIn(folder)), { state: 'failed', error: /what was packed is damaged/ })
})

test('files of rotated sets are read in the order in which they were written', async (t) => {
  const folder = testFolder(t, { 'app.log': 'four\n', 'app.log.1': 'three', 'app.log.10': 'one\n' })
  writeFileSync(join(folder, 'app.log.2.gz'), gzipSync('two\n'))
  const orders = [
    [['app.log', 'app.log.1', 'app.log.10', 'app.log.2.gz'], ['app.log.10', 'app.log.2.gz', 'app.log.1', 'app.log']],
    [['b-20260102.log', 'a.log', 'a.log-20260101', 'a.log-20251231.gz', 'b'], ['b-20260102.log', 'a.log-20251231.gz', 'a.log-20260101', 'a.log', 'b']],
    [['a.2026-01-02', 'a.2026-01-01.zst', 'a.2026-01-01T10', 'a'], ['a.2026-01-01.zst', 'a.2026-01-01T10', 'a.2026-01-02', 'a']],
    [['a.log.1', 'a.log.2'], ['a.log.2', 'a.log.1']]
  ] as const

  for (const [given, ordered] of orders) t.same(inWrittenOrder(given), ordered)
  await ran(jobIn(folder, { files: inWrittenOrder(['app.log', 'app.log.1', 'app.log.10', 'app.log.2.gz']) }))
  t.equal(readFileSync(join(folder, 'out'), 'utf8'), '1:one\n2:two\n3:three\n4:four\n')
})

test('a disk that is full is told, also of dead letters', async (t) => {
  const folder = testFolder(t, { in: 'a\nb\n' })

  t.match(await ran(jobIn(folder, { output: '/dev/full' })), { state: 'failed', error: 'cannot write /dev/full: no space is left on the disk' })
  t.match(await ran(jobIn(folder, { deadLetters: '/dev/full', longestLine: 1, config: { processors: [{ type: 'parse', format: 'json' }] } })), { state: 'failed', error: 'cannot write /dev/full: no space is left on the disk' })
})

test('dead letters of an earlier run are not those of this one', async (t) => {
  const folder = testFolder(t, { in: 'a\n', errors: '{"line":"old"}\n' })

  await ran(jobIn(folder))
  t.notOk(existsSync(join(folder, 'errors')))
  t.match(await ran(jobIn(folder, { deadLetters: join(folder, 'in') })), { state: 'failed', error: /in is read and written: name another output/ })
  t.equal(readFileSync(join(folder, 'in'), 'utf8'), 'a\n')
})

/** Everything that remembers lines. */
const REMEMBERING = {
  processors: [
    { type: 'dedupe', id: 'd', lines: 1_000, key: '\\d+$' },
    { type: 'sample', id: 's', every: 3 },
    { type: 'line_counter', id: 'c', format: '{count}:{line}' },
    { type: 'joiner', id: 'j', count: 7, delimiter: '+' },
    { type: 'filter', id: 'f', pattern: '13', mode: 'exclude' },
    { type: 'parse', id: 'p', format: 'regex', pattern: '^(?<all>.*[02468])$' }
  ]
}

function manyLines (count: number, start = 0): string {
  return Array.from({ length: count }, (_, place) => start + place).map((at) => `a line of some length with number ${at} and ${at * 7919 % 3_000}\n`).join('')
}

test('a run that is stopped and goes on gives what one without a stop gives', async (t) => {
  const folder = testFolder(t, { in: manyLines(100_000) })
  const job = { config: REMEMBERING, deadLetters: join(folder, 'errors') }
  await ran(jobIn(folder, job))
  const [out, errors] = ['out', 'errors'].map((name) => readFileSync(join(folder, name)))
  const stopped = new Run(jobIn(folder, job))

  const ended = stopped.go()
  // It takes what it reads at once before it looks.
  stopped.stop()
  await ended
  const { lines_in: taken } = stopped.look().run
  t.ok(taken < 100_000, `stopped behind ${taken} lines`)
  t.match(await ran(jobIn(folder, { ...job, resume: true })), { state: 'finished', lines_in: 100_000, notes: [`goes on behind line ${taken}, with ${stopped.look().run.written_bytes} bytes written`] })
  t.ok(out?.equals(readFileSync(join(folder, 'out'))))
  t.ok(errors?.equals(readFileSync(join(folder, 'errors'))))
  t.notOk(existsSync(join(folder, 'out.checkpoint')))
})

test('a run does not go on with another configuration, another file or another output', async (t) => {
  const folder = testFolder(t, { in: manyLines(100_000) })
  const stopped = new Run(jobIn(folder))
  const ended = stopped.go()
  // It takes what it reads at once before it looks.
  stopped.stop()
  await ended

  t.match(await ran(jobIn(folder, { resume: true, config: REMEMBERING })), { state: 'failed', error: /out\.checkpoint was written with another configuration/ })
  writeFileSync(join(folder, 'out'), 'short')
  t.match(await ran(jobIn(folder, { resume: true })), { state: 'failed', error: /out has 5 bytes, and \d+ were written/ })
  writeFileSync(join(folder, 'in'), manyLines(100_000).replace('a line', 'b line'))
  t.match(await ran(jobIn(folder, { resume: true })), { state: 'failed', error: /in is another file than the one that was read/ })
  writeFileSync(join(folder, 'out.checkpoint'), '{"version":1')
  t.match(await ran(jobIn(folder, { resume: true })), { state: 'failed', error: /is no checkpoint of this version/ })
  rmSync(join(folder, 'out.checkpoint'))
  t.match(await ran(jobIn(folder, { resume: true })), { state: 'finished', notes: [/there is no .*: the run begins at the start/] })
})

test('a run that is killed and goes on gives what one without an end gives', async (t) => {
  const cwd = testFolder(t, { in: manyLines(100_000), 'p.json': JSON.stringify(REMEMBERING) })
  const args = (output: string): string[] => ['run', '--file', 'in', '--config', 'p.json', '--output', output, '--quiet']
  const sizeOf = (name: string): number => readFileSync(join(cwd, name)).length
  let next = 100_000
  const append = (): void => { appendFileSync(join(cwd, 'in'), manyLines(100, next += 100)) }

  for (const out of ['first', 'second']) {
    const killed = new Program(t, [...args(out), '--follow'], { cwd })
    await until(() => {
      append()
      return existsSync(join(cwd, `${out}.checkpoint`))
    })
    const kept = sizeOf(out)
    await until(() => {
      append()
      return sizeOf(out) > kept
    })
    killed.signal('SIGKILL')
    t.equal(await killed.exited(), null)
    t.match(await run(t, [...args(out), '--resume'], { cwd }), { code: 0 })
    await run(t, args('whole'), { cwd })
    for (const suffix of ['', '.errors.ndjson']) t.ok(readFileSync(join(cwd, `whole${suffix}`)).equals(readFileSync(join(cwd, `${out}${suffix}`))))
  }
})

test('Ctrl-C and SIGTERM end a run well, with the code of the signal', async (t) => {
  const cwd = testFolder(t, { in: 'a\nb', 'p.json': JSON.stringify(COUNTED) })

  for (const [name, code] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
    const program = new Program(t, ['run', '--file', 'in', '--follow', '--config', 'p.json', '--output', `${name}.out`], { cwd })
    await until(() => existsSync(join(cwd, `${name}.out`)) && readFileSync(join(cwd, `${name}.out`), 'utf8') === '1:a\n')
    program.signal(name)
    t.equal(await program.exited(), code)
    t.ok(existsSync(join(cwd, `${name}.out.checkpoint`)), 'it can go on')
  }
})

test('standard input goes to standard output, also when the reader has enough', async (t) => {
  const cwd = testFolder(t, { in: manyLines(100_000), 'p.json': JSON.stringify(COUNTED) })

  t.match(await run(t, ['run', '--file', '-', '--config', 'p.json', '--quiet'], { cwd, input: 'a\nb' }), { code: 0, stdout: '1:a\n2:b\n', stderr: '' })
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', '"$0" "$1" run --file in --config p.json | head -1; echo "code $PIPESTATUS"', process.execPath, LAUNCHER], { cwd })
  t.equal(stdout, '1:a line of some length with number 0 and 0\ncode 0\n')
  t.equal(stderr, '')
})
