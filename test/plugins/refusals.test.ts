import { test } from 'tap'
import type { Refusal } from '../../schemas/submission.ts'
import { buildTestApp } from '../helper.ts'
import { get, JSON_BODY, post } from './support.ts'

test('whoever wonders where their events are is told why the last ones were refused, without bodies and secrets', async (t) => {
  const app = await buildTestApp(t)
  const list = async (): Promise<Refusal[]> => (await get(app, '/refusals')).json<{ refusals: Refusal[] }>().refusals
  t.same(await list(), [], 'nothing was refused yet')

  await app.inject({ method: 'POST', url: '/events', headers: { 'x-ops-token': 'bw_stolen_secret' }, payload: { message: 'private words' } })
  await app.inject({ method: 'POST', url: '/events', payload: { message: 'private words' } })
  await post(app, '/events', '{"message": private words}', JSON_BODY)
  await post(app, '/log', '{"nothing": 1}', JSON_BODY)
  await post(app, '/events', { message: 'fine' })
  await post(app, '/events', '{"message": private words}', JSON_BODY)

  const refusals = await list()
  t.same(refusals.map(({ route, code, count }) => [route, code, count]), [
    ['POST /events', 'invalid', 2], ['POST /log', 'invalid', 1], ['POST /events', 'unauthorized', 1], ['POST /events', 'unauthorized', 1]
  ])
  t.match(refusals[0]?.message, /not JSON.*column 13/)
  t.match(refusals[3]?.message, /^the token is not known here/)
  t.notMatch(JSON.stringify(refusals), /stolen|words/)
})

test('one who is refused over and over does not push out the others', async (t) => {
  const app = await buildTestApp(t)
  await post(app, '/events', '{', JSON_BODY)
  for (let n = 0; n < 30; n++) await app.inject({ method: 'POST', url: '/events', payload: {} })

  const { refusals } = (await get(app, '/refusals')).json<{ refusals: Refusal[] }>()

  t.same(refusals.map(({ code }) => code), ['unauthorized', 'invalid'])
  t.equal(refusals[0]?.count, 30)
})
