import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'tap'
import { LAUNCHER, run } from '../../program.ts'
import { jsonOf, running, serving, TOKEN, type Running } from './support.ts'

/** What is stored, oldest first, as text of these fields. */
async function stored ({ bellwether }: Running, fields: string): Promise<string> {
  return (await bellwether(['query', '--limit', '9999', '--order', 'asc', '--fields', fields])).stdout
}

test('files of JSON lines and of text are sent with what is said of them, and what is refused is named', async (t) => {
  const it = await running(t)
  const { cwd } = it
  writeFileSync(join(cwd, 'a.ndjson'), '{"message":"one","level":"warn","service":"own"}\n\n{"level":"info"}\n{"message":"two"\n{"message":"three"}')
  writeFileSync(join(cwd, 'b.log'), '\n2026-06-01T12:00:00Z ERROR four\r\n{"five":\n')

  const sent = await run(t, ['send', 'a.ndjson', 'b.log', '--service', 'shop', '--batch', '2'], { cwd, env: it.env })

  t.equal(sent.code, 1)
  t.match(sent.stdout, /^6 lines: 4 accepted, 0 duplicates, 2 rejected\n {2}a\.ndjson:3: .*message.*\n {2}a\.ndjson:4: .*\n$/)
  t.equal(sent.stderr, '')
  const rows = (await stored(it, 'level,service,message')).trimEnd().split('\n').map((row) => row.split(/ {2,}/))
  t.same(rows.sort(), [['ERROR', 'shop', '2026-06-01T12:00:00Z ERROR four'], ['INFO', 'shop', 'three'], ['INFO', 'shop', '{"five":'], ['WARN', 'own', 'one']].sort())
  t.match(await run(t, ['send', 'a.ndjson', 'gone.log'], { cwd, env: it.env }), { code: 1, stdout: '', stderr: /gone\.log cannot be read .*: nothing was sent/ })
  t.match(await run(t, ['send', 'b.log', '--level', 'loud?'], { cwd, env: { BELLWETHER_URL: it.address } }), { code: 4, stdout: '' })
})

test('a line of standard input is sent while the next one is waited for', async (t) => {
  const it = await running(t)
  const sending = spawn(process.execPath, [LAUNCHER, 'send', '--json'], { cwd: it.cwd, env: { PATH: process.env['PATH'], ...it.env }, stdio: ['pipe', 'pipe', 'inherit'] })
  const told = text(sending.stdout)
  const found = once(await followed(it), 'data')
  sending.stdin.write('first\n')

  t.match(String((await found)[0]), /"message":"first"/)
  sending.stdin.end('second')
  t.same(await once(sending, 'close'), [0, null])
  t.same(jsonOf(await told), [{ lines: 2, accepted: 2, duplicates: 0, rejected: 0, noted: 0, reasons: [] }])
})

test('Ctrl-C sends what was read, and ends with 130', async (t) => {
  const it = await running(t)
  const sending = spawn(process.execPath, [LAUNCHER, 'send'], { cwd: it.cwd, env: { PATH: process.env['PATH'], ...it.env }, stdio: ['pipe', 'pipe', 'inherit'] })
  const told = text(sending.stdout)
  const stream = await followed(it)
  sending.stdin.write('one\n')
  await once(stream, 'data')

  sending.kill('SIGINT')

  t.same(await once(sending, 'close'), [130, null])
  t.match(await told, /^1 lines: 1 accepted/)
})

test('a batch whose answer is lost, or that a busy service refuses, is sent again under its key, and stored once', async (t) => {
  const it = await running(t)
  const keys: unknown[] = []
  let asked = 0
  const between = await serving(t, (request, response) => { void handOn(request, response, it.address, keys, asked++) })
  const lines = Array.from({ length: 5 }, (_, n) => `line ${n}`).join('\n')

  const sent = await run(t, ['send', '--batch', '2', '--url', between], { cwd: it.cwd, env: it.env, input: lines })

  t.match(sent, { code: 0, stdout: /^5 lines: 5 accepted, 0 duplicates, 0 rejected\n$/, stderr: /not taken \(.*\): trying again\n.*it is taken again\n.*not taken \(busy\): trying again/ })
  t.equal(new Set(keys).size, 3, 'a key for each batch')
  t.equal(keys.length, 5)
  t.same((await stored(it, 'message')).trimEnd().split('\n').sort(), lines.split('\n'))
})

/** Hands requests on; the first answer is lost, the third request is refused. */
async function handOn (request: IncomingMessage, response: ServerResponse, address: string, keys: unknown[], at: number): Promise<void> {
  const body = await text(request)
  keys.push(request.headers['idempotency-key'])
  if (at === 2) {
    response.writeHead(429, { 'retry-after': '0' }).end('{"detail":"busy"}')
    return
  }
  const answer = await fetch(`${address}${request.url}`, {
    method: 'POST', body, headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'text/plain', 'idempotency-key': String(request.headers['idempotency-key']) }
  })
  if (at === 0) request.socket.destroy()
  else response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
}

test('a service that is not there is told at once, one that stays away after a while', async (t) => {
  const it = await running(t)
  let asked = 0
  const leaving = await serving(t, (request, response) => {
    request.resume()
    if (asked++ === 0) response.end('{"accepted":2,"duplicates":0,"rejected":0,"items":[]}')
    else request.socket.destroy()
  })
  const send = (url: string) => run(t, ['send', '--batch', '2', '--give-up', '1', '--url', url], { cwd: it.cwd, input: 'a\nb\nc\n' })

  const [absent, away] = await Promise.all([send('http://127.0.0.1:2'), send(leaving)])

  t.match(absent, { code: 5, stdout: '', stderr: /^bellwether: nothing answers at/ })
  t.match(away, { code: 5, stdout: /^2 lines: 2 accepted/, stderr: /gave up after \d+ s at standard input:3, up to which all was taken/ })
})

/** The body of a stream of new events, once it is open. */
async function followed ({ address }: Running) {
  const { request } = await import('node:http')
  const asked = request(`${address}/stream`, { headers: { authorization: `Bearer ${TOKEN}` } }).end()
  asked.on('error', () => {})
  const response = (await once(asked, 'response'))[0]
  await once(response, 'data')
  return response
}
