import { gzipSync } from 'node:zlib'
import { connect } from 'node:net'
import { broken, exceeded, type Case, type Context, type Result } from '../case.ts'
import { Client, NoAnswer, type Call } from '../http.ts'
import { TOKEN, withService, type ServiceProcess } from '../service-process.ts'
import { heard, say, type Heard } from '../wire.ts'

const LIMIT = 10_000_000
const RSS_FACTOR = 4
const WARM_UPS = 3
const WITHIN_MS = 1_000
const MEGABYTE = 1_000_000
const LINE = 'a line that is quite ordinary\n'

interface Hostile extends Call { name: string, statuses: readonly number[] }

const JSON_TYPE = { 'content-type': 'application/json' }
const GZIP = { 'content-encoding': 'gzip' }

/** Bodies that are made when they are sent, so that they do not stay in memory together. */
const giants: (() => Hostile)[] = [
  () => sent('a JSON body above the limit', JSON.stringify({ message: 'm', meta: { a: 'x'.repeat(LIMIT) } }), JSON_TYPE, [413]),
  () => sent('text lines above the limit', LINE.repeat(LIMIT / LINE.length + 1), { 'content-type': 'text/plain' }, [413]),
  () => sent('one line of 9 MB', 'x'.repeat(9 * MEGABYTE), { 'content-type': 'text/plain' }, [400, 207, 413]),
  () => sent('one NDJSON line of 9 MB', JSON.stringify({ message: 'x'.repeat(9 * MEGABYTE) }), { 'content-type': 'application/x-ndjson' }, [400, 207, 413]),
  () => sent('a message of 9 MB', JSON.stringify({ message: 'x'.repeat(9 * MEGABYTE) }), JSON_TYPE, [400, 413]),
  () => sent('9 MB of brackets', '['.repeat(9 * MEGABYTE), JSON_TYPE, [400]),
  () => sent('9 MB of nested meta', `{"message":"m","meta":${'{"a":'.repeat(1_500_000)}1${'}'.repeat(1_500_000)}}`, JSON_TYPE, [400, 413]),
  () => sent('a million empty objects', `[${'{},'.repeat(1_000_000)}{}]`, JSON_TYPE, [400, 413]),
  () => sent('a type that nobody knows', '<a/>', { 'content-type': 'application/xml' }, [415]),
  () => sent('UTF-16', Buffer.from('{"message":"m"}', 'utf16le'), { 'content-type': 'application/json; charset=utf-16' }, [400, 415])
]

const bombs: (() => Hostile)[] = [
  () => sent('a gzip bomb of 1 GB', bomb(), { ...JSON_TYPE, ...GZIP }, [413]),
  () => sent('a gzip bomb of lines', bomb(), { 'content-type': 'text/plain', ...GZIP }, [413]),
  () => sent('a bomb in a bomb', gzipSync(bomb()), { ...JSON_TYPE, ...GZIP }, [400, 413]),
  () => sent('gzip cut in the middle', gzipSync(JSON.stringify({ message: 'x'.repeat(9_999) })).subarray(0, 30), { ...JSON_TYPE, ...GZIP }, [400]),
  () => sent('gzip that is none', 'hello', { ...JSON_TYPE, ...GZIP }, [400]),
  () => sent('gzip said twice', gzipSync('{"message":"m"}'), { ...JSON_TYPE, 'content-encoding': 'gzip, gzip' }, [400, 415]),
  () => sent('an encoding that nobody knows', '{"message":"m"}', { ...JSON_TYPE, 'content-encoding': 'zzz' }, [415])
]

function sent (name: string, body: string | Buffer, headers: Record<string, string>, statuses: readonly number[]): Hostile {
  return { name, path: '/events', body, headers, statuses, timeoutMs: 20_000 }
}

/** Legal, if large: what it costs is the store's cache and the queue, which have bounds of their own. */
function hundredThousandLines (): Call {
  return { path: '/events', body: gzipSync('x\n'.repeat(100_000)), headers: { 'content-type': 'text/plain', ...GZIP } }
}

/** One gigabyte of blanks as gzip members, a megabyte in all: made without ever holding the gigabyte. */
function bomb (): Buffer {
  const member = gzipSync(Buffer.alloc(10 * MEGABYTE, ' '))
  return Buffer.concat(Array.from({ length: 100 }, () => member))
}

interface Measured { name: string, ms: number, faults: string[], peakMb?: number }

/** A body too long may be answered by a reset while it is still sent; whether the 413 was seen is a matter of luck then. */
async function refusedBy (client: Client, { name, statuses, ...call }: Hostile): Promise<Measured> {
  const startedAt = performance.now()
  try {
    const { status, text, ms } = await client.call(call)
    return { name, ms, faults: broken([statuses.includes(status), `${name}: answered ${status} ${text.slice(0, 200)}, must be ${statuses.join(' or ')}`]) }
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error
    const isReset = statuses.includes(413) && ['ECONNRESET', 'EPIPE'].includes(error.code)
    return { name, ms: performance.now() - startedAt, faults: broken([isReset, `${name}: ${error.message}`]) }
  }
}

