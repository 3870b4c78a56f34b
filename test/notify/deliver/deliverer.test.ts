import fc from 'fast-check'
import { test } from 'tap'
import { parseSecrets, sign } from '../../../src/notify/signature.ts'
import { until } from '../../support/until.ts'
import { deliver, HURRY, idsOf, open } from '../delivering.ts'
import { MemoryOutbox } from '../memory-outbox.ts'
import { closedPort, hang, rawReceiver, Receiver, status, type Received } from '../receiver.ts'
import { body, channel, notice, NOW, SECRET } from '../support.ts'

const SHORT_MS = 50

test('a notice is delivered once, and the ledger knows when, how long and what was answered', async (t) => {
  const receiver = await Receiver.open(t, status(201, {}, 'thanks'))
  const { outbox, deliverer } = deliver(t, [channel({ url: receiver.url })])

  outbox.put(notice())
  deliverer.wake()
  await until(() => outbox.waiting.length === 0)

  t.equal(receiver.received.length, 1)
  t.match(outbox.kept, [{ state: 'delivered', attempts: [{ channel: 'main', time: '2026-11-22T12:00:00.000Z', result: 'delivered', status: 201, reply: 'thanks', ms: Number }] }])
})

test('while what was delivered is written down the next are sent; after a failure none is before that is written', async (t) => {
  for (const [code, sent] of [[200, 20], [500, 8]] as const) {
    const receiver = await Receiver.open(t, status(code))
    const outbox = new MemoryOutbox([channel({ url: receiver.url })])
    const { promise: written, resolve: write } = Promise.withResolvers<void>()
    const settle = async (settlements: Parameters<MemoryOutbox['settle']>[0]): Promise<void> => { await written; return outbox.settle(settlements) }
    const deliverer = open(t, { channels: outbox.channels, due: outbox.due, settle })
    outbox.put(...Array.from({ length: 20 }, (_, n) => notice({ alertId: `alert_${n}` })))

    deliverer.wake()
    await receiver.until(sent)
    const { rounds } = outbox
    await until(() => outbox.rounds > rounds + 2)

    t.equal(receiver.received.length, sent)
    write()
  }
})

test('what is put in later is found without being woken', async (t) => {
  const receiver = await Receiver.open(t)
  const { outbox, deliverer } = deliver(t, [channel({ url: receiver.url })])

  deliverer.wake()
  await until(() => outbox.rounds > 1)
  outbox.put(notice())
  await receiver.until(1)

  t.same(idsOf(receiver.received), ['msg_main_alert_1_1'])
})

test('a receiver that fails N times gets the same id, a fresh time and a good signature by the table, and then what came after', async (t) => {
  const waits = [5, 15, 30, 60, 120, 300, 1_800, 7_200]
  for (const failures of [1, 3, 8]) {
    const receiver = await Receiver.open(t, (response) => response.writeHead(receiver.received.length <= failures ? 500 : 200).end())
    const { outbox, turn } = deliver(t, [channel({ url: receiver.url, secret: SECRET })])
    outbox.put(notice({ sequence: 1 }), notice({ sequence: 2 }))

    turn(0)
    for (const [at, seconds] of waits.slice(0, failures).entries()) {
      await until(() => outbox.settled.length === at + 1)
      turn(seconds * 1_000 - 1)
      const { rounds } = outbox
      await until(() => outbox.rounds > rounds + 2)
      turn(1)
    }
    await until(() => outbox.waiting.length === 0)

    const times = receiver.received.map(({ headers }) => Number(headers['webhook-timestamp']))
    t.same(idsOf(receiver.received), [...Array(failures + 1).fill('msg_main_alert_1_1'), 'msg_main_alert_1_2'])
    t.same(times.slice(1, -1).map((time, at) => time - (times[at] ?? 0)), waits.slice(0, failures), 'none came before it was due')
    t.ok(receiver.received.every(isSigned))
  }
})

function isSigned ({ headers, body: text }: Received): boolean {
  const message = { id: String(headers['webhook-id']), timestamp: Number(headers['webhook-timestamp']), body: text }
  return headers['webhook-signature'] === sign(message, parseSecrets(SECRET) ?? [])
}

