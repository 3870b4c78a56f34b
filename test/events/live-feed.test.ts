import { mock } from 'node:test'
import { test, type Test } from 'tap'
import { LiveFeed, type LiveBatch } from '../../src/events/live-feed.ts'
import type { IdentifiedEvent } from '../../src/events/wire-event.ts'

function event (id: number): IdentifiedEvent {
  return {
    id,
    receivedAt: id,
    time: id,
    level: id % 2 === 0 ? 'INFO' : 'ERROR',
    severity: 'LOW',
    service: null,
    type: null,
    host: null,
    traceId: null,
    clientId: null,
    message: `m${id}`,
    meta: null,
    patternId: null,
    anomaly: null
  }
}

function range (from: number, count: number): IdentifiedEvent[] {
  return Array.from({ length: count }, (_, n) => event(from + n))
}

/** A feed on a clock that the test turns, and timers that turn with it. */
function turned (t: Test): { live: LiveFeed, turn: (ms: number) => void } {
  let now = 1_000_000
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const turn = (ms: number): void => {
    now += ms
    mock.timers.tick(ms)
  }
  return { live: new LiveFeed({ now: () => now }), turn }
}

/** A follower that writes down what it gets, and takes more while `hasRoom`. */
class Reader {
  readonly batches: LiveBatch[] = []
  hasRoom = true
  readonly accepts: (event: IdentifiedEvent) => boolean

  constructor (accepts: (event: IdentifiedEvent) => boolean = () => true) {
    this.accepts = accepts
  }

  readonly deliver = (batch: LiveBatch): boolean => {
    this.batches.push(batch)
    return this.hasRoom
  }

  get ids (): number[][] {
    return this.batches.map(({ events }) => events.map(({ id }) => id))
  }
}

test('the first event is told at once, what follows in one batch each 250 ms', async (t) => {
  const { live, turn } = turned(t)
  const reader = new Reader()
  live.follow(reader, { isBlocked: false })

  live.publish([event(1)])
  turn(0)
  t.same(reader.ids, [[1]])
  live.publish([event(2)])
  turn(100)
  live.publish(range(3, 2))
  turn(149)
  t.same(reader.ids, [[1]])
  turn(1)
  t.same(reader.ids, [[1], [2, 3, 4]])
})

test('a follower gets what it accepts, and is not woken for the rest', async (t) => {
  const { live, turn } = turned(t)
  const reader = new Reader(({ level }) => level === 'ERROR')
  live.follow(reader, { isBlocked: false })

  live.publish([event(2), event(4)])
  turn(250)
  live.publish(range(1, 4))
  turn(250)

  t.same(reader.ids, [[1, 3]])
})

test('a slow reader gets the newest 1,000 when it reads again, and is told how many it missed', async (t) => {
  for (const [count, missed] of [[999, 0], [1_000, 0], [1_001, 1], [1_500, 500]] as const) {
    const { live, turn } = turned(t)
    const slow = new Reader()
    const quick = new Reader()
    const { resume } = live.follow(slow, { isBlocked: false })
    live.follow(quick, { isBlocked: false })
    slow.hasRoom = false
    live.publish([event(0)])
    turn(250)

    for (let n = 0; n < count; n++) live.publish([event(1 + n)])
    turn(1_000)
    t.equal(slow.batches.length, 1, 'nothing is pushed on one who does not read')
    slow.hasRoom = true
    resume()
    turn(250)

    t.equal(slow.batches[1]?.missed, missed, `${count} while it did not read`)
    t.same(slow.ids[1], range(1 + missed, count - missed).map(({ id }) => id))
    t.equal(quick.batches.length, 2, 'a quick one does not wait for it')
    mock.timers.reset()
  }
})

test('a follower that begins blocked gets what came meanwhile when it is let go', async (t) => {
  const { live, turn } = turned(t)
  const reader = new Reader()
  const { resume } = live.follow(reader, { isBlocked: true })

  live.publish([event(1)])
  turn(1_000)
  t.same(reader.ids, [])
  resume()
  turn(250)

  t.same(reader.ids, [[1]])
})

test('one that stopped, or a feed that was closed, tells nothing more', async (t) => {
  const { live, turn } = turned(t)
  const [one, two] = [new Reader(), new Reader()]
  const { stop } = live.follow(one, { isBlocked: false })
  live.follow(two, { isBlocked: false })

  live.publish([event(1)])
  stop()
  turn(250)
  t.same([one.ids, two.ids], [[], [[1]]])
  live.publish([event(2)])
  live.close()
  turn(1_000)

  t.same([one.ids, two.ids], [[], [[1]]])
})
