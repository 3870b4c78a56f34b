import { test } from 'tap'
import { lazily } from '../../src/core/lazily.ts'

test('what is asked for is made once, for all who ask, and not before', async (t) => {
  let made = 0
  const ask = lazily(async () => ++made)

  t.equal(made, 0)
  t.same(await Promise.all([ask(), ask()]), [1, 1])
  t.equal(await ask(), 1)
})

test('what failed is tried again by the next who asks', async (t) => {
  let tries = 0
  const ask = lazily(async () => {
    if (++tries === 1) throw new Error('the disk was full')
    return tries
  })

  await Promise.all([t.rejects(ask(), { message: 'the disk was full' }), t.rejects(ask(), { message: 'the disk was full' })])
  t.equal(await ask(), 2)
})
