import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { buildTestApp, OPS_TOKEN } from '../helper.ts'
import { find } from '../plugins/support.ts'
import { run } from '../program.ts'
import { testFolder } from '../support/test-folder.ts'

const SEED = JSON.stringify({
  processors: [
    { type: 'line_counter', id: 'counter', format: 'Line {count}: {line}' },
    { type: 'uppercase', id: 'uppercase' },
    { type: 'filter', id: 'important_filter', pattern: 'important' }
  ]
})
const MENDED = SEED.replace('"pattern":"important"', '"pattern":"important","ignore_case":true')

test('a file goes through the pipeline of the configuration, with and without the word run', async (t) => {
  const cwd = testFolder(t, { 'in.txt': 'one\nan important one\n', 'p.json': MENDED })
  const flags = ['--file', 'in.txt', '--config', 'p.json', '--save-metrics', 'm.json']

  for (const [at, args] of [['run', ...flags], flags].entries()) {
    const { code, stderr } = await run(t, [...args, '--output', `out${at}.txt`], { cwd })
    t.equal(code, 0, stderr)
    t.match(stderr, /important_filter +2 +1 +1 +0/)
    t.match(stderr, /<- slowest/)
    t.equal(readFileSync(join(cwd, `out${at}.txt`), 'utf8'), 'LINE 2: AN IMPORTANT ONE\n')
    t.notOk(existsSync(join(cwd, `out${at}.txt.checkpoint`)), 'no checkpoint is left')
  }
  t.match(JSON.parse(readFileSync(join(cwd, 'm.json'), 'utf8')), {
    processors: { counter: { type: 'line_counter', lines_in: 2, lines_out: 2, dropped: 0, errors: 0 }, important_filter: { lines_in: 2, lines_out: 1, dropped: 1 } },
    system: { total_lines: 2, total_errors: 0 }
  })
})

test('a filter that no line can pass is told, and obeyed', async (t) => {
  const cwd = testFolder(t, { 'in.txt': 'important\n', 'p.json': SEED })
  const told = /hint: important_filter seeks "important", and behind uppercase \(uppercase\) no line has it: seek "IMPORTANT", or set ignore_case/

  t.match(await run(t, ['check', 'p.json'], { cwd }), { code: 0, stdout: 'p.json is fine, with 3 processors\n', stderr: told })
  t.match(await run(t, ['run', '--file', 'in.txt', '--output', 'out.txt', '--config', 'p.json'], { cwd }), { code: 0, stdout: '', stderr: told })
  t.equal(readFileSync(join(cwd, 'out.txt'), 'utf8'), '')
})

test('every mistake of a configuration is shown where it stands, by check and by run', async (t) => {
  const text = ['processors:', '  - {type: uppercas}', '  - {type: filter, patern: x}', '  - {type: replace, pattern: "(a", regex: true, with: ""}', ''].join('\n')
  const cwd = testFolder(t, { 'in.txt': 'a\n', 'p.yaml': text })

  for (const args of [['check', 'p.yaml'], ['run', '--file', 'in.txt', '--config', 'p.yaml']]) {
    const { code, stdout, stderr } = await run(t, args, { cwd })
    t.equal(code, 3)
    t.equal(stdout, '')
    t.match(stderr, /p\.yaml:2:6: no processor is called "uppercas": did you mean uppercase\?.*\n {6}- \{type: uppercas\}\n {9}\^\n/)
    t.match(stderr, /p\.yaml:3:20: "patern" is not known here: did you mean pattern\?/)
    t.match(stderr, /p\.yaml:4:21: the expression "\(a" is no regular expression: unterminated group/)
  }
})

test('what cannot be run ends with a code and a sentence', async (t) => {
  const cwd = testFolder(t, { 'in.txt': 'a\n', 'broken.json': '{"processors": [' })
  const uses: ReadonlyArray<[args: string[], code: number, told: RegExp]> = [
    [['run'], 2, /say what to read/],
    [['run', '--file', 'in.txt', '--bogus'], 2, /unknown option '--bogus'/],
    [['run', '--file', 'in.txt', '--dashboard-port', 'x'], 2, /a port is a number from 0 to 65535/],
    [['run', '--file', 'in.txt', '--resume'], 2, /--resume needs --output/],
    [['run', '--file', '*.nothing'], 2, /no file fits \*\.nothing/],
    [['run', '--file', 'in.txt', '--config', 'none.json'], 3, /cannot read the configuration none\.json: there is no such file/],
    [['run', '--file', 'in.txt', '--config', 'broken.json'], 3, /broken\.json:1:17: /],
    [['run', '--file', 'none.txt'], 1, /cannot read none\.txt: there is no such file/],
    [['run', '--file', '.'], 1, /\. is a folder/],
    [['run', '--file', 'in.txt', '--output', 'none/out.txt'], 1, /cannot write none\/out\.txt: its folder does not exist/],
    [['run', '--file', 'in.txt', '--output', 'in.txt'], 1, /in\.txt is read and written: name another output/]
  ]
  const ends = await Promise.all(uses.map(([args]) => run(t, args, { cwd })))

  for (const [at, [args, code, stderr]] of uses.entries()) t.match(ends[at], { code, stderr }, args.join(' '))
  t.equal(readFileSync(join(cwd, 'in.txt'), 'utf8'), 'a\n')
})