test('after all attempts a notice has failed, and the next one has its turn', async (t) => {
  const receiver = await Receiver.open(t, (response, { headers }) => response.writeHead(headers['webhook-id'] === 'msg_main_alert_1_1' ? 500 : 200).end())
  const outbox = new MemoryOutbox([channel({ url: receiver.url })])
  const deliverer = open(t, outbox, { schedule: { factor: HURRY, random: () => 0 } })

  outbox.put(notice({ sequence: 1 }), notice({ sequence: 2 }))
  deliverer.wake()
  await until(() => outbox.waiting.length === 0)

  t.match(outbox.kept, [{ state: 'failed', attempts: { length: 14 } }, { state: 'delivered', attempts: { length: 1 } }])
})

test('whatever receivers answer, every notice arrives and those of one alert in order', async (t) => {
  const answers = fc.array(fc.constantFrom(200, 200, 200, 429, 500, 503, 301, 404), { minLength: 1, maxLength: 12 })
  await fc.assert(fc.asyncProperty(answers, answers, fc.integer({ min: 1, max: 4 }), async (one, two, alerts) => {
    const urls = await Promise.all([one, two].map(async (codes) => {
      const receiver: Receiver = await Receiver.open(t, (response) => {
        response.writeHead(codes[receiver.received.length - 1] ?? 200, { 'retry-after': '0' }).end()
      })
      return receiver
    }))
    const outbox = new MemoryOutbox(urls.map(({ url }, at) => channel({ id: `c${at}`, url })))
    for (const channelId of ['c0', 'c1']) {
      for (let n = 0; n < alerts * 5; n++) outbox.put(notice({ channelId, alertId: `a${n % alerts}`, sequence: Math.floor(n / alerts) }))
    }
    const deliverer = open(t, outbox, { schedule: { factor: HURRY, random: () => 0 } })
    deliverer.wake()
    await until(() => outbox.waiting.length === 0)
    await deliverer.close(0)

    const delivered = outbox.settled.flatMap(({ steps }) => steps).filter(({ next }) => next.state === 'delivered').map(({ notice: { channelId, alertId, sequence } }) => ({ lane: `${channelId} ${alertId}`, sequence }))
    const isInOrder = delivered.every(({ lane, sequence }, at) => delivered.slice(0, at).filter((other) => other.lane === lane).length === sequence)
    return delivered.length === alerts * 10 && isInOrder
  }), { numRuns: 15, seed: 7 })
  t.pass('held for 15 runs')
})

test('a receiver that hangs holds up nobody else, and its own alerts one place each', async (t) => {
  const hanging = await Receiver.open(t, hang)
  const others = await Promise.all([1, 2, 3, 4].map(() => Receiver.open(t)))
  const { outbox, deliverer } = deliver(t, [hanging, ...others].map(({ url }, at) => channel({ id: `c${at}`, url })))
  for (let alert = 0; alert < 200; alert++) {
    for (let at = 0; at < 5; at++) outbox.put(notice({ channelId: `c${at}`, alertId: `a${alert}` }))
  }

  deliverer.wake()
  await until(() => outbox.settled.length === 800)

  t.same(others.map(({ received }) => received.length), [200, 200, 200, 200])
  t.equal(hanging.received.length, 8, 'so many at once, and no more')
  t.equal(outbox.waiting.length, 200)
})

test('an attempt on a receiver that hangs ends at the time-out and is tried again', async (t) => {
  const receiver = await Receiver.open(t, (response) => { if (receiver.received.length > 1) response.end() })
  const { outbox, turn } = deliver(t, [channel({ url: receiver.url })], { timeoutMs: SHORT_MS })

  outbox.put(notice())
  turn(0)
  await until(() => outbox.settled.length === 1)
  turn(5_000)
  await until(() => outbox.waiting.length === 0)

  t.match(outbox.kept[0]?.attempts, [{ result: 'retry', reason: 'timeout' }, { result: 'delivered' }])
})

