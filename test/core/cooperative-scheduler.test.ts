import { stat } from 'node:fs'
import { test } from 'tap'
import { CooperativeScheduler } from '../../src/core/cooperative-scheduler.ts'

/** Longer than a turn of the loop lasts: a piece of so much work is the last of its turn. */
const LONG_MS = 12
const SHORT_MS = 1

/** Keeps the thread busy, as reading a body does. */
function work (ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('a single piece runs at once, and its result reaches the caller', async (t) => {
  const scheduler = new CooperativeScheduler()
  let hasRun = false

  const result = scheduler.run(() => {
    hasRun = true
    return 'read'
  })

  t.ok(hasRun, 'before anybody waits for it')
  t.equal(await result, 'read')
})

test('pieces wait when the turn has lasted too long, and run at once again in the next', async (t) => {
  const scheduler = new CooperativeScheduler()
  const ran: string[] = []
  const run = (name: string, ms: number) => scheduler.run(() => {
    work(ms)
    ran.push(name)
  })

  const pieces = [run('long', LONG_MS), run('late', 0)]
  t.same(ran, ['long'])
  await Promise.all(pieces)
  await nextTurn()
  void run('next', 0)

  t.same(ran, ['long', 'late', 'next'])
})

test('pieces run in the order in which they came, also those that come while others wait', async (t) => {
  const scheduler = new CooperativeScheduler()
  const ran: number[] = []
  const pieces: Array<Promise<void>> = []
  const add = (n: number): void => {
    pieces.push(scheduler.run(() => {
      ran.push(n)
      work(n % 5 === 0 ? LONG_MS : SHORT_MS)
      if (n < 20) add(n + 20)
    }))
  }

  for (let n = 0; n < 10; n++) add(n)
  await nextTurn()
  for (let n = 10; n < 20; n++) add(n)
  while (pieces.length < 40) await nextTurn()
  await Promise.all(pieces)

  t.equal(ran.length, 40)
  t.same(ran.filter((n) => n < 20), Array.from({ length: 20 }, (_, n) => n))
  t.same(ran.filter((n) => n >= 20), Array.from({ length: 20 }, (_, n) => n + 20), 'what a piece asks for comes behind those that wait')
})

test('a long row of pieces lets timers, immediates and the answers of the disk in between', async (t) => {
  const scheduler = new CooperativeScheduler()
  let done = 0
  const doneWhen = new Map<string, number>()
  const note = (what: string) => (): void => { doneWhen.set(what, done) }

  const pieces = Array.from({ length: 40 }, () => scheduler.run(() => {
    work(LONG_MS / 2)
    done++
  }))
  setImmediate(note('immediate'))
  setTimeout(note('timer'), 1)
  stat(import.meta.filename, note('disk'))
  await Promise.all(pieces)

  t.same([...doneWhen.keys()].sort(), ['disk', 'immediate', 'timer'], 'all came before the end of the row')
  for (const [what, when] of doneWhen) t.ok(when < 40, `${what} after ${when} of 40`)
})

test('a piece that throws tells its caller and nobody else, whether it ran at once or waited', async (t) => {
  const scheduler = new CooperativeScheduler()
  const fail = (reason: unknown) => scheduler.run(() => { throw reason })
  const error = new TypeError('bad body')

  const atOnce = t.rejects(fail(error), error)
  const busy = scheduler.run(() => work(LONG_MS))
  const late = t.rejects(fail(error), error)
  const noError = t.rejects(fail('a text'), new Error('a text'))
  const last = scheduler.run(() => 'read')

  await Promise.all([atOnce, busy, late, noError])
  t.equal(await last, 'read', 'those behind it run all the same')
})
