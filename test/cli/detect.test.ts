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
  t.match(unknown, { code: 2, stderr: /detect patterns, bellwether detect sessions/ })
})