test('nothing reaches a receiver before its Retry-After, no other alert either', async (t) => {
  for (const [code, failures] of [[429, 0], [503, 1]] as const) {
    const receiver = await Receiver.open(t, (response) => response.writeHead(receiver.received.length === 1 ? code : 200, { 'retry-after': '120' }).end())
    const { outbox, turn } = deliver(t, [channel({ url: receiver.url })])

    outbox.put(notice())
    turn(0)
    await until(() => outbox.settled.length === 1)
    t.equal(outbox.channel('main').failures, failures, 'who throttles is well')
    outbox.put(notice({ alertId: 'alert_2' }))
    turn(119_999)
    const { rounds } = outbox
    await until(() => outbox.rounds > rounds + 2)
    t.equal(receiver.received.length, 1)
    turn(1)
    await until(() => outbox.waiting.length === 0)

    t.equal(receiver.received.length, 3)
  }
})

test('410 switches a channel off: its notice has failed, and later ones wait', async (t) => {
  const receiver = await Receiver.open(t, status(410))
  const { outbox, deliverer } = deliver(t, [channel({ url: receiver.url })])

  outbox.put(notice({ sequence: 1 }), notice({ sequence: 2 }))
  deliverer.wake()
  await until(() => outbox.settled.length === 1)
  const { rounds } = outbox
  await until(() => outbox.rounds > rounds + 2)

  t.equal(outbox.channel('main').enabled, false)
  t.match(outbox.kept, [{ state: 'failed', attempts: [{ result: 'gone', status: 410 }] }, { state: 'waiting', attempts: [] }])
  t.equal(receiver.received.length, 1)
})

test('the fallback takes at once what a channel will never take, under the same id', async (t) => {
  for (const [kind, code] of [['webhook', 410], ['slack', 400], ['slack', 404]] as const) {
    const [refusing, taking] = await Promise.all([Receiver.open(t, status(code)), Receiver.open(t)])
    const { outbox, deliverer } = deliver(t, [channel({ kind, url: refusing.url, fallback: 'spare' }), channel({ id: 'spare', url: taking.url })])

    outbox.put(notice({ sequence: 1 }), notice({ sequence: 2 }))
    deliverer.wake()
    await until(() => outbox.waiting.length === 0)

    t.same(idsOf(taking.received), ['msg_main_alert_1_1', 'msg_main_alert_1_2'], `${kind} ${code}`)
    t.match(outbox.kept[0]?.attempts, [{ channel: 'main', status: code }, { channel: 'spare', result: 'delivered' }])
  }
})

test('two channels that refuse and are each other\'s fallback end it after one attempt each', async (t) => {
  const receiver = await Receiver.open(t, status(400))
  const { outbox, deliverer } = deliver(t, [
    channel({ id: 'a', kind: 'slack', url: receiver.url, fallback: 'b' }),
    channel({ id: 'b', kind: 'discord', url: receiver.url, fallback: 'a' })
  ])

  outbox.put(notice({ channelId: 'a' }))
  deliverer.wake()
  await until(() => outbox.waiting.length === 0)

  t.match(outbox.kept, [{ state: 'failed', attempts: [{ channel: 'a' }, { channel: 'b' }] }])
})

test('a broken channel hands over to its fallback, is asked now and then, and takes over again when it is well', async (t) => {
  const [primary, spare] = await Promise.all([Receiver.open(t, status(500)), Receiver.open(t)])
  const { outbox, turn, told } = deliver(t, [channel({ url: primary.url, fallback: 'spare' }), channel({ id: 'spare', url: spare.url })])

  outbox.put(notice())
  for (const ms of [0, 5_000, 15_000]) {
    const { length } = outbox.settled
    turn(ms)
    await until(() => outbox.settled.length > length)
  }
  await until(() => outbox.waiting.length === 0)
  t.same([primary.received.length, idsOf(spare.received)], [3, ['msg_main_alert_1_1']], 'it was broken at the third attempt')

  outbox.put(notice({ alertId: 'alert_2' }))
  turn(1)
  await until(() => outbox.waiting.length === 0)
  t.same([primary.received.length, spare.received.length], [3, 2], 'what comes next does not ask it first')

  primary.answer = status(200)
  outbox.put(notice({ alertId: 'alert_3' }))
  turn(20_000)
  await until(() => outbox.waiting.length === 0)
  outbox.put(notice({ alertId: 'alert_4' }))
  turn(0)
  await until(() => outbox.waiting.length === 0)
  t.same([primary.received.length, spare.received.length], [5, 2])
  t.same(told, ['main broken', 'main well'])
})

