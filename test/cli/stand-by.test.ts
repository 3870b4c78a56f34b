import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import type { NoticeBody } from '../../schemas/notice.ts'
import { Program, run } from '../program.ts'
import { testFolder } from '../support/test-folder.ts'

const TOKEN = 'token-of-the-test'

test('a service whose store is gone stands by until an operator says how to go on', async (t) => {
  const told = await receiver(t)
  const cwd = testFolder(t)
  const env = { DATA_DIR: join(cwd, 'data'), PORT: '0', OPS_API_TOKEN: TOKEN, WEBHOOK_URL: told.url, WEBHOOK_ALLOW: '127.0.0.1', CANARY_INTERVAL: '0s' }
  await startAndKill(t, { cwd, env })
  rmSync(join(env.DATA_DIR, 'bellwether.db'))
  rmSync(join(env.DATA_DIR, 'bellwether.db-wal'))

  const waiting = new Program(t, ['serve'], { cwd, env })
  const address = await standing(waiting)
  const notice = await told.next()

  await t.test('it is alive and not ready, and says why and what to do', async (t) => {
    t.equal((await fetch(`${address}/livez`)).status, 200)
    for (const path of ['/readyz', '/health']) {
      const response = await fetch(`${address}${path}`)
      t.equal(response.status, 503, path)
      t.match(await response.text(), /the file is gone.*bellwether recover.*--accept-empty/, path)
    }
    t.match(await (await fetch(`${address}/health`)).json(), { ok: false, status: 'down', checks: { store: { status: 'down' } } })
    t.match(waiting.stdout, /NOT READY +the store is damaged: .*kept as .*bellwether recover/)
  })

  await t.test('senders are to try again, whoever they are, and nobody registers', async (t) => {
    const requests: Array<[path: string, init: RequestInit]> = [
      ['/events', { method: 'POST', headers: { authorization: `Bearer ${TOKEN}` }, body: '{"message":"a"}' }],
      ['/events', { method: 'POST', headers: { authorization: 'Bearer bw_made_by_an_admin', 'content-type': 'application/x-ndjson' }, body: '{"message":"a"}\n'.repeat(100_000) }],
      ['/log', { method: 'POST', body: 'a=b' }],
      ['/api/register', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"username":"intruder","password":"a long password"}' }],
      ['/api/login', { method: 'POST' }],
      ['/events?q=a', {}],
      ['/', {}]
    ]
    for (const [path, init] of requests) {
      const response = await fetch(`${address}${path}`, init)
      t.equal(response.status, 503, path)
      t.equal(response.headers.get('retry-after'), '10', path)
      t.match(await response.json(), { status: 503, code: 'overloaded', detail: /the store is damaged: the file is gone/ }, path)
    }
  })

  await t.test('WEBHOOK_URL is told, once over restarts', async (t) => {
    t.match(notice, { type: 'alert.firing', severity: 'critical', rule: { name: 'The store is damaged' }, annotations: { summary: /bellwether recover/ } })
    waiting.signal('SIGTERM')
    t.equal(await waiting.exited(), 0)
    const again = new Program(t, ['serve'], { cwd, env })
    await standing(again)
    again.signal('SIGTERM')
    await again.exited()
    t.equal(told.count(), 1)
  })

  await t.test('--accept-empty begins anew, and the next start needs it no more', async (t) => {
    const accepted = new Program(t, ['serve', '--accept-empty', '--port', '0'], { cwd, env })
    t.equal((await fetch(`${await accepted.address()}/readyz`)).status, 200)
    accepted.signal('SIGTERM')
    await accepted.exited()

    const next = new Program(t, ['serve'], { cwd, env })
    t.equal((await fetch(`${await next.address()}/readyz`)).status, 200)
  })
})

test('recover beside a service that stands by makes it go on, at its address', async (t) => {
  const cwd = testFolder(t)
  const env = { DATA_DIR: join(cwd, 'data'), PORT: '0', OPS_API_TOKEN: TOKEN, CANARY_INTERVAL: '0s' }
  await startAndKill(t, { cwd, env }, async (address) => {
    const response = await fetch(`${address}/events`, { method: 'POST', headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }, body: '{"message":"before the damage"}' })
    t.equal(response.status, 201)
  })
  await run(t, ['token', 'create', '--name', 'kept'], { cwd, env })
  const marker = join(env.DATA_DIR, 'bellwether.db-marker')
  writeFileSync(marker, readFileSync(marker, 'utf8').replace(/"audit":\d+/, '"audit":99'))
  const waiting = new Program(t, ['serve'], { cwd, env })
  await standing(waiting)

  const recovered = await run(t, ['recover'], { cwd, env })

  t.match(recovered, { code: 0, stdout: /recovered into .*\n {2}1 events\n {2}0 users\n {2}1 tokens\n/ })
  const address = await waiting.address()
  t.equal((await fetch(`${address}/readyz`)).status, 200)
  const found = await (await fetch(`${address}/events?q=damage`, { headers: { authorization: `Bearer ${TOKEN}` } })).json()
  t.match(found, { events: [{ message: 'before the damage' }] })
  t.match(await run(t, ['audit', 'verify'], { cwd, env }), { code: 0, stdout: /chain whole/ })
})

interface Started { cwd: string, env: Record<string, string> }

async function startAndKill (t: Test, started: Started, use: (address: string) => Promise<void> = async () => {}): Promise<void> {
  const service = new Program(t, ['serve'], started)
  await use(await service.address())
  service.signal('SIGKILL')
  await service.exited()
}

/** The address of a service that stands by. */
async function standing (service: Program): Promise<string> {
  const [, address = ''] = await service.printed(/address +(\S+)\n +NOT READY/)
  return address
}

/** Takes webhooks. */
async function receiver (t: Test): Promise<{ url: string, next: () => Promise<NoticeBody>, count: () => number }> {
  const bodies: NoticeBody[] = []
  const server = createServer()
  server.on('request', (request, response) => {
    void text(request).then((body) => {
      bodies.push(parseNotice(body))
      response.end()
      server.emit('told')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const next = async (): Promise<NoticeBody> => {
    if (bodies.length === 0) await once(server, 'told')
    return bodies[0] ?? parseNotice('{}')
  }
  return { url: `http://127.0.0.1:${port}/hook`, next, count: () => bodies.length }
}

function parseNotice (body: string): NoticeBody {
  return JSON.parse(body) as NoticeBody
}
