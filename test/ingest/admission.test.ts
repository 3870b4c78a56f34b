import fc from 'fast-check'
import { test } from 'tap'
import { Admission, type Ticket } from '../../src/ingest/admission.ts'
import { refusal } from './support.ts'

const NOTHING = { bytes: 0, events: 0 }
const LIMITS = { bytes: 100, events: 10 }
const LET_IN = 'nothing was thrown'
/** One event is expected of so many bytes, and no more than a slice of a body. */
const EVENT_BYTES = 256

/** A request that has announced and sent so many bytes. */
function sent (admission: Admission, sender: string, bytes: number): Ticket {
  const ticket = admission.enter(sender, bytes)
  ticket.receive(bytes)
  return ticket
}

test('a request that finds nobody is always let in, and takes its whole body in, however large', async (t) => {
  const admission = new Admission(LIMITS)

  const ticket = admission.enter('a', 1_000)
  ticket.receive(600)
  ticket.receive(1_000)
  ticket.arrive(1_000)
  ticket.begin(50)

  t.same(admission.load, { bytes: 1_000, events: 50 })
  ticket.leave()
  t.same(admission.load, NOTHING)
})

test('a slow body holds what arrived of it, not what it announced', async (t) => {
  const admission = new Admission(LIMITS)
  const slow = Array.from({ length: 20 }, () => admission.enter('slow', 90))

  t.same(admission.load, NOTHING, 'what is only announced counts nothing')
  for (const [arrived, bytes] of [[1, 1], [30, 30], [90, 90]] as const) {
    slow[0]?.receive(arrived)
    t.same(admission.load, { bytes, events: 0 }, 'what arrived is counted once, and holds no event before it is whole')
  }
})

test('bytes of all together are let in up to the limit', async (t) => {
  for (const [more, isRefused] of [[39, false], [40, false], [41, true]] as const) {
    const admission = new Admission(LIMITS)
    sent(admission, 'a', 60)

    const told = refusal(() => sent(admission, 'b', more))

    t.equal(told.startsWith('overloaded: '), isRefused, `60 + ${more}`)
    t.equal(admission.load.bytes, isRefused ? 60 : 60 + more)
  }
})

test('the events that a body of this size usually holds need room before it is read', async (t) => {
  const expected: Array<[bytes: number, events: number]> = [[1, 1], [EVENT_BYTES, 1], [EVENT_BYTES + 1, 2], [4 * EVENT_BYTES, 4], [500 * EVENT_BYTES, 500], [600 * EVENT_BYTES, 500]]
  for (const [bytes, events] of expected) {
    const fits = new Admission({ bytes: 1e9, events: 6 + events })
    const tight = new Admission({ bytes: 1e9, events: 5 + events })
    for (const admission of [fits, tight]) sent(admission, 'a', 1).begin(6)

    t.equal(refusal(() => fits.enter('b', bytes)), LET_IN, `${bytes} bytes are ${events} events`)
    t.match(refusal(() => tight.enter('b', bytes)), /^overloaded: /, `${bytes} bytes are no less than ${events} events`)
    t.same(fits.load, { bytes: 1, events: 6 }, 'to be judged is not to be counted')
  }
})

test('a body of unknown length is let in while there is room, and refused in its middle where there is none', async (t) => {
  const admission = new Admission(LIMITS)
  sent(admission, 'a', 60)
  const chunked = admission.enter('b', 0)

  chunked.receive(40)
  t.match(refusal(() => chunked.receive(41)), /^overloaded: /)
  t.equal(admission.load.bytes, 100)
})

test('what a body held is expected by its size when it is whole, and known when it is read', async (t) => {
  const admission = new Admission({ bytes: 10_000, events: 100 })
  const ticket = sent(admission, 'a', 600)

  ticket.arrive(5 * EVENT_BYTES)
  t.same(admission.load, { bytes: 5 * EVENT_BYTES, events: 5 }, 'a body that was packed counts as what it takes now')
  ticket.begin(12)
  t.equal(admission.load.events, 12)
  await ticket.goOn(8)
  t.equal(admission.load.events, 20)
  ticket.finish(12)
  t.same(admission.load, { bytes: 5 * EVENT_BYTES, events: 8 })
})

test('one sender gets three quarters while others wait, and all when it is alone', async (t) => {
  for (const [more, isRefused] of [[24, false], [25, false], [26, true]] as const) {
    const admission = new Admission(LIMITS)
    sent(admission, 'quiet', 1)
    sent(admission, 'noisy', 50)

    t.equal(refusal(() => admission.enter('noisy', more)).startsWith('quota: '), isRefused, `50 + ${more} of 100`)
    t.equal(refusal(() => admission.enter('quiet', 10)), LET_IN, 'the other is let in')
  }

  const alone = new Admission(LIMITS)
  sent(alone, 'noisy', 80)
  t.equal(refusal(() => sent(alone, 'noisy', 20)), LET_IN)
})

test('one sender gets three quarters of the events too', async (t) => {
  for (const [bytes, isRefused] of [[EVENT_BYTES, false], [2 * EVENT_BYTES, false], [3 * EVENT_BYTES, true]] as const) {
    const admission = new Admission({ bytes: 1e9, events: 12 })
    sent(admission, 'quiet', 1).begin(1)
    sent(admission, 'noisy', 1).begin(7)

    t.equal(refusal(() => admission.enter('noisy', bytes)).startsWith('quota: '), isRefused, `7 + ${bytes / EVENT_BYTES} of 12`)
  }
})