test('while a broken channel is being asked, its fallback takes the rest', async (t) => {
  const [primary, spare] = await Promise.all([Receiver.open(t, hang), Receiver.open(t)])
  const { outbox, turn } = deliver(t, [channel({ url: primary.url, fallback: 'spare', failures: 3 }), channel({ id: 'spare', url: spare.url })])

  outbox.put(...[1, 2, 3, 4, 5].map((n) => notice({ alertId: `a${n}` })))
  turn(0)
  await until(() => outbox.waiting.length === 1)
  await primary.until(1)

  t.same([primary.received.length, spare.received.length], [1, 4])
})

test('a receiver that was down is spared while it is, and gets all that waited once it is back', async (t) => {
  const receiver = await Receiver.open(t)
  const down = `http://127.0.0.1:${await closedPort()}/`
  const { outbox, turn } = deliver(t, [channel({ url: down })])
  outbox.put(...Array.from({ length: 1_000 }, (_, n) => notice({ alertId: `a${n}` })))

  turn(0)
  await until(() => outbox.channel('main').heldUntil > NOW)
  const tries = outbox.settled.length
  t.ok(tries <= 12, `${tries} attempts until it was known to be broken`)
  for (let probe = 1; probe <= 5; probe++) {
    turn(20_000)
    await until(() => outbox.settled.length === tries + probe)
  }
  outbox.set({ ...outbox.channel('main'), url: receiver.url })
  turn(20_000)
  await until(() => outbox.waiting.length === 0)

  t.equal(new Set(idsOf(receiver.received)).size, 1_000)
  t.equal(receiver.received.length, 1_000)
})

test('closing waits for what is on its way, breaks off what hangs, and leaves it in the outbox for the next start', async (t) => {
  let finish = (): void => {}
  const [slow, hanging] = await Promise.all([Receiver.open(t, (response) => { finish = () => { response.end() } }), Receiver.open(t, hang)])
  const { outbox, deliverer } = deliver(t, [channel({ id: 'slow', url: slow.url }), channel({ id: 'hanging', url: hanging.url })])
  outbox.put(notice({ channelId: 'slow' }), notice({ channelId: 'slow', sequence: 2 }), notice({ channelId: 'hanging' }))
  deliverer.wake()
  await Promise.all([slow.until(1), hanging.until(1)])

  const closed = deliverer.close(SHORT_MS)
  finish()
  await closed

  t.match(outbox.kept, [{ state: 'delivered' }, { state: 'waiting', attempts: [] }, { state: 'waiting', attempts: [], notice: { attempts: 0 } }])
  hanging.answer = slow.answer = status(200)
  open(t, outbox).wake()
  await until(() => outbox.waiting.length === 0)
  t.same(idsOf(hanging.received), ['msg_hanging_alert_1_1', 'msg_hanging_alert_1_1'])
  t.same(idsOf(slow.received), ['msg_slow_alert_1_1', 'msg_slow_alert_1_2'])
})

test('an outbox that fails is told and asked again, and nothing is sent twice for it', async (t) => {
  const receiver = await Receiver.open(t)
  const { outbox, deliverer, errors } = deliver(t, [channel({ url: receiver.url })])
  outbox.put(notice())

  outbox.failNext = 2
  deliverer.wake()
  await receiver.until(1)
  outbox.failNext = 3
  await until(() => outbox.waiting.length === 0)

  t.equal(receiver.received.length, 1)
  t.ok(errors.length >= 3 && errors.every((error) => String(error).includes('the disk is full')))
})

test('one that died between sending and writing sends again under the same id', async (t) => {
  const receiver = await Receiver.open(t)
  const { outbox, deliverer } = deliver(t, [channel({ url: receiver.url })])
  outbox.put(notice())
  outbox.isDying = true

  deliverer.wake()
  await receiver.until(1)
  await deliverer.close(0)
  const next = new MemoryOutbox([channel({ url: receiver.url })])
  next.put(notice())
  open(t, next).wake()
  await until(() => next.waiting.length === 0)

  t.same(idsOf(receiver.received), ['msg_main_alert_1_1', 'msg_main_alert_1_1'])
})

