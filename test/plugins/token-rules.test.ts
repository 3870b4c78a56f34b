import { test } from 'tap'
import type { Event } from '../../schemas/event.ts'
import type { Receipt, Rejected } from '../../schemas/submission.ts'
import { buildTestApp } from '../helper.ts'
import { bearer } from './people.ts'
import { find, FORM_BODY, get, JSON_BODY, NDJSON_BODY, pathsOf, problemFaults, TEXT_BODY } from './support.ts'

test('what a token says of its events holds, whatever they say', async (t) => {
  const app = await buildTestApp(t)
  const { secret } = await app.service.access.create({
    name: 'shipper', scopes: ['ingest'], expiresAt: null, stamp: { service: 'api', env: 'prod' }, minLevel: 'WARN'
  })
  const send = (url: string, payload: string, headers: Record<string, string> = JSON_BODY) =>
    app.inject({ method: 'POST', url, payload, headers: { ...headers, ...bearer(secret) } })

  await t.test('the service and the environment are those of the token; what the event said of them is kept in meta', async (t) => {
    const stored = await send('/events', '{"message":"m","level":"error","service":"web","meta":{"env":"dev","n":12345678901234567890}}')

    t.equal(stored.statusCode, 201)
    t.match(stored.json<Event>(), { service: 'api', meta: { service: 'web', env: 'prod', env_2: 'dev' } })
    t.match(stored.body, '12345678901234567890')
    t.match((await send('/events?service=web', '{"message":"m","level":"fatal"}')).json<Event>(), { service: 'api', meta: { env: 'prod' } })
  })

  await t.test('in every form that events come in', async (t) => {
    const bodies: ReadonlyArray<[url: string, payload: string, headers: Record<string, string>]> = [
      ['/events', '[{"message":"array","level":"warn"}]', JSON_BODY],
      ['/events', '{"message":"ndjson","level":"warn"}\n', NDJSON_BODY],
      ['/events?level=warn&service=web', 'text\n', TEXT_BODY],
      ['/log', 'message=form&level=warn&service=web', FORM_BODY]
    ]
    for (const [url, payload, headers] of bodies) t.equal((await send(url, payload, headers)).statusCode, 201, payload)

    for (const message of ['array', 'ndjson', 'text', 'form']) t.match(await find(app, `q=${message}`), [{ message, service: 'api', meta: { env: 'prod' } }])
  })

  await t.test('an event below the minimum level is refused with the reason, and the others are stored', async (t) => {
    const batch = await send('/events', '[{"message":"a","level":"info"},{"message":"b","level":"warn"},{"message":"c"},{"message":"d","level":"fatal"}]')

    t.equal(batch.statusCode, 207)
    t.match(batch.json<Receipt>(), {
      accepted: 2,
      rejected: 2,
      items: [
        { index: 0, status: 'rejected', errors: [{ path: '/0/level', message: 'INFO is below the minimum level of this token, WARN' }] },
        { index: 2, status: 'rejected' }
      ]
    })
    for (const [url, payload, headers] of [['/events', '{"message":"x","level":"debug"}', JSON_BODY], ['/events?dry=1', '{"message":"x"}', JSON_BODY], ['/log', 'message=x', FORM_BODY]] as const) {
      const response = await send(url, payload, headers)
      t.same(problemFaults(response, 400), [], payload)
      t.same(pathsOf(response), ['/level'])
    }
    t.same(problemFaults(await send('/events', 'one line\n', TEXT_BODY), 400), [])
    t.match((await get(app, '/rejected?limit=1')).json(), { rejected: [{ original: 'one line' }] })
  })

  await t.test('a refused item that an operator mends is still one of its token, even when that has ended', async (t) => {
    const { id, secret } = await app.service.access.create({ name: 'gone', scopes: ['ingest'], expiresAt: null, stamp: { service: 'cron', env: 'prod' }, minLevel: 'WARN' })
    const mender = bearer((await app.service.access.create({ name: 'mender', scopes: ['admin'], expiresAt: null, stamp: { service: 'desk' } })).secret)
    const sent = { method: 'POST', url: '/events', headers: { ...JSON_BODY, ...bearer(secret) } } as const
    await app.inject({ ...sent, payload: '[{"event_id":"e1","level":"error","message":"first"},{"level":"error"}]' })
    await app.service.access.revoke(id)
    const [item] = (await get(app, '/rejected?limit=1')).json<{ rejected: Rejected[] }>().rejected
    const mend = (payload: object) => app.inject({ method: 'POST', url: `/rejected/${item?.id}/retry`, payload, headers: mender })

    t.same(pathsOf(await mend({ message: 'mended', level: 'info', service: 'web' })), ['/level'])
    t.equal((await mend({ message: 'another', level: 'error', event_id: 'e1' })).statusCode, 409, 'the ids of the token are those that count')
    const mended = await mend({ message: 'mended', level: 'error', service: 'web' })

    t.equal(mended.statusCode, 201)
    t.match(mended.json<Event>(), { service: 'cron', meta: { service: 'web', env: 'prod' } })
  })

  await t.test('another token\'s events are as they were sent', async (t) => {
    const response = await app.inject({ method: 'POST', url: '/events', payload: { message: 'plain', level: 'trace', service: 'web' }, headers: { 'x-ops-token': 'ops-token-for-tests' } })

    t.match(response.json<Event>(), { service: 'web', level: 'TRACE' })
    t.same(response.json<Event>().meta, {})
  })
})
