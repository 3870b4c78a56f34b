import { test } from 'tap'
import type { App } from '../../plugins/app-type.ts'
import type { Event } from '../../schemas/event.ts'
import type { Receipt } from '../../schemas/submission.ts'
import { buildTestApp } from '../helper.ts'
import { countEvents, find, get, messagesOf, post, problemFaults } from './support.ts'

test('ids that senders give', async (t) => {
  const app = await buildTestApp(t)
  const [one, two] = [await sender(app, 'one'), await sender(app, 'two')]

  await t.test('two services that number their events alike lose none', async (t) => {
    const numbered = (service: string) => Array.from({ length: 500 }, (_, n) => ({ id: n + 1, service, message: `${service} ${n}` }))

    const receipts = [await one(numbered('cart')), await one(numbered('mail')), await two(numbered('cart'))]

    t.match(receipts.map((response) => response.json()), Array(3).fill({ accepted: 500, duplicates: 0, rejected: 0 }))
    t.same([await countEvents(app, 'service=cart'), await countEvents(app, 'service=mail')], [1_000, 500])
    t.match((await one(numbered('mail'))).json(), { accepted: 0, duplicates: 500 }, 'what is sent again is known')
  })

  await t.test('other content under a logger\'s id is an event of its own, with that id in meta', async (t) => {
    const [first, second, again] = await inTurn(one, [{ id: 4242, msg: 'a' }, { id: 4242, msg: 'b' }, { id: 4242, msg: 'b' }])

    t.match(first, { id: '4242', message: 'a', meta: {} })
    t.match(second, { id: /^\d{16}$/, message: 'b', meta: { id: 4242 } })
    t.same(again, second)
    t.match((await get(app, '/events/4242')).json(), { message: 'a' })
    t.same((await get(app, `/events/${second?.id}`)).json(), second)
    t.match((await get(app, `/events/${second?.id}/context`)).json(), { event: second })
  })

  await t.test('other content under an event_id is 409, or a conflict of its item, and not stored', async (t) => {
    const first = await one({ event_id: 'pay-1', message: 'paid 10' })
    const other = await one({ event_id: 'pay-1', message: 'paid 20' })
    const batch = await one([{ event_id: 'pay-1', message: 'paid 10' }, { event_id: 'pay-1', message: 'paid 30' }, { message: 'paid' }])
    const alone = await one([{ event_id: 'pay-1', message: 'paid 40' }])

    t.match([first.statusCode, first.json()], [201, { id: 'pay-1', meta: {} }])
    t.same(problemFaults(other, 409), [])
    t.equal(other.json().errors[0].path, '/event_id')
    t.equal(batch.statusCode, 207)
    t.match(batch.json(), { accepted: 1, duplicates: 1, rejected: 1 })
    t.match(batch.json<Receipt>().items.map(({ index, status }) => [index, status]), [[0, 'duplicate'], [1, 'conflict']])
    t.same((await get(app, `/receipts/${batch.json<Receipt>().receipt}`)).json().items, batch.json<Receipt>().items)
    t.same(problemFaults(alone, 409), [])
    t.same(messagesOf(await find(app, 'q=paid')), ['paid', 'paid 10'])
  })

  await t.test('no answer shows what another token sent', async (t) => {
    const secret = await one({ id: 'shared', message: 'the salary is 5000' })
    const answers = [await two({ id: 'shared', message: 'guess' }), await two({ event_id: 'shared', message: 'guess again' }), await two([{ id: 'shared', message: 'third' }])]

    t.equal(secret.json<Event>().id, 'shared')
    for (const answer of answers) {
      t.equal(answer.statusCode < 500, true)
      t.notMatch(answer.body, /salary/)
    }
    t.match((await get(app, '/events/shared')).json(), { message: 'the salary is 5000' })
    t.equal(await countEvents(app, 'q=guess OR third'), 2)
  })

  await t.test('an id that looks like that of another event takes nothing over', async (t) => {
    const plain = (await one({ message: 'plain' })).json<Event>()

    const [hint, strict] = await inTurn(two, [{ id: plain.id, message: 'impostor' }, { event_id: plain.id, message: 'another impostor' }])

    t.same((await get(app, `/events/${plain.id}`)).json(), plain)
    t.match([hint?.meta, strict], [{ id: plain.id }, undefined])
    t.not(hint?.id, plain.id)
  })
})

type Send = (body: object) => ReturnType<typeof post>

/** Sends as a token of its own, which may do nothing else. */
async function sender (app: App, name: string): Promise<Send> {
  const { secret } = await app.service.access.create({ name, scopes: ['ingest'], expiresAt: null })
  return (body) => post(app, '/events', body, { authorization: `Bearer ${secret}` })
}

/** The events that were answered; undefined for what was refused. */
async function inTurn (send: Send, bodies: readonly object[]): Promise<Array<Event | undefined>> {
  const events: Array<Event | undefined> = []
  for (const body of bodies) {
    const response = await send(body)
    events.push(response.statusCode === 201 ? response.json<Event>() : undefined)
  }
  return events
}
