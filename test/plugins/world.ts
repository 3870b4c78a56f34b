import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { LightMyRequestResponse } from 'fastify'
import type { Test } from 'tap'
import type { App } from '../../plugins/app-type.ts'
import type { NoticeBody } from '../../schemas/notice.ts'
import type { RuleView } from '../../schemas/rule.ts'
import { buildTestApp } from '../helper.ts'
import { guest } from './people.ts'
import { post } from './support.ts'

export const BUSY = {
  name: 'Queue is long',
  signal: { metric: 'queue_length' },
  levels: { warning: { op: '>', value: 10 }, critical: { op: '>', value: 100 } },
  window: '1h',
  aggregate: 'last',
  annotations: { summary: '{rule}: {value} on {labels.queue}' },
  group_by: ['queue']
}

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
}

/** The service on a clock that the test turns, with one channel, `default`, that leads to a receiver of the test. */
export async function world (t: Test, settings: Record<string, string> = {}): Promise<World> {
  const { server, url, notices } = await receiver(t)
  t.teardown(() => server.close())
  // Events are numbered by the clock of the machine, so the other begins there.
  const clock = { time: Math.ceil(Date.now() / 1_000) * 1_000, now: () => clock.time }
  const app = await buildTestApp(t, { EVALUATE_INTERVAL: '1h', WEBHOOK_URL: url, WEBHOOK_ALLOW: '127.0.0.1', ...settings }, clock)
  // A window must be full before it is judged.
  clock.time += 3_600_000
  await app.service.evaluator.evaluateNow()
  const admin = await guest(app, 'ada', 'admin')
  const ask: World['ask'] = async (method, url, payload) => app.inject({ method, url, headers: admin.bearer, ...(payload === undefined ? {} : { payload }) })
  const measure = (value: number, queue?: string): Promise<void> => measureOn({ app, clock }, value, queue)
  const arrived = async (count: number): Promise<NoticeBody[]> => {
    while (notices.length < count) await once(server, 'noted')
    return notices
  }
  return { app, clock, url, notices, ask, measure, arrived }
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

export async function makeRule ({ ask }: World, rule: object = BUSY): Promise<RuleView> {
  const response = await ask('POST', '/rules', rule)
  if (response.statusCode !== 201) throw new Error(response.body)
  return response.json<RuleView>()
}
