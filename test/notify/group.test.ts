import { test } from 'tap'
import type { ChannelKind } from '../../schemas/channel.ts'
import { CHANNEL_KINDS } from '../../schemas/words.ts'
import type { Notice, NoticeBody } from '../../schemas/notice.ts'
import { discord } from '../../src/notify/discord.ts'
import { slack } from '../../src/notify/slack.ts'
import { telex } from '../../src/notify/telex.ts'
import { groupWording } from '../../src/notify/wording.ts'
import { until } from '../support/until.ts'
import { deliver, HURRY, idsOf } from './delivering.ts'
import { Receiver, status } from './receiver.ts'
import { body, channel, notice, NOW } from './support.ts'

/** So many alerts that fire at the same moment, each of a rule with a name of its own. */
function storm (count: number, changes: Partial<NoticeBody> = {}, channelId = 'main'): Notice[] {
  return Array.from({ length: count }, (_, n) => {
    const alertId = `a${n}`
    return notice({ alertId, channelId, body: body({ alert_id: alertId, event_id: `evt_${n}`, rule: { id: `r${n}`, name: `Rule ${n}.` }, ...changes }) })
  })
}

test('a hundred alerts at once are few requests where a group can be told, and one each for a program; the ledger has each', async (t) => {
  const requests = { webhook: 100, telex: 1, slack: 1, discord: 1, alertmanager: 2 } satisfies Record<ChannelKind, number>
  for (const kind of CHANNEL_KINDS) {
    const receiver = await Receiver.open(t)
    const { outbox, turn } = deliver(t, [channel({ kind, url: receiver.url })])
    outbox.put(...storm(100))

    turn(0)
    await until(() => outbox.waiting.length === 0)

    t.equal(receiver.received.length, requests[kind], kind)
    t.ok(outbox.kept.every(({ state, attempts }) => state === 'delivered' && attempts.length === 1), 'every one is delivered')
    t.same(new Set(outbox.kept.map(({ attempts }) => attempts[0]?.grouped)), new Set({ webhook: [undefined], alertmanager: [64, 36] }[kind as string] ?? [100]))
    t.equal(outbox.settled.flatMap(({ steps }) => steps).length, 100)
  }
})

test('few alerts are told one by one', async (t) => {
  for (const [count, requests] of [[4, 4], [5, 1]] as const) {
    const receiver = await Receiver.open(t)
    const { outbox, turn } = deliver(t, [channel({ kind: 'slack', url: receiver.url })])
    outbox.put(...storm(count))

    turn(0)
    await until(() => outbox.waiting.length === 0)

    t.equal(receiver.received.length, requests)
  }
})

test('Alertmanager gets every alert of a storm', async (t) => {
  const receiver = await Receiver.open(t)
  const { outbox, turn } = deliver(t, [channel({ kind: 'alertmanager', url: receiver.url })])
  outbox.put(...storm(100))

  turn(0)
  await until(() => outbox.waiting.length === 0)

  const ids = receiver.received.flatMap(({ body: text }) => JSON.parse(text) as Array<{ labels: { rule_id: string } }>).map(({ labels }) => labels.rule_id)
  t.same(ids.sort(), Array.from({ length: 100 }, (_, n) => `r${n}`).sort())
})

test('a group that fails is one failure of the channel, and comes again as a group', async (t) => {
  const receiver = await Receiver.open(t, (response) => response.writeHead(receiver.received.length === 1 ? 500 : 200).end())
  const { outbox, turn } = deliver(t, [channel({ kind: 'slack', url: receiver.url })], { schedule: { factor: 1, random: jitter() } })
  outbox.put(...storm(100))

  turn(0)
  await until(() => outbox.settled.length === 1)
  t.equal(outbox.channel('main').failures, 1)
  turn(6_000)
  await until(() => outbox.waiting.length === 0)

  t.equal(receiver.received.length, 2)
  t.match(outbox.kept, Array(100).fill({ attempts: [{ result: 'retry', status: 500, grouped: 100 }, { result: 'delivered', grouped: 100 }] }))
})

/** Another number each time. */
function jitter (): () => number {
  let last = 0
  return () => (last += 0.37) % 1
}

test('a group that is throttled holds the whole channel until Retry-After', async (t) => {
  const receiver = await Receiver.open(t, (response) => response.writeHead(receiver.received.length === 1 ? 429 : 200, { 'retry-after': '120' }).end())
  const { outbox, turn } = deliver(t, [channel({ kind: 'discord', url: receiver.url })])
  outbox.put(...storm(300))

  turn(0)
  await until(() => outbox.settled.length === 1)
  turn(119_999)
  const { rounds } = outbox
  await until(() => outbox.rounds > rounds + 2)
  t.equal(receiver.received.length, 1)
  turn(1)
  await until(() => outbox.waiting.length === 0)

  t.equal(receiver.received.length, 3)
  t.ok(outbox.kept.every(({ state }) => state === 'delivered'))
})

test('of a group that is refused each is told alone, and only the one that is refused has failed', async (t) => {
  for (const [kind, code] of [['slack', 400], ['slack', 413], ['alertmanager', 400]] as const) {
    const receiver = await Receiver.open(t, (response, { body: text }) => response.writeHead(text.includes('Rule 3.') ? code : 200).end())
    const { outbox, turn } = deliver(t, [channel({ kind, url: receiver.url })], { schedule: { factor: HURRY, random: () => 0 } })
    outbox.put(...storm(6))

    turn(0)
    await until(() => outbox.waiting.length === 0)

    t.same(outbox.kept.filter(({ state }) => state !== 'delivered').map(({ notice: { alertId }, state }) => [alertId, state]), [['a3', 'failed']])
    t.match(outbox.kept[3]?.attempts, [{ result: 'failed', status: code, grouped: 6 }, { result: 'failed', status: code, grouped: undefined }])
  }
})

