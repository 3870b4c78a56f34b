import { test } from 'tap'
import { auth, buildTestApp } from '../helper.ts'
import { testFolder } from '../support/test-folder.ts'
import { guest } from './people.ts'
import { SseClient } from './sse.ts'
import { find, get, JSON_BODY, messagesOf, post } from './support.ts'

test('pipelines over what comes in', async (t) => {
  const app = await buildTestApp(t)
  const admin = (await guest(app, 'ann', 'admin')).bearer
  const put = (id: string, body: object) => app.inject({ method: 'PUT', url: `/pipelines/${id}`, headers: { ...admin, ...JSON_BODY }, payload: body })
  const remove = (id: string) => app.inject({ method: 'DELETE', url: `/pipelines/${id}`, headers: admin })

  await t.test('what a pipeline drops is told, and not stored', async (t) => {
    t.match((await put('main', { processors: [{ type: 'filter', id: 'quiet', pattern: 'healthz', mode: 'exclude' }] })).json(), { id: 'main', enabled: true, origin: 'api', hints: [] })

    const batch = await post(app, '/events?items=all', [{ message: 'GET /healthz' }, { message: 'kept' }])
    t.equal(batch.statusCode, 201)
    t.match(batch.json(), { accepted: 1, rejected: 0, dropped: 1, items: [{ index: 1, status: 'accepted' }, { index: 0, status: 'dropped', error: 'quiet matches "healthz"' }].toSorted((a, b) => a.index - b.index) })
    for (const url of ['/events', '/log']) {
      const single = await post(app, url, { message: 'GET /healthz' })
      t.equal(single.statusCode, 200)
      t.match(single.json(), { receipt: null, accepted: 0, dropped: 1 })
    }
    t.same(messagesOf(await find(app)), ['kept'])
  })

  await t.test('a key keeps the receipt, drops among it', async (t) => {
    const send = () => post(app, '/events', [{ message: 'healthz' }, { message: 'once' }], { ...JSON_BODY, 'idempotency-key': 'k1' })

    const [first, second] = [await send(), await send()]
    t.match(first.json(), { accepted: 1, dropped: 1 })
    t.same(second.json(), first.json())
    t.equal(messagesOf(await find(app)).filter((message) => message === 'once').length, 1)
  })

  await t.test('what a pipeline changes is stored so, and numbers stay exact', async (t) => {
    await put('main', { processors: [{ type: 'redact' }, { type: 'tagger', tags: [{ tag: 'slow', pattern: 'took \\d{4,} ms', regex: true }] }, { type: 'parse', format: 'regex', pattern: 'level=(?<level>\\w+)', on_error: 'keep' }] })

    await post(app, '/events', '[{"message": "bob@example.com took 12345 ms level=error", "big": 12345678901234567890, "service": "shop"}]', JSON_BODY)
    const [event] = await find(app, 'q=took')
    t.match(event, { message: '[redacted] took 12345 ms level=error', level: 'ERROR', severity: 'HIGH', service: 'shop', meta: { tag: 'slow' } })
    t.match((await get(app, '/events?q=took')).body, /"big":12345678901234567890/)
  })

  await t.test('what a pipeline does not change stays, also members of meta with names of the event', async (t) => {
    await put('main', { processors: [{ type: 'replace', pattern: 'bob', with: 'someone' }, { type: 'tagger', tags: [{ tag: 'seen', pattern: 'someone' }] }] })

    await post(app, '/events', [{ message: 'bob came', service: 'door', host: 'h1', meta: { service: 'lift', host: 4, type: 'late', level: 'ground', trace_id: 'x', n: 1 } }])
    t.match((await find(app, 'q=came'))[0], { message: 'someone came', level: 'INFO', service: 'door', host: 'h1', meta: { service: 'lift', host: 4, type: 'late', level: 'ground', trace_id: 'x', n: 1, tag: 'seen' } })

    await put('main', { processors: [{ type: 'parse', format: 'regex', pattern: 'as (?<service>\\w+)', on_error: 'keep' }] })
    await post(app, '/events', [{ message: 'moved as crane', service: 'door', meta: { service: 'lift' } }])
    t.match((await find(app, 'q=moved'))[0], { service: 'crane', meta: { service: 'lift' } })
  })

  await t.test('one event becomes several, each once however often it is sent', async (t) => {
    await put('main', { processors: [{ type: 'splitter', delimiter: '|' }] })

    for (let times = 0; times < 2; times++) await post(app, '/events', [{ message: 'p1|p2|p3', event_id: 'e-1' }])
    t.same(messagesOf(await find(app, 'q=p1+OR+p2+OR+p3')).toSorted(), ['p1', 'p2', 'p3'])
  })

  await t.test('what a processor throws at is refused with the cause, and kept in the reject box', async (t) => {
    await put('main', { processors: [{ type: 'parse', format: 'json' }] })

    const { statusCode, body } = await post(app, '/events', [{ message: 'no json' }, { message: '{"a":1}' }])
    t.equal(statusCode, 207)
    t.match(JSON.parse(body), { accepted: 1, rejected: 1, items: [{ index: 0, status: 'rejected', errors: [{ path: '/0', message: 'pipeline: parse: is not json' }] }] })
    t.equal((await post(app, '/log', { message: 'no json' })).statusCode, 400)
    t.match((await get(app, '/rejected')).json(), { rejected: [{ errors: [{ message: 'pipeline: parse: is not json' }], original: /"no json"/ }] })
    t.match((await get(app, '/errors')).json(), [{ processor: 'parse', message: 'is not json', line: 'no json', count: 2 }])
  })

  await t.test('a pipeline that is wrong changes nothing, and all that is wrong is told', async (t) => {
    const before = (await get(app, '/pipelines')).json()

    const { statusCode, body } = await put('main', { processors: [{ type: 'joiner' }, { type: 'filtr' }, { type: 'replace', pattern: '(?=a)', regex: true, with: '' }] })
    t.equal(statusCode, 400)
    t.match(JSON.parse(body).errors, [{ path: '/processors/1/type', message: /did you mean filter/ }, { path: '/processors/2/pattern', message: /cannot be run in linear time/ }, { path: '/processors/0/type', message: /joiner keeps events back/ }])
    t.same((await get(app, '/pipelines')).json(), before)
    for (const [id, body] of [['Main', {}], ['x', { processors: [] }], ['x', { processors: [{ type: 'trim' }], more: 1 }]] as const) t.equal((await put(id, body)).statusCode, 400)
  })

  await t.test('several run one behind the other, and are counted apart', async (t) => {
    await put('a', { processors: [{ type: 'filter', id: 'f', pattern: 'noise', mode: 'exclude' }] })
    await put('main', { processors: [{ type: 'uppercase', id: 'u' }] })
    await post(app, '/events', [{ message: 'noise' }, { message: 'sound' }])

    const { processors, edges } = (await get(app, '/stats')).json()
    t.match(processors, { 'a/f': { type: 'filter', lines_in: 2, lines_out: 1, dropped: 1, errors: 0 }, 'main/u': { lines_in: 1, lines_out: 1 } })
    t.match(edges, [{ from: 'input', to: 'a/f' }, { from: 'a/f', to: 'main/u', lines: 1 }, { from: 'main/u', to: 'output', lines: 1 }])
    t.same(messagesOf(await find(app)).slice(0, 1), ['SOUND'])
    t.match((await get(app, '/trace?only=drop')).json(), [{ original_content: 'noise', path: [{ processor: 'input', status: 'start' }, { processor: 'a/f', status: 'drop', reason: 'matches "noise"', before: 'noise' }] }])
    t.match((await get(app, '/metrics')).body, /bellwether_pipeline_lines_total\{run="ingest",processor="a\/f",direction="dropped"\} 1\n/)
    t.equal((await remove('a')).statusCode, 204)
    t.equal((await remove('a')).statusCode, 404)
  })

  await t.test('a trial tells what would become of lines, and changes nothing', async (t) => {
    const trial = await app.inject({ method: 'POST', url: '/pipelines/try', headers: { ...admin, ...JSON_BODY }, payload: { config: { processors: [{ type: 'filter', pattern: 'a' }, { type: 'replace', pattern: 'b', with: 'c' }] }, lines: ['ab', 'x', 'a'] } })

    t.match(trial.json(), {
      differing: 3,
      lines: [
        { number: 1, before: 'ab', after: ['ac'], outcome: 'modified', was: ['AB'] },
        { number: 2, before: 'x', after: [], outcome: 'dropped', reason: 'filter does not match "a"', was: ['X'] },
        { number: 3, before: 'a', after: ['a'], outcome: 'same', was: ['A'] }
      ]
    })
    const stored = await app.inject({ method: 'POST', url: '/pipelines/try', headers: { ...admin, ...JSON_BODY }, payload: { config: { processors: [{ type: 'filter', query: 'level:ERROR' }] }, query: 'took' } })
    t.match(stored.json(), { lines: [{ outcome: 'same', before: /took 12345 ms/ }] })
  })
})

