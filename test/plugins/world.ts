import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { LightMyRequestResponse } from 'fastify'
import type { Test } from 'tap'
import type { App } from '../../plugins/app-type.ts'
import type { NoticeBody } from '../../schemas/notice.ts'
import type { NotificationsPage } from '../../schemas/notification.ts'
import type { RuleView } from '../../schemas/rule.ts'
import { buildTestApp } from '../helper.ts'
import { until } from '../support/until.ts'
import { bearer } from './people.ts'
import { get, post } from './support.ts'

export const BUSY = {
  name: 'Queue is long',
  signal: { metric: 'queue_length' },
  levels: { warning: { op: '>', value: 10 }, critical: { op: '>', value: 100 } },
  window: '1h',
  aggregate: 'last',
  annotations: { summary: '{rule}: {value} on {labels.queue}' },
  group_by: ['queue']
}

/** Rules of how the machine is: a busy one would have notices that no test asked for. */
const OF_THE_MACHINE = ['builtin-cpu', 'builtin-memory', 'builtin-disk', 'builtin-latency-p95']

const HOUR_MS = 3_600_000
const AHEAD_MS = 600_000

export interface World {
  app: App
  clock: { time: number, now: () => number }
  url: string
  notices: NoticeBody[]
  ask: (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, payload?: object) => Promise<LightMyRequestResponse>
  /** Sends the length of the queue a second later, and judges it. */
  measure: (value: number, queue?: string) => Promise<void>
  /** Resolves once so many notices have arrived. */
  arrived: (count: number) => Promise<NoticeBody[]>
  /** Resolves once nothing waits in the outbox. */
  settled: () => Promise<void>
}

/** The service on a clock that the test turns, with one channel, `default`, that leads to a receiver of the test. */
export async function world (t: Test, settings: Record<string, string> = {}): Promise<World> {
  const { server, url, notices } = await receiver(t)
  t.teardown(() => server.close())
  // What comes in is dated by the clock of the machine: the other gets ten minutes ahead, so that this lies in its last hour.
  const clock = { time: Math.ceil(Date.now() / 1_000) * 1_000 - HOUR_MS + AHEAD_MS, now: () => clock.time }
  const app = await buildTestApp(t, { EVALUATE_INTERVAL: '1h', WEBHOOK_URL: url, WEBHOOK_ALLOW: '127.0.0.1', ...settings }, clock)
  const { secret } = await app.service.access.create({ name: 'ada', scopes: ['admin'], expiresAt: null })
  const ask: World['ask'] = async (method, url, payload) => app.inject({ method, url, headers: bearer(secret), ...(payload === undefined ? {} : { payload }) })
  for (const id of OF_THE_MACHINE) await ask('PATCH', `/rules/${id}`, { enabled: false })
  // A window must be full before it is judged.
  clock.time += HOUR_MS
  await app.service.evaluator.evaluateNow()
  const measure = (value: number, queue?: string): Promise<void> => measureOn({ app, clock }, value, queue)
  const arrived = async (count: number): Promise<NoticeBody[]> => {
    while (notices.length < count) await once(server, 'noted')
    return notices
  }
  const settled = (): Promise<void> => until(async () => (await get(app, '/notifications?state=pending')).json<NotificationsPage>().notifications.length === 0)
  return { app, clock, url, notices, ask, measure, arrived, settled }
}

/** Gives a world to the next test as if nothing had happened: no rules of tests, nothing measured within their windows, no notices. */
export async function afresh (all: World): Promise<World> {
  const { app, clock, ask, notices, settled } = all
  const { rules } = (await ask('GET', '/rules')).json<{ rules: RuleView[] }>()
  for (const { id, origin } of rules) if (origin === 'api') await ask('DELETE', `/rules/${id}`)
  clock.time += 3 * HOUR_MS
  await app.service.evaluator.evaluateNow()
  await settled()
  notices.length = 0
  return all
}

export async function measureOn ({ app, clock }: Pick<World, 'app' | 'clock'>, value: number, queue = 'mail'): Promise<void> {
  clock.time += 1_000
  await post(app, '/samples', { name: 'queue_length', value, labels: { queue }, time: new Date(clock.time).toISOString() })
  await app.service.evaluator.evaluateNow()
}

async function receiver (t: Test): Promise<{ server: Server, url: string, notices: NoticeBody[] }> {
  const notices: NoticeBody[] = []
  const server = createServer((request, response) => {
    request.setEncoding('utf8').toArray().then((chunks) => {
      notices.push(parseNotice(chunks.join('')))
      response.end()
      server.emit('noted')
    }).catch((error: unknown) => t.fail(String(error)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return { server, url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/hook`, notices }
}

function parseNotice (text: string): NoticeBody {
  return JSON.parse(text) as NoticeBody
}

export async function makeRule ({ ask }: Pick<World, 'ask'>, rule: object = BUSY): Promise<RuleView> {
  const response = await ask('POST', '/rules', rule)
  if (response.statusCode !== 201) throw new Error(response.body)
  return response.json<RuleView>()
}