test('a notice that cannot be put into a request holds up none of its group', async (t) => {
  const receiver = await Receiver.open(t)
  const { outbox, turn, errors } = deliver(t, [channel({ kind: 'slack', url: receiver.url })])
  outbox.put(...storm(9), notice({ alertId: 'bad', body: { ...body(), started_at: 'never', get type (): never { throw new Error('it cannot be read') } } }))

  turn(0)
  await until(() => outbox.waiting.length === 1 && errors.length > 1)

  t.same(outbox.waiting.map(({ notice: { alertId } }) => alertId), ['bad'])
})

test('410 for a group switches the channel off, and its notices wait for it or go to its fallback', async (t) => {
  for (const fallback of [null, 'spare']) {
    const [gone, spare] = await Promise.all([Receiver.open(t, status(410)), Receiver.open(t)])
    const { outbox, turn } = deliver(t, [channel({ kind: 'slack', url: gone.url, fallback }), channel({ id: 'spare', url: spare.url })])
    outbox.put(...storm(10))

    turn(0)
    await until(() => outbox.settled.length >= 1 && (fallback === null || outbox.waiting.length === 0))

    t.equal(outbox.channel('main').enabled, false)
    t.equal(gone.received.length, 1)
    t.same(new Set(idsOf(spare.received)).size, fallback === null ? 0 : 10)
  }
})

test('order per alert holds when ends are told in groups, too', async (t) => {
  const receiver = await Receiver.open(t, (response) => response.writeHead(receiver.received.length % 2 === 1 ? 503 : 200).end())
  const { outbox, turn } = deliver(t, [channel({ kind: 'telex', url: receiver.url })], { schedule: { factor: HURRY, random: () => 0 } })
  const fired = storm(50)
  const ended = fired.map((one) => notice({ ...one, id: `${one.id}_end`, sequence: 2, body: { ...one.body, type: 'alert.resolved', state: 'resolved', event_id: `${one.id}_end` } }))
  outbox.put(...fired, ...ended)

  turn(0)
  await until(() => outbox.waiting.length === 0)

  const order = outbox.settled.flatMap(({ steps, attempt }) => attempt.result === 'delivered' ? steps.map(({ notice: { id } }) => id) : [])
  t.equal(order.length, 100)
  t.ok(fired.every(({ id }) => order.indexOf(id) < order.indexOf(`${id}_end`)))
})

test('a group names twenty, the gravest first, counts all, and leads to the list of alerts', async (t) => {
  const bodies = [
    body({ state: 'resolved', type: 'alert.resolved', event_id: 'e1', rule: { id: 'r', name: 'over' }, ended_at: '2026-11-22T12:30:00.000Z' }),
    body({ severity: 'warning', event_id: 'e2', rule: { id: 'r', name: 'mild' } }),
    ...storm(61).map((one) => one.body),
    body({ event_id: 'e3', started_at: '2026-11-22T10:00:00.000Z', rule: { id: 'r', name: 'first' } })
  ]

  const { title, text, tone, url, at } = groupWording([...bodies, ...bodies.slice(0, 5)])
  const lines = text.split('\n')

  t.equal(title, '64 alerts: 63 firing, 1 resolved')
  t.same([tone, url, at], ['bad', 'http://localhost:8080/alerts', '2026-11-22T12:30:00.000Z'])
  t.same([lines.length, lines[0], lines[1], lines[20]], [21, 'CRITICAL: first · host=db1', 'CRITICAL: Rule 0. · host=db1', 'and 44 more'])
  t.equal(groupWording(bodies.slice(0, 2)).text, 'WARNING: mild · host=db1\nRESOLVED: over · host=db1')
  t.equal(groupWording(bodies.slice(0, 1)).tone, 'good')
})

test('a group of the longest names keeps to the limits of each chat', async (t) => {
  for (const letter of ['x', '<', '*', '😀']) {
    const notices = storm(200, { rule: { id: 'r', name: letter.repeat(5_000) } })
    const posts = [slack, discord, telex].map(({ group }) => group?.request(notices, channel(), NOW).body ?? '')
    const texts = posts.flatMap((text) => stringsOf(JSON.parse(text)))

    t.ok(texts.every((text) => [...text].length <= 4_100), letter)
    t.ok(stringsOf(JSON.parse(posts[0] ?? '')).every((text) => [...text].length <= 3_000), `Slack, ${letter}`)
  }
})

/** Every text in a JSON value. */
function stringsOf (value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsOf) : []
}

test('settlements that come while one is being written are written together', async (t) => {
  const receiver = await Receiver.open(t)
  const { outbox, turn } = deliver(t, [channel({ url: receiver.url })])
  const { settle } = outbox
  let release = (): void => {}
  const slow = new Promise<void>((resolve) => { release = resolve })
  Object.assign(outbox, { settle: async (settlements: Parameters<typeof settle>[0]) => { await slow; await settle(settlements) } })
  outbox.put(...storm(8))

  turn(0)
  await receiver.until(8)
  release()
  await until(() => outbox.waiting.length === 0)

  t.ok(outbox.writes < 8, `${outbox.writes} writes`)
})
