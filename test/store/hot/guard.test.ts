import { test } from 'tap'
import { Guard } from '../../../src/store/hot/guard.ts'

test('a guard lets pass before the deadline and cuts at it', async (t) => {
  let now = 99
  const guard = new Guard(100, () => now)

  await t.resolves(guard.pause())
  t.equal(guard.isLate, false)
  for (now of [100, 101]) {
    await t.rejects(guard.pause(), { code: 'timeout', message: /narrow the time range/, retryAfterSeconds: 1 })
    t.equal(guard.isLate, true)
  }
})

test('a guard that is cancelled cuts at the next pause, in time or not', async (t) => {
  const guard = new Guard(Infinity, () => 0)
  const pausing = guard.pause()

  guard.cancel()

  await t.rejects(pausing, { code: 'timeout', message: /caller left/ })
  await t.rejects(guard.pause(), { code: 'timeout', message: /caller left/ })
  t.equal(guard.isLate, false)
})

test('a pause lets others run', async (t) => {
  const order: string[] = []
  const slice = async (name: string): Promise<void> => {
    const guard = new Guard(Infinity, () => 0)
    for (let step = 1; step <= 2; step++) {
      order.push(name + step)
      await guard.pause()
    }
  }

  await Promise.all([slice('a'), slice('b')])

  t.same(order, ['a1', 'b1', 'a2', 'b2'])
})
