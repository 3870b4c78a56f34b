import { broken, type Case, type Result } from '../case.ts'
import { Client, type Reply } from '../http.ts'
import { readPages } from '../oracle.ts'
import { emptyBodies, exactNumbers, illFormed, naughty, openBodies, rightValues, wrongBodies, wrongValues } from '../texts.ts'
import { TOKEN, withService } from '../service-process.ts'

interface Stored { id: string, message: string, service: string | null, meta: Record<string, unknown> }
interface Problem { code?: string, errors?: { path: string, message: string }[] }

/** Runs with a client on a fresh service; `check` collects what is broken. */
async function asking (use: (client: Client, check: (holds: boolean, fault: string) => void) => Promise<Result['figures']>): Promise<Result> {
  return withService({}, async (service) => {
    const client = new Client(service.base, TOKEN)
    const faults: string[] = []
    try {
      const figures = await use(client, (holds, fault) => faults.push(...broken([holds, fault])))
      return { figures, faults: faults.slice(0, 10) }
    } finally {
      client.close()
    }
  })
}

function post (client: Client, body: string | Buffer): Promise<Reply> {
  return client.call({ path: '/events', body })
}

function answerOf (what: string | Buffer, { status, text }: Reply): string {
  return `${JSON.stringify(what.toString('latin1').slice(0, 80))} is answered ${status} ${text.slice(0, 300)}`
}

async function jsonSuite (): Promise<Result> {
  return asking(async (client, check) => {
    for (const value of [...rightValues, ...exactNumbers]) {
      const reply = await post(client, `{"message":"m","meta":{"v":${value}}}`)
      check(reply.status === 201, `must be stored: ${answerOf(value, reply)}`)
      if (reply.status !== 201) continue
      const again = await client.call({ path: `/events/${parseStored(reply.text).id}` })
      check(textOf(again) === JSON.stringify(parseValue(value)), `came back changed: ${answerOf(value, again)}`)
      check(!exactNumbers.includes(value) || again.text.includes(`"v":${value}`), `lost digits: ${answerOf(value, again)}`)
    }
    for (const value of wrongValues) check400(check, value, await post(client, `{"message":"m","meta":{"v":${value}}}`))
    for (const body of wrongBodies) check400(check, body, await post(client, body))
    for (const body of emptyBodies) {
      const reply = await post(client, body)
      check(reply.status === 200 && reply.text.includes('"accepted":0'), `must be nothing, 200: ${answerOf(body, reply)}`)
    }
    for (const body of openBodies) {
      const reply = await post(client, body)
      check(reply.status === 201 || reply.status === 400, `must be stored or refused: ${answerOf(body, reply)}`)
    }
    return { right: rightValues.length + exactNumbers.length, wrong: wrongValues.length + wrongBodies.length, empty: emptyBodies.length, open: openBodies.length }
  })
}

function check400 (check: (holds: boolean, fault: string) => void, what: string | Buffer, reply: Reply): void {
  check(reply.status === 400, `must be 400: ${answerOf(what, reply)}`)
  check(pathsOf(reply).length > 0, `names no path: ${answerOf(what, reply)}`)
}

function textOf (reply: Reply): string {
  return reply.status === 200 ? JSON.stringify(parseStored(reply.text).meta['v']) : `status ${reply.status}`
}

async function naughtyStrings (): Promise<Result> {
  return asking(async (client, check) => {
    for (const text of naughty) {
      const event = { message: text, service: text, meta: { [text]: text, inner: [{ [text]: text }] } }
      const reply = await client.post('/events', event)
      check(reply.status === 201, `must be stored: ${answerOf(text, reply)}`)
      if (reply.status !== 201) continue
      const { id } = parseStored(reply.text)
      check(comesBack(await client.call({ path: `/events/${id}` }), event), `came back changed: ${JSON.stringify(text)}`)
      for (const query of [`message~${quoted(text)}`, `service:${quoted(text)}`]) check(await isFound(client, query, id), `not found by q=${query}`)
    }
    for (const text of [...naughty, ...illFormed]) await checkQueries(client, check, text)
    for (const text of illFormed) await checkIllFormed(client, check, text)
    return { strings: naughty.length, 'ill-formed': illFormed.length }
  })
}

function comesBack (reply: Reply, event: { message: string, service: string, meta: object }): boolean {
  if (reply.status !== 200) return false
  const { message, service, meta } = parseStored(reply.text)
  return message === event.message && service === event.service && JSON.stringify(meta) === JSON.stringify(event.meta)
}

