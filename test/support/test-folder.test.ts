import { existsSync } from 'node:fs'
import { test } from 'tap'
import { testFolder } from './test-folder.ts'

test('the folder of a test is there until all that was opened in it is closed', async (t) => {
  const seen: boolean[] = []
  let folder = ''
  await t.test('opened', async (t) => {
    folder = testFolder(t, { 'a.txt': 'a' })
    t.teardown(async () => { seen.push(existsSync(folder)) })
  })

  t.same(seen, [true])
  t.notOk(existsSync(folder))
})
