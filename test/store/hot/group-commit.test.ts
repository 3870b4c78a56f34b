import { test } from 'tap'
import { allEvents, newEvent, newEvents, submission } from '../../contract/given.ts'
import { buildStore } from '../../helper.ts'
import { appendedOf, openParts } from '../support.ts'

const WRITERS = 500

test('appends that come at once are all answered, with ids that grow in the order of the calls', async (t) => {
  const { store } = await buildStore(t, { durability: 'durable' })

  const answers = await Promise.all(newEvents(WRITERS, (index) => ({ message: `from ${index}` })).map((event) => store.append(submission([event]))))

  const ids = answers.flatMap((answer) => answer.ids)
  t.equal(ids.length, WRITERS)
  t.ok(ids.every((id, at) => at === 0 || id > (ids[at - 1] ?? 0)), 'strictly growing')
  const stored = await store.read('eventsSince', { after: 0, where: undefined, limit: WRITERS + 1 })
  t.same(stored.map(({ id, message }) => [id, message]), ids.map((id, at) => [id, `from ${at}`]))
})

test('a submission that cannot be stored does not sink those committed with it', async (t) => {
  const { store } = await buildStore(t)
  const sent = newEvents(20, (index) => ({ clientId: `id-${index % 19}`, service: `s-${index}`, time: index === 7 ? NaN : index }))

  const outcomes = await Promise.allSettled(sent.map((event) => store.append(submission([newEvent(), event]))))

  t.same(outcomes.flatMap(({ status }, at) => status === 'rejected' ? [at] : []), [7])
  const stored = await allEvents(store, { order: 'asc' })
  t.equal(stored.length, 19 + 18, 'two of each good one, but the repeated id')
  t.same(stored.filter(({ service }) => service !== null).map(({ service }) => service).sort(), sent.flatMap(({ service }, at) => at === 7 || at === 19 ? [] : [service]).sort())
})

test('a group with a bad submission leaves counts, words, ids and the catalogue as if that one had not come', async (t) => {
  const { commit, writer } = await openParts(t)
  const good = (message: string) => submission([newEvent({ clientId: message, service: message, message })])
  const bad = submission([newEvent({ clientId: 'lost', service: 'lost', message: 'lost' }), newEvent({ time: NaN })])

  const outcomes = commit(good('one'), bad, good('two'))

  const column = (sql: string) => writer.raw.prepare(sql).pluck().all()
  t.match(outcomes, [{ appended: {} }, { failed: Error }, { appended: {} }])
  t.same(column('SELECT message FROM events_1 ORDER BY id'), ['one', 'two'])
  t.same(column('SELECT client_id FROM keys_1 ORDER BY 1'), ['one', 'two'])
  t.same(column('SELECT name FROM names ORDER BY 1'), ['one', 'token', 'two'])
  t.same(column("SELECT count(*) FROM words_1 WHERE words_1 MATCH 'one OR two OR lost'"), [2])
  t.same(column('SELECT sum(count) FROM minutes_1'), [2])
  t.same(column('SELECT rows FROM partitions'), [2])
})

test('an event may come again after the submission it was in had failed', async (t) => {
  const { commit } = await openParts(t)
  const event = newEvent({ clientId: 'a', service: 'api' })

  const [failed] = commit(submission([event, newEvent({ time: NaN })]))
  const [stored] = commit(submission([event]))

  t.ok(failed !== undefined && 'failed' in failed)
  t.same(appendedOf(stored).duplicates, [])
})
