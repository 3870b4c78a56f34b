import { test } from 'tap'
import { CommitTimes } from '../../../src/store/hot/commit-times.ts'

test('each commit is timed, also one that fails, until they are taken', async (t) => {
  const times = new CommitTimes()

  t.equal(times.measure(() => 'stored'), 'stored')
  t.throws(() => times.measure(() => { throw new Error('disk') }), { message: 'disk' })

  const taken = times.take()
  t.equal(taken.length, 2)
  t.ok(taken.every((seconds) => seconds >= 0))
  t.same(times.take(), [])
})

test('what nobody takes does not pile up', async (t) => {
  const times = new CommitTimes()
  for (let n = 0; n < 20_000; n++) times.measure(() => {})

  t.equal(times.take().length, 10_000)
})