const HEAD = `POST /events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\n`

async function wrongLengths (service: ServiceProcess): Promise<Measured[]> {
  const body = '{"message":"wrong length"}'
  return [
    judge('a Content-Length of 100 GB', await say(service.port, `${HEAD}Content-Length: 100000000000\r\n\r\n${body}`), [413]),
    judge('a Content-Length too short', await say(service.port, `${HEAD}Connection: close\r\nContent-Length: ${body.length - 5}\r\n\r\n${body}`), [400]),
    judge('a body that ends too early', await cutShort(service.port, `${HEAD}Content-Length: 1000\r\n\r\n${body}`), [400, undefined]),
    judge('chunks without end', await endless(service.port), [413, undefined])
  ]
}

function judge (name: string, { status, text, ms, isClosed }: Heard, statuses: readonly (number | undefined)[]): Measured {
  const faults = broken(
    [statuses.includes(status), `${name}: answered ${status} ${text.slice(0, 200)}`],
    [isClosed, `${name}: the connection stays open`]
  )
  return { name, ms, faults }
}

function cutShort (port: number, bytes: string): Promise<Heard> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => { socket.end(bytes) })
  return heard(socket, 5_000)
}

/** Sends chunks for as long as the other side reads them. */
function endless (port: number): Promise<Heard> {
  const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`
  const socket = connect(port, '127.0.0.1', () => { socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`, more) })
  const more = (error?: Error | null) => { if (error === undefined || error === null) socket.write(chunk, more) }
  return heard(socket, 10_000)
}

/** Sends hostile bodies to a service that has taken large ordinary ones, and watches how much more memory these need. */
async function suffering (context: Context, attack: (client: Client, service: ServiceProcess) => Promise<Measured[]>): Promise<Result> {
  return withService({ settings: { MAX_BODY_BYTES: String(LIMIT) } }, async (service) => {
    const client = new Client(service.base, TOKEN)
    try {
      await client.call(hundredThousandLines())
      for (let i = 0; i < WARM_UPS; i++) await client.post('/events', Array.from({ length: 9_000 }, (_, n) => ({ message: `warm-up ${n} ${'x'.repeat(900)}` })))
      service.resetPeak()
      const before = service.rssBytes()
      const measured = await attack(client, service)
      const riseMb = (service.peakRssBytes() - before) / MEGABYTE
      const after = await client.post('/events', { message: 'still well' })
      return {
        figures: { bodies: measured.length, 'slowest ms': Math.max(...measured.map(({ ms }) => ms)), 'rss rise MB': riseMb },
        faults: [...measured.flatMap(({ faults }) => faults), ...broken(
          [riseMb <= RSS_FACTOR * LIMIT / MEGABYTE, `the resident size rose by ${riseMb.toFixed(0)} MB: more than ${RSS_FACTOR} times the limit of a body (${dearest(measured, before / MEGABYTE)})`],
          [after.status === 201, `afterwards an event is answered ${after.status} ${after.text}`]
        ), ...exceeded(context, ...measured.map(({ name, ms }): [boolean, string] => [ms <= WITHIN_MS, `${name}: answered after ${Math.round(ms)} ms`]))]
      }
    } finally {
      client.close()
    }
  })
}

async function oneByOne (client: Client, service: ServiceProcess, bodies: readonly (() => Hostile)[]): Promise<Measured[]> {
  const measured: Measured[] = []
  for (const make of bodies) measured.push({ ...await refusedBy(client, make()), peakMb: service.peakRssBytes() / MEGABYTE })
  return measured
}

/** Names the bodies that pushed the peak up, dearest first. */
function dearest (measured: readonly Measured[], beforeMb: number): string {
  let peak = beforeMb
  const rises = measured.flatMap(({ name, peakMb = peak }) => {
    const rise = { name, mb: peakMb - peak }
    peak = Math.max(peak, peakMb)
    return rise.mb > 1 ? [rise] : []
  })
  return rises.toSorted((a, b) => b.mb - a.mb).map(({ name, mb }) => `${name} ${mb.toFixed(0)}`).join(', ')
}

export const hostileCases: readonly Case[] = [
  { name: 'R19', title: 'giant bodies and lines are refused at once, in little memory', run: (context) => suffering(context, (client, service) => oneByOne(client, service, giants)) },
  {
    name: 'R20',
    title: 'so are gzip bombs and wrong lengths',
    run: (context) => suffering(context, async (client, service) => [...await oneByOne(client, service, bombs), ...await wrongLengths(service)])
  }
]
