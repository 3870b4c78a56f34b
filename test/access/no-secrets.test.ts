import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import type { SignedIn } from '../../schemas/session.ts'
import { Receiver } from '../notify/receiver.ts'
import { Program, run } from '../program.ts'
import { testFolder } from '../support/test-folder.ts'

const SETTINGS = { OPS_API_TOKEN: 'ops-token-4f1c9b7e2d', JWT_SECRET: 'jwt-secret-8a2e6c0f4b9d1357-and-more', SETUP_TOKEN: 'setup-token-1b7d3f9a5c' }
const ANN = 'ann has this pass phrase'
const ANN_LATER = 'later ann has another one'
const BOB = 'bob has his own pass phrase'
const CID = 'cid was made on the machine'
const CID_LATER = 'given to cid a second time'
const WRONG = 'a wrong pass phrase here'
const WEAK = 'qwertyuiop1234567890'
const IN_THE_WRONG_FIELD = 'typed-as-a-username-77'

/** Keeps every secret that went over the wire. */
class Client {
  readonly secrets = new Set<string>()
  readonly #address: string

  constructor (address: string) {
    this.#address = address
  }

  async post (url: string, body: object, headers: Record<string, string> = {}): Promise<Record<string, unknown>> {
    const response = await fetch(this.#address + url, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } })
    for (const cookie of response.headers.getSetCookie()) this.#keep(/^bw_session=([^;]+)/.exec(cookie)?.[1])
    const text = await response.text()
    const told = text === '' ? {} : parseFields(text)
    for (const name of ['session_token', 'refresh_token', 'setup_token', 'secret']) this.#keep(told[name])
    return told
  }

  async login (username: string, password: string): Promise<{ authorization: string, refresh: string }> {
    const { session_token: token, refresh_token: refresh } = parseSignedIn(await this.post('/api/login', { username, password }))
    return { authorization: `Bearer ${token}`, refresh }
  }

  #keep (secret: unknown): void {
    if (typeof secret === 'string' && secret !== '') this.secrets.add(secret)
  }
}

/** Does what people do with the service, well and badly. */
async function useIt (t: Test, client: Client, env: Record<string, string>, cwd: string): Promise<void> {
  await client.post('/api/register', { username: 'ann', password: ANN, setup_token: SETTINGS.SETUP_TOKEN })
  await client.post('/api/login', { username: 'ann', password: WRONG })
  await client.post('/api/login', { username: IN_THE_WRONG_FIELD, password: WRONG })
  const { authorization, refresh } = await client.login('ann', ANN)
  const { setup_token: invitation } = await client.post('/invitations', {}, { authorization })
  await client.post('/api/register', { username: 'bob', password: BOB, setup_token: invitation })
  const { secret } = await client.post('/tokens', { name: 'shipper', scopes: ['ingest', 'read'] }, { authorization })
  await client.post('/events', { message: 'hello' }, { 'x-ops-token': String(secret) })
  await client.post('/events', { message: 'hello' }, { authorization: `Bearer ${SETTINGS.OPS_API_TOKEN}` })
  await client.post('/api/password', { current: WRONG, password: ANN_LATER }, { authorization })
  await client.post('/api/password', { current: ANN, password: WEAK }, { authorization })
  await client.post('/api/password', { current: ANN, password: ANN_LATER }, { authorization })
  await client.post('/api/refresh', { refresh_token: refresh })
  await client.post('/api/refresh', { refresh_token: refresh })
  await client.login('bob', BOB)
  t.equal((await run(t, ['user', 'add', 'cid'], { cwd, env, input: `${CID}\n` })).code, 0)
  t.equal((await run(t, ['user', 'passwd', 'cid'], { cwd, env, input: `${CID_LATER}\n` })).code, 0)
  const made = await run(t, ['token', 'create', '--name', 'beside'], { cwd, env })
  client.secrets.add(made.stdout.trim())
}

/** Has an alert fire, opens the link of its notice and presses a button there. */
async function acknowledge (t: Test, client: Client, receiver: Receiver): Promise<void> {
  const { authorization } = await client.login('ann', ANN_LATER)
  await client.post('/rules', { name: 'Greetings', signal: { events: 'hello' }, levels: { critical: { op: '>=', value: 1 } }, window: '1h' }, { authorization })
  await receiver.until(1)
  const link = String(parseFields(receiver.received[0]?.body ?? '')['ack_url'])
  client.secrets.add(link.slice(link.lastIndexOf('/') + 1))
  for (const [status, init] of [[200, {}], [200, { method: 'POST', body: new URLSearchParams({ until: '1h' }) }], [409, {}]] as const) {
    t.equal((await fetch(link, init)).status, status)
  }
}

function formsOf (secret: string): string[] {
  const bytes = Buffer.from(secret)
  // Text inside of other base64 begins at any of three places.
  const inside = [0, 1, 2].map((skip) => Buffer.concat([Buffer.alloc(skip), bytes]).toString('base64').slice(skip === 0 ? 0 : 4, -4))
  return [secret, ...inside, bytes.toString('hex')]
}

test('a secret is found as it is, in base64 at any place, and in hex', async (t) => {
  for (const [before, encoding] of [['', 'base64'], ['x', 'base64'], ['xx', 'base64'], ['xxx', 'base64'], ['x', 'hex'], ['x', 'latin1']] as const) {
    const text = Buffer.from(`${before}${ANN} and more`).toString(encoding)

    t.ok(formsOf(ANN).some((form) => text.includes(form)), `${encoding} after "${before}"`)
    t.notOk(formsOf(BOB).some((form) => text.includes(form)), 'and no other')
  }
})

test('after people used it, neither the store nor the log holds a password, a token or a secret', async (t) => {
  const cwd = testFolder(t)
  const receiver = await Receiver.open(t)
  const env = { ...SETTINGS, DATA_DIR: join(cwd, 'data'), PORT: '0', LOG_LEVEL: 'trace', EVALUATE_INTERVAL: '1s', WEBHOOK_URL: receiver.url, WEBHOOK_ALLOW: '127.0.0.1' }
  const service = new Program(t, ['serve'], { cwd, env })
  const client = new Client(await service.address())

  await useIt(t, client, env, cwd)
  await acknowledge(t, client, receiver)
  const places = () => [
    ...readdirSync(env.DATA_DIR).map((name): [string, string] => [name, readFileSync(join(env.DATA_DIR, name), 'latin1')]),
    ['the log', service.stderr],
    ['the banner', service.stdout]
  ]
  const whileRunning = places()
  service.signal('SIGTERM')
  t.equal(await service.exited(), 0)

  const secrets = [...client.secrets, ...Object.values(SETTINGS), ANN, ANN_LATER, BOB, CID, CID_LATER, WEAK, WRONG, IN_THE_WRONG_FIELD]
  t.ok(client.secrets.size >= 10, `${client.secrets.size} secrets went over the wire`)
  t.ok(whileRunning.some(([, text]) => text?.includes('shipper')), 'the files are those where it would stand')
  for (const [place = '', text = ''] of [...whileRunning, ...places()]) {
    t.same(secrets.filter((secret) => formsOf(secret).some((form) => text.includes(form))), [], place)
  }
})

function parseFields (text: string): Record<string, unknown> {
  return JSON.parse(text) as Record<string, unknown>
}

function parseSignedIn (told: Record<string, unknown>): SignedIn {
  return told as SignedIn
}