test('lines that are errors are kept with their cause, and end a run with 6 when that is wished', async (t) => {
  const cwd = testFolder(t, { 'p.json': '{"processors": [{"type": "parse", "format": "json", "output": "{a}"}]}' })
  writeFileSync(join(cwd, 'in.txt'), Buffer.from('{"a": 1}\nno json\n\xff\n{"a": 2}\n', 'latin1'))
  const args = ['run', '--file', 'in.txt', '--output', 'out.txt', '--config', 'p.json']

  t.match(await run(t, args, { cwd }), { code: 0, stderr: /lines that were errors: out\.txt\.errors\.ndjson/ })
  t.match(await run(t, [...args, '--fail-on-errors'], { cwd }), { code: 6 })
  t.equal(readFileSync(join(cwd, 'out.txt'), 'utf8'), '1\n2\n')
  t.same(readFileSync(join(cwd, 'out.txt.errors.ndjson'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line)), [
    { line_number: 2, processor: 'parse', message: 'is not json', line: 'no json' },
    { line_number: 3, processor: 'input', message: 'the line is not UTF-8: --encoding latin1 reads any byte', base64: '/w==' }
  ])
})

test('the summary is JSON where that is wished, and goes where the lines do not', async (t) => {
  const cwd = testFolder(t, { 'in.txt': 'error a|b\n' })

  const { code, stdout, stderr } = await run(t, ['run', '--file', 'in.txt', '--json'], { cwd })
  t.equal(code, 0)
  t.equal(stdout, '[1] ERROR A\nB\n')
  t.match(JSON.parse(stderr), { run: { state: 'finished', lines_in: 1, lines_out: 2 }, system: { total_lines: 1 } })
})

test('what goes out is posted to a service, each line once, however the run goes on', async (t) => {
  const app = await buildTestApp(t)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const cwd = testFolder(t, { 'in.txt': 'error one\ninfo\nerror two\n', 'p.json': '{"processors": [{"type": "filter", "pattern": "error"}]}' })
  const args = ['run', '--file', 'in.txt', '--output', 'out.txt', '--config', 'p.json', '--send', url, '--service', 'batch']
  const env = { BELLWETHER_TOKEN: OPS_TOKEN }

  t.match(await run(t, args, { cwd, env }), { code: 0, stderr: /note: 2 lines were posted, 0 of them refused/ })
  t.match((await find(app)).map(({ message, service }) => [message, service]).toSorted(), [['error one', 'batch'], ['error two', 'batch']])
  t.match(await run(t, args, { cwd }), { code: 2, stderr: /--send needs a token/ })
  t.match(await run(t, args, { cwd, env: { BELLWETHER_TOKEN: 'another' } }), { code: 1, stderr: /does not take this token \(401\)/ })
  t.match(await run(t, [...args.slice(0, 8), 'nowhere'], { cwd, env }), { code: 2, stderr: /--send takes an address/ })
})

test('what is more than a service takes at once is posted in halves; a line that is too much by itself is counted as refused', async (t) => {
  const lines = Array.from({ length: 100 }, (_, at) => `error ${at}`)
  const cwd = testFolder(t, { 'in.txt': [...lines, `error ${'x'.repeat(3_000)}`, 'error last'].map((line) => `${line}\n`).join(''), 'p.json': '{"processors": [{"type": "filter", "pattern": "error"}]}' })

  const app = await buildTestApp(t, { MAX_BODY_BYTES: '2000', DATA_DIR: join(cwd, 'data') })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })

  t.match(await run(t, ['run', '--file', 'in.txt', '--output', 'out.txt', '--config', 'p.json', '--send', url], { cwd, env: { BELLWETHER_TOKEN: OPS_TOKEN } }), { code: 0, stderr: /note: 102 lines were posted, 1 of them refused/ })
  t.same((await find(app, 'q=error')).map(({ message }) => message).toSorted(), [...lines, 'error last'].toSorted())
})
