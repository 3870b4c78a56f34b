import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { run } from '../program.ts'
import { testFolder } from '../support/test-folder.ts'

test('bellwether detect patterns answers an id for each line of a file or standard input, with merges resolved', async (t) => {
  const cwd = testFolder(t)
  const lines = ['anna', 'bert', 'cleo', 'dora', 'emil'].map((name) => `session closed for ${name}`)
  writeFileSync(join(cwd, 'app.log'), `${lines.join('\r\n')}\n\nother line`)

  const [file, input, list, missing] = await Promise.all([
    run(t, ['detect', 'patterns', 'app.log'], { cwd }),
    run(t, ['detect', 'patterns', '--json'], { cwd, input: `${lines.join('\n')}\n` }),
    run(t, ['detect', 'patterns', '--list', 'app.log'], { cwd }),
    run(t, ['detect', 'patterns', 'missing.log'], { cwd })
  ])

  t.match(file, { code: 0, stderr: '' })
  t.same(file.stdout.trimEnd().split('\n').map((line) => JSON.parse(line)), [1, 1, 1, 1, 1, 6, 7].map((id) => ({ pattern_id: id })))
  t.equal(input.stdout, '{"pattern_id":1}\n'.repeat(5))
  t.match(list, { code: 0, stdout: /^5\t1\tsession closed for <\*>\n/ })
  t.match(missing, { code: 1, stdout: '', stderr: /missing\.log cannot be read: ENOENT/ })
})

test('bellwether detect sessions judges by the sessions of another file, and says what it needs', async (t) => {
  const cwd = testFolder(t)
  writeFileSync(join(cwd, 'healthy'), '5 5 9\n5 9\n')
  writeFileSync(join(cwd, 'empty'), '\n')

  const [judged, untrained, empty, unknown] = await Promise.all([
    run(t, ['detect', 'sessions', '--train', 'healthy', '--json'], { cwd, input: '5 9\n5 7\n\n' }),
    run(t, ['detect', 'sessions'], { cwd }),
    run(t, ['detect', 'sessions', '--train', 'empty'], { cwd, input: '5 9\n' }),
    run(t, ['detect', 'everything'], { cwd })
  ])

  t.match(judged, { code: 0, stderr: '' })
  t.same(judged.stdout.trimEnd().split('\n').map((line) => JSON.parse(line)), [
    { anomalous: false, reasons: [] },
    { anomalous: true, reasons: ['7 was never seen', '9 is missing, at least once before'] },
    { anomalous: true, reasons: ['5 is missing, at least once before', '9 is missing, at least once before'] }
  ])
  t.match(untrained, { code: 2, stderr: /--train <file>' not specified/ })
  t.match(empty, { code: 1, stderr: /empty holds no session/ })
  t.match(unknown, { code: 2, stderr: /detect patterns, bellwether detect sessions, bellwether detect series/ })
})

test('bellwether detect series scores each row, tells alarms with their reasons, and names the line that cannot be read', async (t) => {
  const cwd = testFolder(t)
  const rows = Array.from({ length: 201 }, (_, row) => `${1_700_000_000 + 60 * row},host-${row},${row < 200 ? 5 : 6}`)
  writeFileSync(join(cwd, 'cpu.csv'), `timestamp,host,value\r\n${rows.join('\r\n')}\r\n`)

  const [json, told, zoneless, broken, headless, missing] = await Promise.all([
    run(t, ['detect', 'series', '--json', 'cpu.csv'], { cwd }),
    run(t, ['detect', 'series', 'cpu.csv'], { cwd }),
    run(t, ['detect', 'series', '--json', '-'], { cwd, input: 'value,timestamp\n1,2014-04-01 00:00:00\n,2014-04-01T00:05:00Z\n' }),
    run(t, ['detect', 'series', '--json'], { cwd, input: 'timestamp,value\n1,2\n\n3,many\n4,5\n' }),
    run(t, ['detect', 'series', '--json'], { cwd, input: '1,2\n' }),
    run(t, ['detect', 'series', 'missing.csv'], { cwd })
  ])

  const lines = json.stdout.trimEnd().split('\n').map((line) => JSON.parse(line))
  t.same(lines.slice(0, -1), Array(200).fill({ score: 0 }))
  t.match(lines.at(-1), { score: 1 / 0.028, alarm: 'new', parts: { value_record: 1 / 0.028, step: 0 }, reasons: [/^value is 6, and was 5 for 3.3 h$/] })
  t.match(told, { code: 0, stdout: /^2023-11-15T01:33:20\.000Z\t6\t35\.7\tnew\tvalue is 6, and was 5 for 3\.3 h.*\n$/, stderr: /after 201 values not everything is judged yet; steps and means: 1239 more/ })
  t.match(zoneless, { code: 0, stdout: '{"score":0}\n{"score":0}\n', stderr: '' })
  t.match(broken, { code: 1, stdout: '{"score":0}\n', stderr: /line 4: "many" is no number/ })
  t.match(headless, { code: 1, stdout: '', stderr: /line 1: the first line names the columns/ })
  t.match(missing, { code: 1, stderr: /missing\.csv cannot be read: ENOENT/ })
})
