import { setTimeout as delay } from 'node:timers/promises'
import { broken, exceeded, quantile, type Case, type Context, type Result } from '../case.ts'
import { Client, type Reply } from '../http.ts'
import { probed } from '../probe.ts'
import { withService } from '../service-process.ts'

const AT_ONCE = 200
const PASSWORD = 'the right one of this case'
const FAILURES_ALLOWED = 5
const HEALTH_EVERY_MS = 10
const HEALTH_MS = 500
/** Each is met through a proxy that names the sender. */
const SETTINGS = { TRUST_PROXY: 'loopback' }

/** Two kinds of flood: all of one sender, and each of another with a name of its own. */
interface Round { oneSender: Reply[], manySenders: Reply[] }

function login (client: Client, { username, password = 'a wrong one of this case', from }: { username: string, password?: string, from: string }): Promise<Reply> {
  return client.post('/api/login', { username, password }, { 'x-forwarded-for': from })
}

function flood (login: (n: number) => Promise<Reply>): Promise<Reply[]> {
  return Promise.all(Array.from({ length: AT_ONCE }, (_, n) => login(n)))
}

async function roundOf (client: Client, round: number): Promise<Round> {
  return {
    oneSender: await flood((n) => login(client, { username: `user-${n}`, from: `198.51.100.${round}` })),
    manySenders: await flood((n) => login(client, { username: `user-${round}-${n}`, from: `10.7.${round}.${n}` }))
  }
}

function isRefused ({ status, headers }: Reply): boolean {
  return (status === 429 || status === 503) && Number(headers['retry-after']) > 0
}

async function signInFlood (context: Context): Promise<Result> {
  return withService({ settings: SETTINGS }, async ({ base }) => {
    const client = new Client(base, undefined, AT_ONCE)
    try {
      const registered = await client.post('/api/register', { username: 'ann', password: PASSWORD })
      if (registered.status !== 201) throw new Error(`register answered ${registered.status} ${registered.text}`)
      await client.connect(AT_ONCE)
      return await underFlood(context, base, client)
    } finally {
      client.close()
    }
  })
}

async function underFlood (context: Context, base: string, client: Client): Promise<Result> {
  const rounds: Round[] = []
  const health = await probed({ base, path: '/health', everyMs: HEALTH_EVERY_MS }, async () => {
    for (let round = 0; round < (context.isShort ? 4 : 20); round++) rounds.push(await roundOf(client, round))
  })
  const after = await login(client, { username: 'ann', password: PASSWORD, from: '203.0.113.1' })
  const waited = context.isShort ? after : await afterTheWait(client)
  const all = rounds.flatMap(({ oneSender, manySenders }) => [...oneSender, ...manySenders])
  const most = Math.max(...rounds.map(({ oneSender }) => oneSender.filter(({ status }) => status === 401).length))
  const figures = {
    tries: all.length,
    refused: all.filter(isRefused).length,
    'judged of one sender': most,
    'health p99 ms': quantile(health.ms, 0.99),
    'health max ms': Math.max(...health.ms)
  }
  const odd = all.filter((reply) => reply.status !== 401 && !isRefused(reply)).map(({ status, text }) => `${status} ${text}`)
  return {
    figures,
    faults: [...odd.slice(0, 3), ...health.failures.slice(0, 3), ...broken(
      [most === FAILURES_ALLOWED, `${most} of one sender were judged, not ${FAILURES_ALLOWED}`],
      [figures.refused >= all.length / 2, 'hardly any was refused'],
      [after.status === 200, `after the flood a right login answers ${after.status} ${after.text}`],
      [waited.status === 200, `after the wait the sender who flooded gets ${waited.status} ${waited.text}`]
    ), ...exceeded(context, [figures['health p99 ms'] < HEALTH_MS, `p99 of /health is above ${HEALTH_MS} ms`])]
  }
}

/** Comes again when it was told to. */
async function afterTheWait (client: Client): Promise<Reply> {
  const attempt = { username: 'ann', password: PASSWORD, from: '198.51.100.250' }
  for (let n = 0; n < FAILURES_ALLOWED; n++) await login(client, { username: 'ann', from: attempt.from })
  const refused = await login(client, attempt)
  if (refused.status !== 429) return refused
  await delay(Number(refused.headers['retry-after']) * 1_000)
  return login(client, attempt)
}

export const signInCases: readonly Case[] = [
  { name: 'R50', title: '200 sign-ins at once, of one sender and of many: health answers, the surplus is refused in the open', run: signInFlood }
]