test('the only body of a sender that was let in above its share is not refused in its middle for it', async (t) => {
  const admission = new Admission(LIMITS)
  sent(admission, 'quiet', 5)

  const ticket = admission.enter('large', 80)
  ticket.receive(40)

  t.equal(refusal(() => ticket.receive(80)), LET_IN)
  t.match(refusal(() => admission.enter('large', 1)), /^quota: /, 'but it is for its next')
})

test('a request is refused in the middle of its body when others have taken the room meanwhile, and goes on when it is free', async (t) => {
  const admission = new Admission(LIMITS)
  const early = admission.enter('a', 90)
  early.receive(40)
  const late = sent(admission, 'b', 20)

  t.throws(() => early.receive(81), { code: 'overloaded', retryAfterSeconds: 1 })
  t.equal(admission.load.bytes, 60, 'what was refused is not counted')
  late.leave()
  t.equal(refusal(() => early.receive(90)), LET_IN)
  early.leave()
  t.same(admission.load, NOTHING)
})

test('a refusal says when to come again', async (t) => {
  const admission = new Admission(LIMITS)
  sent(admission, 'a', 100)

  t.throws(() => admission.enter('b', 1), { code: 'overloaded', retryAfterSeconds: 1 })
})

test('a body that is being stored waits for room instead of being refused', async (t) => {
  const admission = new Admission(LIMITS)
  const first = sent(admission, 'a', 1)
  const second = sent(admission, 'b', 1)
  first.begin(10)
  let isIn = false

  const waiting = second.goOn(4).then(() => { isIn = true })
  await new Promise((resolve) => setImmediate(resolve))
  t.notOk(isIn)
  first.finish(10)
  await waiting

  t.same(admission.load, { bytes: 2, events: 4 })
})

test('of many that wait for the same room, only those go on that find some', async (t) => {
  const admission = new Admission(LIMITS)
  const [first, ...others] = ['a', 'b', 'c', 'd'].map((sender) => sent(admission, sender, 1))
  first?.begin(10)
  const wentOn: number[] = []
  const waiting = others.map(async (ticket, at) => {
    await ticket.goOn(9)
    wentOn.push(at)
  })

  first?.leave()
  await new Promise((resolve) => setImmediate(resolve))
  t.same(wentOn, [0, 1], 'the second fills the queue, so that the third waits on')
  t.same(admission.load, { bytes: 3, events: 18 })
  others[0]?.finish(9)
  await Promise.all(waiting)

  t.same(wentOn, [0, 1, 2])
})

test('a ticket that left twice gives its place back once', async (t) => {
  const admission = new Admission(LIMITS)
  const ticket = sent(admission, 'a', 10)
  sent(admission, 'b', 5)

  ticket.leave()
  ticket.leave()

  t.equal(admission.load.bytes, 5)
})

test('work that goes on after its client left counts nothing and is refused nothing, so that nothing leaks', async (t) => {
  const admission = new Admission(LIMITS)
  const ticket = sent(admission, 'a', 10)
  ticket.begin(3)

  ticket.leave()
  sent(admission, 'b', 100).leave()
  ticket.receive(200)
  ticket.arrive(50)
  ticket.begin(2)
  await ticket.goOn(2)
  ticket.finish(3)

  t.same(admission.load, NOTHING)
})

type Step = { kind: 'enter' | 'receive' | 'arrive' | 'begin' | 'goOn' | 'leave', sender: string, at: number, size: number }
interface Body { ticket: Ticket, storing: Array<Promise<void>> }

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('enter', 'receive', 'arrive', 'begin', 'goOn', 'leave'),
  sender: fc.constantFrom('a', 'b', 'c'),
  at: fc.nat(1_000),
  size: fc.integer({ min: 1, max: 40 })
})

async function store (ticket: Ticket, events: number): Promise<void> {
  await ticket.goOn(events)
  await Promise.resolve()
  ticket.finish(events)
}

/** Does one step with a body of those that came; a refusal changes nothing. What is being stored is whole and was begun. */
function play (admission: Admission, bodies: Body[], { kind, sender, at, size }: Step): void {
  const body = bodies[at % Math.max(1, bodies.length)]
  refusal(() => {
    if (kind === 'enter') bodies.push({ ticket: admission.enter(sender, size), storing: [] })
    else if (kind === 'goOn') body?.storing.push(store(body.ticket, size))
    else if (kind === 'leave') body?.ticket.leave()
    else if (body?.storing.length === 0) body.ticket[kind](size)
  })
}

test('nothing leaks: after 1,000 random steps and when all have left, the queue is empty and never was below zero', async (t) => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1_000, maxLength: 1_000 }), async (steps) => {
    const admission = new Admission({ bytes: 200, events: 100 })
    const bodies: Body[] = []
    for (const next of steps) {
      play(admission, bodies, next)
      await Promise.resolve()
      if (admission.load.bytes < 0 || admission.load.events < 0) return false
    }
    for (const { ticket } of bodies) ticket.leave()
    await Promise.all(bodies.flatMap(({ storing }) => storing))
    return admission.load.bytes === 0 && admission.load.events === 0 && refusal(() => admission.enter('a', 10_000)) === LET_IN
  }), { numRuns: 20, seed: 7 })
  t.pass('held for 20 runs')
})