function quoted (text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

async function isFound (client: Client, query: string, id: string): Promise<boolean> {
  const reply = await client.call({ path: `/events?limit=1000&q=${encodeURIComponent(query)}` })
  return reply.status === 200 && parseEvents(reply.text).some((event) => event.id === id)
}

/** As a query, a parameter, a cursor, an id, a name in the path: answered or refused. */
async function checkQueries (client: Client, check: (holds: boolean, fault: string) => void, text: string): Promise<void> {
  const encoded = encodeURIComponent(text.toWellFormed())
  const paths = [`/events?q=${encoded}`, `/events?service=${encoded}`, `/events?level=${encoded}`, `/events?from=${encoded}`, `/events?cursor=${encoded}`,
    `/events/${encoded}`, `/events/facets?field=${encoded}`, `/events/histogram?q=${encoded}`]
  for (const path of paths) {
    const reply = await client.call({ path })
    check(reply.status < 500, `${path.slice(0, 200)} is answered ${reply.status} ${reply.text.slice(0, 300)}`)
  }
}

async function checkIllFormed (client: Client, check: (holds: boolean, fault: string) => void, text: string): Promise<void> {
  const events: [string, object][] = [
    ['/message', { message: text }],
    ['/service', { message: 'm', service: text }],
    ['/meta/a', { message: 'm', meta: { a: text } }],
    ['/meta/b/0/c', { message: 'm', meta: { b: [{ c: text }] } }],
    ['/meta/', { message: 'm', meta: { [text]: 1 } }]
  ]
  for (const [path, event] of events) {
    const reply = await client.post('/events', event)
    check(reply.status === 400, `must be 400: ${answerOf(JSON.stringify(event), reply)}`)
    check(pathsOf(reply).some((named) => named.startsWith(path)), `does not name ${path}: ${answerOf(JSON.stringify(event), reply)}`)
  }
}

const NEARLY_TEN_MB = 9_900_000

/** What sank the seed systems: each is refused with its path. `undefined` means any. */
const poisons: [name: string, body: string, path: string | undefined][] = [
  ['NaN', '{"message":"m","meta":{"a":NaN}}', undefined],
  ['a lone surrogate', '{"message":"m","meta":{"a":"\\ud800"}}', '/meta/a'],
  ['a lone surrogate in the message', '{"message":"\\udc00"}', '/message'],
  ['a NUL', '{"message":"a\\u0000b"}', '/message'],
  ['a NUL in a name', '{"message":"m","service":"a\\u0000"}', '/service'],
  ['10 MB of meta', `{"message":"m","meta":{"a":"${'x'.repeat(NEARLY_TEN_MB)}"}}`, '/meta'],
  ['more than 10 MB of meta', `{"message":"m","meta":{"a":"${'x'.repeat(11_000_000)}"}}`, undefined],
  ['5', '5', ''],
  ['null', 'null', ''],
  ['["x"]', '["x"]', '/0'],
  ['[null]', '[null]', '/0']
]

async function poison (): Promise<Result> {
  return asking(async (client, check) => {
    await client.post('/events', [{ message: 'before' }, { message: 'also before', meta: { a: '🦊' } }])
    for (const [name, body, path] of poisons) {
      const reply = await post(client, body)
      check(reply.status >= 400 && reply.status < 500, `${name}: must be 4xx, is ${reply.status} ${reply.text.slice(0, 300)}`)
      check(path === undefined ? pathsOf(reply).length > 0 : pathsOf(reply).some((named) => named === path || named.startsWith(`${path}/`)), `${name}: does not name the path ${path ?? ''}: ${reply.text.slice(0, 300)}`)
      const messages = []
      for await (const events of readPages(client)) messages.push(...events.map(({ message }) => message))
      check(messages.toSorted().join() === 'also before,before', `${name}: GET /events is no longer right: ${messages.join()}`)
    }
    return { poisons: poisons.length }
  })
}

function pathsOf (reply: Reply): string[] {
  return reply.status >= 400 ? parseProblem(reply.text).errors?.map(({ path }) => path) ?? [] : []
}

function parseProblem (text: string): Problem {
  return JSON.parse(text) as Problem
}

function parseStored (text: string): Stored {
  return JSON.parse(text) as Stored
}

function parseEvents (text: string): Stored[] {
  return (JSON.parse(text) as { events: Stored[] }).events
}

function parseValue (text: string): unknown {
  return JSON.parse(text)
}

export const textCases: readonly Case[] = [
  { name: 'R44', title: 'JSON texts of every kind get the right verdict', run: jsonSuite },
  { name: 'R45', title: 'naughty strings come back as they were, or are refused with their path', run: naughtyStrings },
  { name: 'POISON', title: 'what sank the seed systems is refused and harms nobody', run: poison }
]