test('pipelines outlive a restart, and do nothing when they are switched off', async (t) => {
  const DATA_DIR = testFolder(t)
  await t.test('they are set', async (t) => {
    const app = await buildTestApp(t, { DATA_DIR })
    const { bearer } = await guest(app, 'ann', 'admin')
    for (const [id, enabled] of [['on', true], ['off', false]] as const) {
      await app.inject({ method: 'PUT', url: `/pipelines/${id}`, headers: { ...bearer, ...JSON_BODY }, payload: { enabled, processors: [{ type: 'replace', pattern: 'word', with: `${id}-word` }] } })
    }
  })
  await t.test('and there again', async (t) => {
    const app = await buildTestApp(t, { DATA_DIR })
    await post(app, '/events', [{ message: 'word' }])

    t.same(messagesOf(await find(app)), ['on-word'])
    t.match((await get(app, '/pipelines')).json(), { pipelines: [{ id: 'off', enabled: false }, { id: 'on', enabled: true }] })
  })
})

test('who follows pipelines sees what came in, and nothing while nothing does', async (t) => {
  const app = await buildTestApp(t)
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  const client = await SseClient.open(`${address}/stream?topics=pipeline`, auth)
  t.teardown(() => client.close())
  await client.until(() => client.messages.length >= 1)

  await post(app, '/events', [{ message: 'one' }, { message: 'two' }])
  await client.until(() => client.messages.length >= 2)

  t.match(client.messages.map(({ event, data }) => [event, JSON.parse(data)]), [['pipeline', { run: { lines_in: 0 } }], ['pipeline', { run: { id: 'ingest', lines_in: 2, lines_out: 2 }, system: { total_lines: 2 } }]])
})

test('pipelines of the configuration file run first, and are changed there', async (t) => {
  const cwd = testFolder(t, { 'bellwether.yaml': 'pipelines:\n  - id: file-one\n    processors:\n      - {type: uppercase}\n' })
  const app = await buildTestApp(t, { CONFIG_FILE: `${cwd}/bellwether.yaml`, DATA_DIR: cwd })
  const admin = (await guest(app, 'ann', 'admin')).bearer
  await post(app, '/events', [{ message: 'loud' }])

  t.same(messagesOf(await find(app)), ['LOUD'])
  t.match((await get(app, '/pipelines')).json(), { pipelines: [{ id: 'file-one', origin: 'file' }] })
  t.equal((await app.inject({ method: 'DELETE', url: '/pipelines/file-one', headers: admin })).statusCode, 409)
})
