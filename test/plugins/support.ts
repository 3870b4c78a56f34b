import type { LightMyRequestResponse } from 'fastify'
import type { App } from '../../plugins/app-type.ts'
import type { Problem } from '../../schemas/common.ts'
import type { Event } from '../../schemas/event.ts'
import type { EventsPage } from '../../schemas/event-query.ts'
import { auth } from '../helper.ts'

type Headers = Record<string, string>

export const JSON_BODY: Headers = { 'content-type': 'application/json' }
export const NDJSON_BODY: Headers = { 'content-type': 'application/x-ndjson' }
export const TEXT_BODY: Headers = { 'content-type': 'text/plain' }
export const FORM_BODY: Headers = { 'content-type': 'application/x-www-form-urlencoded' }

/** Asks as the operator. */
export function get (app: App, url: string, headers: Headers = {}): Promise<LightMyRequestResponse> {
  return app.inject({ url, headers: { ...auth, ...headers } })
}

/** Sends as the operator; an object is sent as JSON, a text or bytes as the headers say. */
export function post (app: App, url: string, payload: string | Buffer | object, headers: Headers = {}): Promise<LightMyRequestResponse> {
  return app.inject({ method: 'POST', url, payload, headers: { ...auth, ...headers } })
}

export async function find (app: App, query = ''): Promise<Event[]> {
  const response = await get(app, `/events?limit=1000${query === '' ? '' : `&${query}`}`)
  if (response.statusCode !== 200) throw new Error(`GET /events answered ${response.statusCode}: ${response.body}`)
  return response.json<EventsPage>().events
}

export async function countEvents (app: App, query = ''): Promise<number> {
  const response = await get(app, `/events?limit=1&total=exact${query === '' ? '' : `&${query}`}`)
  return response.json<EventsPage>().total.count
}

export function messagesOf (events: readonly Event[]): string[] {
  return events.map(({ message }) => message)
}

export function pathsOf (response: LightMyRequestResponse): string[] {
  return (response.json<Problem>().errors ?? []).map(({ path }) => path)
}

/** What a problem must never tell: stacks, paths of files, SQL, versions. */
const LEAK = /\bat .+:\d+:\d+|node_modules|\.ts\b|\.js\b|\/(home|tmp|work|usr|var)\/|SQLITE|\bSELECT\b|\bINSERT\b|better-sqlite3|fastify|v?24\.\d+\.\d+|FST_ERR/i

/** Says what is wrong with an answer that should be problem details of this status; nothing when it is right. */
export function problemFaults (response: Pick<LightMyRequestResponse, 'statusCode' | 'headers' | 'body'>, status: number): string[] {
  const faults: string[] = []
  if (response.statusCode !== status) faults.push(`status ${response.statusCode}, not ${status}: ${response.body}`)
  if (!String(response.headers['content-type']).startsWith('application/problem+json')) faults.push(`content-type ${response.headers['content-type']}`)
  const problem = parseProblem(response.body)
  for (const name of ['type', 'title', 'detail', 'instance', 'code'] as const) {
    if (typeof problem[name] !== 'string') faults.push(`${name} is ${typeof problem[name]}`)
  }
  if (problem.status !== status) faults.push(`status in the body is ${problem.status}`)
  if (LEAK.test(response.body)) faults.push(`tells too much: ${response.body}`)
  return faults
}

function parseProblem (text: string): Partial<Problem> {
  return JSON.parse(text) as Partial<Problem>
}