test('a notice that cannot be put into a request is told, and does not hold up the others', async (t) => {
  const receiver = await Receiver.open(t)
  const { outbox, deliverer, errors } = deliver(t, [channel({ url: receiver.url })])

  outbox.put(notice({ body: body({ evidence: { wrong: 1n } }) }), notice({ alertId: 'alert_2' }))
  deliverer.wake()
  await receiver.until(1)
  await until(() => errors.length > 1)

  t.same(idsOf(receiver.received), ['msg_main_alert_2_1'])
  t.match(errors[0], /BigInt/)
})

test('Alertmanager is told again each minute while an alert fires, and no more once it is resolved', async (t) => {
  const receiver = await Receiver.open(t)
  const { outbox, turn } = deliver(t, [channel({ kind: 'alertmanager', url: receiver.url })])
  outbox.put(notice())
  const states = (): unknown[] => receiver.received.map(({ body: text }) => text.includes('"endsAt":"2026-11-22T12:03:30.000Z"') ? 'resolved' : 'firing')

  for (const [ms, settled] of [[0, 1], [59_999, 1], [1, 2], [60_000, 3]] as const) {
    turn(ms)
    const { rounds } = outbox
    await until(() => outbox.rounds > rounds + 2 && outbox.settled.length >= settled)
  }
  t.same(states(), ['firing', 'firing', 'firing'])
  outbox.put(notice({ sequence: 2, body: body({ type: 'alert.resolved', state: 'resolved', ended_at: '2026-11-22T12:03:30.000Z' }) }))
  turn(90_000)
  await until(() => outbox.settled.length === 4)
  turn(600_000)
  const { rounds } = outbox
  await until(() => outbox.rounds > rounds + 2)

  t.same(states(), ['firing', 'firing', 'firing', 'resolved'])
})

test('a repeat that fails is no failure of the notice, and goes to no other channel', async (t) => {
  const [alertmanager, spare] = await Promise.all([Receiver.open(t), Receiver.open(t)])
  const { outbox, turn } = deliver(t, [channel({ kind: 'alertmanager', url: alertmanager.url, fallback: 'spare' }), channel({ id: 'spare', url: spare.url })])
  outbox.put(notice())
  turn(0)
  await until(() => outbox.settled.length === 1)

  alertmanager.answer = status(500)
  for (let repeat = 1; repeat <= 4; repeat++) {
    turn(60_000)
    await until(() => outbox.settled.length === repeat + 1)
  }

  t.match(outbox.kept, [{ state: 'delivered', attempts: { length: 5 } }])
  t.same([alertmanager.received.length, spare.received.length, outbox.channel('main').failures], [5, 0, 4])
})

test('Alertmanager is told itself once it is back, of what another channel was told in its place', async (t) => {
  const [alertmanager, spare] = await Promise.all([Receiver.open(t), Receiver.open(t)])
  const down = channel({ kind: 'alertmanager', url: alertmanager.url, fallback: 'spare', failures: 3, heldUntil: NOW + 50_000 })
  const { outbox, turn } = deliver(t, [down, channel({ id: 'spare', kind: 'slack', url: spare.url })])
  outbox.put(notice())

  turn(0)
  await until(() => outbox.waiting.length === 0)
  turn(60_000)
  await until(() => outbox.settled.length === 2)

  t.same([alertmanager.received.length, spare.received.length], [1, 1])
})

test('receivers that misbehave are written down with a reason, and the others get theirs', async (t) => {
  const urls = await Promise.all([
    rawReceiver(t, (socket) => socket.end()),
    rawReceiver(t, (socket) => socket.end('HTTP/1.1 20')),
    rawReceiver(t, (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(1e6)}`)),
    rawReceiver(t, (socket) => socket.end('nonsense\r\n\r\n'))
  ])
  const { outbox, deliverer } = deliver(t, urls.map((url, at) => channel({ id: `c${at}`, url })))

  outbox.put(...urls.map((_, at) => notice({ channelId: `c${at}` })))
  deliverer.wake()
  await until(() => outbox.settled.length === 4)

  t.same(outbox.kept.map(({ attempts }) => attempts[0]?.reason), ['reset', 'reset', 'too_large_headers', 'malformed'])
  t.equal(outbox.waiting.length, 4)
})
