import { test } from 'tap'
import type { NewEvent } from '../../schemas/event.ts'
import { LiveFeed } from '../../src/events/live-feed.ts'
import { receivedAt } from '../../src/core/row-ids.ts'
import { SampleFeed } from '../../src/numbers/sample-feed.ts'
import { Streams, type StreamMessage } from '../../src/events/streams.ts'
import type { IdentifiedEvent } from '../../src/events/wire-event.ts'
import { buildStore } from '../helper.ts'

function fresh (n: number): NewEvent {
  return { time: n, level: n % 2 === 0 ? 'INFO' : 'ERROR', severity: 'LOW', service: 's', type: null, host: null, traceId: null, clientId: `c${n}`, message: `m${n}`, meta: null, idHint: null, isTimed: true }
}

/** Takes messages until a condition holds; a client that always reads. */
class Inbox {
  readonly messages: StreamMessage[] = []
  #changed: () => void = () => {}

  readonly send = (message: StreamMessage): boolean => {
    this.messages.push(message)
    this.#changed()
    return true
  }

  get ids (): string[] {
    return this.messages.flatMap((message) => message.kind === 'events' ? message.events.map(({ id }) => id) : [])
  }

  async until (isDone: () => boolean): Promise<void> {
    // A timer of its own, since those of the feed do not keep a process alive.
    const alive = setInterval(() => {}, 1_000)
    while (!isDone()) await new Promise<void>((resolve) => { this.#changed = resolve })
    clearInterval(alive)
  }
}

test('following a store', async (t) => {
  const { store } = await buildStore(t)
  const live = new LiveFeed({ now: () => Date.now() })
  const streams = new Streams({ store, live, samples: new SampleFeed(), alerts: { follow: () => () => {} }, pipeline: { follow: () => () => {} }, mostOfOne: 100 })
  const append = async (from: number, count: number): Promise<IdentifiedEvent[]> => {
    const events = Array.from({ length: count }, (_, n) => fresh(from + n))
    const { ids } = await store.append({ tokenId: 't', events, indexes: events.map((_, at) => at), rejections: [] })
    return events.map((event, at) => ({ ...event, id: ids[at] ?? 0, receivedAt: receivedAt(ids[at] ?? 0, 0), patternId: null, anomaly: null }))
  }
  const names = (from: number, count: number) => Array.from({ length: count }, (_, n) => `c${from + n}`)
  const stored = await append(0, 5_000)

  await t.test('a reader that asks for more while it catches up gets the missed events before the new ones', async (t) => {
    const inbox = new Inbox()
    const controller = new AbortController()
    const { resume, caughtUp } = streams.open({ topics: 'events', q: '', after: stored[0]?.id, owner: 't', signal: controller.signal, send: inbox.send })

    resume()
    live.publish(await append(5_000, 10))
    resume()
    await caughtUp
    await inbox.until(() => inbox.ids.length >= 5_009)
    controller.abort()

    t.same(inbox.ids, names(1, 5_009))
  })

  await t.test('the id of a message is the place of its last event', async (t) => {
    const inbox = new Inbox()
    const controller = new AbortController()
    await streams.open({ topics: 'events', q: '', after: stored[4_997]?.id, owner: 't', signal: controller.signal, send: inbox.send }).caughtUp
    controller.abort()

    t.match(inbox.messages[0], { kind: 'events', events: { length: 12 } })
    const [message] = inbox.messages
    t.equal(message?.kind === 'events' && message.id > String(stored[4_999]?.id), true)
  })

  await t.test('the query holds for what was missed and for what comes', async (t) => {
    const inbox = new Inbox()
    const controller = new AbortController()
    const { caughtUp } = streams.open({ topics: 'events', q: 'level:error', after: stored[4_989]?.id, owner: 't', signal: controller.signal, send: inbox.send })
    await caughtUp
    live.publish(await append(6_000, 4))
    await inbox.until(() => inbox.ids.length >= 12)
    controller.abort()

    t.same(inbox.ids, [...names(4_990, 20), ...names(6_000, 4)].filter((id) => Number(id.slice(1)) % 2 === 1))
  })

  await t.test('without a place it begins with what comes next, and ends with its signal', async (t) => {
    const inbox = new Inbox()
    const controller = new AbortController()
    await streams.open({ topics: 'events', q: '', after: undefined, owner: 't', signal: controller.signal, send: inbox.send }).caughtUp
    live.publish(await append(7_000, 1))
    await inbox.until(() => inbox.ids.length > 0)

    controller.abort()
    const other = new Inbox()
    const second = new AbortController()
    streams.open({ topics: 'events', q: '', after: undefined, owner: 't', signal: second.signal, send: other.send })
    live.publish(await append(7_001, 1))
    await other.until(() => other.ids.length > 0)
    second.abort()

    t.same([inbox.ids, other.ids], [['c7000'], ['c7001']])
  })

  await t.test('a bad query is refused before anything is sent', async (t) => {
    t.throws(() => streams.open({ topics: 'events', q: '(', after: 1, owner: 't', signal: new AbortController().signal, send: () => t.fail('it was sent') }), { code: 'invalid' })
  })

  live.close()
})
