import { mock } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { test, type Test } from 'tap'
import { ClosingStack, opening } from '../../src/core/closing-stack.ts'
import { lazily } from '../../src/core/lazily.ts'
import { PeriodicTask } from '../../src/core/periodic-task.ts'

/** Parts that say when they are closed. */
function parts (): { closed: string[], part: (name: string, fault?: Error) => { name: string, close: () => Promise<void> } } {
  const closed: string[] = []
  const part = (name: string, fault?: Error) => ({
    name,
    close: async () => {
      closed.push(name)
      if (fault !== undefined) throw fault
    }
  })
  return { closed, part }
}

test('what was opened last is closed first, once', async (t) => {
  const { closed, part } = parts()
  const closing = new ClosingStack()

  t.equal(closing.keep(part('store')).name, 'store')
  closing.keep({ close: () => { closed.push('timer') } })
  closing.keep(part('server'))
  await closing.close()
  await closing.close()

  t.same(closed, ['server', 'timer', 'store'])
})

test('a part that cannot be closed keeps no other one open, and the first fault is told', async (t) => {
  const { closed, part } = parts()
  const closing = new ClosingStack()
  closing.keep(part('store', new Error('of the store')))
  closing.keep(part('server', new Error('of the server')))
  closing.keep(part('timer'))

  await t.rejects(closing.close(), { message: 'of the server' })
  t.same(closed, ['timer', 'server', 'store'])
})

test('a failure in the middle closes what was opened and is the one that is told', async (t) => {
  const { closed, part } = parts()
  const begun = opening(async (closing) => {
    closing.keep(part('store', new Error('of the store')))
    closing.keep(part('timer'))
    throw new Error('the port is taken')
  })

  await t.rejects(begun, { message: 'the port is taken' })
  t.same(closed, ['timer', 'store'])
})

test('what was opened is handed on with the way to close it', async (t) => {
  const { closed, part } = parts()
  const opened = await opening(async (closing) => ({ store: closing.keep(part('store')) }))

  t.equal(opened.store.name, 'store')
  t.same(closed, [])
  await opened.close()
  t.same(closed, ['store'])
})

const EVERY = 5_000

/** A clock and its timers, which the test turns; runs are written down by when they began. */
function turned (t: Test, task: () => Promise<void> = async () => {}) {
  let now = 101_300
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const began: number[] = []
  const repeat = new PeriodicTask({
    everyMs: EVERY,
    againMs: 1_000,
    now: () => now,
    task: () => {
      began.push(now)
      return task()
    }
  })
  const turn = async (ms: number): Promise<void> => {
    for (let turned = 0; turned < ms; turned += 100) {
      await setImmediate()
      now += 100
      mock.timers.tick(100)
    }
    await setImmediate()
  }
  return { repeat, began, turn }
}

test('it runs at once, again after a moment, and then at each multiple of its interval', async (t) => {
  const { repeat, began, turn } = turned(t)

  await turn(20_000)
  await repeat.close()

  t.same(began, [101_300, 102_300, 105_000, 110_000, 115_000, 120_000])
})

test('a run that outlasts the interval is not overlapped, and none is made up for', async (t) => {
  let running = 0
  let most = 0
  let finish = (): void => {}
  const { repeat, began, turn } = turned(t, async () => {
    most = Math.max(most, ++running)
    await new Promise<void>((resolve) => { finish = resolve })
    running--
  })

  await turn(12_000)
  finish()
  await turn(2_000)
  finish()
  await turn(6_000)
  finish()
  await repeat.close()

  t.equal(most, 1)
  t.same(began, [101_300, 114_300, 120_000])
})

test('closing waits for the run that is under way, and there is no other', async (t) => {
  let finish = (): void => {}
  const { repeat, began, turn } = turned(t, () => new Promise<void>((resolve) => { finish = resolve }))
  let isClosed = false

  const closing = repeat.close().then(() => { isClosed = true })
  await setImmediate()
  const wasClosed = isClosed
  finish()
  await closing
  await turn(20_000)

  t.same([wasClosed, began.length], [false, 1])
})

test('a timer that is a ms early judges the time it was meant for, and that time once', async (t) => {
  let now = 100_000
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const planned: number[] = []
  const repeat = new PeriodicTask({ everyMs: EVERY, againMs: EVERY, now: () => now, task: async (plannedAt) => { planned.push(plannedAt) } })

  for (let runs = 0; runs < 4; runs++) {
    await setImmediate()
    // The clock stands a ms before the multiple when the timer rings.
    now = 104_999 + runs * EVERY
    mock.timers.runAll()
  }
  await repeat.close()

  t.same(planned, [100_000, 105_000, 110_000, 115_000, 120_000])
})

test('after the clock was set, what is planned lies on the multiples of the new time', async (t) => {
  let now = 100_000
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const planned: number[] = []
  const repeat = new PeriodicTask({ everyMs: EVERY, againMs: EVERY, now: () => now, task: async (plannedAt) => { planned.push(plannedAt) } })

  for (const at of [105_000, 7_310_123, 7_315_000, 118_000, 120_000]) {
    await setImmediate()
    now = at
    mock.timers.runAll()
  }
  await repeat.close()

  t.same(planned, [100_000, 105_000, 7_310_000, 7_315_000, 115_000, 120_000])
})

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
