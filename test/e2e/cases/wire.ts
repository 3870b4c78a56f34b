import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { broken, exceeded, figuresOf, quantile, type Case, type Context, type Result } from '../case.ts'
import { faultsOf, Oracle } from '../oracle.ts'
import { probed } from '../probe.ts'
import { TOKEN, withService, type ServiceProcess } from '../service-process.ts'
import { heard, say, statusOf, type Heard } from '../wire.ts'

const CLOSED_WITHIN_MS = 30_000
const CLOSED_SLACK_MS = 2_000
/** Under this, a doubled p99 is the noise of a busy machine. */
const NOISE_MS = 20

/** What a half body promises: all of them together more than the queue of the service holds, so that promises must not fill it. */
const PROMISED = 2_000_000

const AUTH = `Authorization: Bearer ${TOKEN}\r\n`
const POST = `POST /events HTTP/1.1\r\nHost: a\r\n${AUTH}Content-Type: application/json\r\n`
const EVENT = '{"message":"smuggled"}'
const SMUGGLED = `GET /events?limit=1 HTTP/1.1\r\nHost: a\r\n${AUTH}\r\n`

/** Bytes that break HTTP, each with the statuses that are right. */
const abuses: [name: string, bytes: string | Buffer, statuses: readonly number[]][] = [
  ['Content-Length and Transfer-Encoding', `${POST}Content-Length: ${EVENT.length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`, [400]],
  ['Transfer-Encoding twice', `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${SMUGGLED}`, [400, 501]],
  ['two Content-Lengths', `${POST}Content-Length: 5\r\nContent-Length: ${EVENT.length}\r\n\r\n${EVENT}`, [400]],
  ['Content-Length -1', `${POST}Content-Length: -1\r\n\r\n${EVENT}`, [400]],
  ['Content-Length +5', `${POST}Content-Length: +5\r\n\r\n${EVENT}`, [400]],
  ['bare LF after a header', 'GET /health HTTP/1.1\r\nHost: a\nX-Smuggled: b\r\n\r\n', [400]],
  ['bare CR in a header', 'GET /health HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n', [400]],
  ['a NUL in a header', 'GET /health HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n', [400]],
  ['a blank before the colon', 'GET /health HTTP/1.1\r\nHost : a\r\n\r\n', [400]],
  ['a chunk size that is no number', `${POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n${EVENT}\r\n0\r\n\r\n`, [400]],
  ['a chunk longer than its size', `${POST}Transfer-Encoding: chunked\r\n\r\n5\r\n${EVENT}\r\n0\r\n\r\n`, [400]],
  ['a chunk size above 64 bits', `${POST}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n${EVENT}\r\n0\r\n\r\n`, [400, 413]],
  ['a megabyte of one header', `GET /health HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(1_000_000)}\r\n\r\n`, [431]],
  ['a hundred thousand headers', `GET /health HTTP/1.1\r\nHost: a\r\n${'X: 1\r\n'.repeat(100_000)}\r\n`, [431]],
  ['a megabyte of URL', `GET /${'a'.repeat(1_000_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, [414, 431]],
  ['no Host', 'GET /health HTTP/1.1\r\n\r\n', [400]],
  ['no HTTP at all', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03]), [400]],
  ['HTTP/9.9', 'GET /health HTTP/9.9\r\nHost: a\r\n\r\n', [400, 505]],
  ['an unknown method', 'BREW /health HTTP/1.1\r\nHost: a\r\n\r\n', [400, 405, 501]]
]

async function abused (): Promise<Result> {
  return withService({}, async (service) => {
    const oracle = new Oracle({ base: service.base, token: TOKEN, connections: 8, eventsPerSecond: 200 })
    try {
      oracle.load.start()
      const faults: string[] = []
      for (const [name, bytes, statuses] of abuses) faults.push(...faultsOfAbuse(name, await say(service.port, bytes), statuses))
      const report = await oracle.audit()
      faults.push(...faultsOf(report), ...oracle.load.unexpected.slice(0, 3))
      return {
        figures: { ...figuresOf(report), abuses: abuses.length },
        faults: [...faults, ...broken([oracle.load.lost.length === 0, `${oracle.load.lost.length} requests of others without an answer`])]
      }
    } finally {
      await oracle.close()
    }
  })
}

function faultsOfAbuse (name: string, { text, status, isClosed }: Heard, statuses: readonly number[]): string[] {
  return broken(
    [status !== undefined && statuses.includes(status), `${name}: answered ${status}, must be ${statuses.join(' or ')}`],
    [text.split('HTTP/1.1 ').length <= 2, `${name}: more than one answer, so bytes were smuggled`],
    [isClosed, `${name}: the connection stays open`],
    [!/\bat .+:\d+:\d+|node_modules/.test(text), `${name}: tells of its inside: ${text.slice(0, 300)}`]
  )
}

/** A client that sends the next byte each second and never gets to the end. Answers what became of it. */
function dripping (port: number, head: string): Promise<Heard> {
  const socket = connect(port, '127.0.0.1', () => { socket.write(head) })
  const timer = setInterval(() => { socket.write('a') }, 1_000)
  return heard(socket, CLOSED_WITHIN_MS + CLOSED_SLACK_MS).finally(() => clearInterval(timer))
}

async function slow (context: Context): Promise<Result> {
  const { isShort } = context
  return withService({}, async (service) => {
    const steady = { base: service.base, token: TOKEN, path: '/events', body: '{"message":"steady {n}"}', everyMs: 20 }
    const before = await probed(steady, () => delay(isShort ? 3_000 : 10_000))
    const during = await probed(steady, () => drips(service, isShort ? 50 : 200))
    const { faults, ...result } = judgedSlow(context, { before: before.ms, during: during.ms, slowOnes: during.value })
    return { ...result, faults: [...before.failures.slice(0, 3), ...during.failures.slice(0, 3), ...faults] }
  })
}

async function drips (service: ServiceProcess, count: number): Promise<Heard[]> {
  const head = 'POST /events HTTP/1.1\r\nHost: a\r\nX-Slow: a'
  const body = `${POST}Content-Length: ${PROMISED}\r\n\r\n{"message":"`
  return Promise.all(Array.from({ length: count }, () => [dripping(service.port, head), dripping(service.port, body)]).flat())
}

function judgedSlow (context: Context, { before, during, slowOnes }: { before: number[], during: number[], slowOnes: Heard[] }): Result {
  const bound = Math.max(2 * quantile(before, 0.99), NOISE_MS)
  const open = slowOnes.filter(({ isClosed }) => !isClosed).length
  return {
    figures: {
      'slow clients': slowOnes.length,
      'slowest closed s': Math.max(...slowOnes.map(({ ms }) => ms)) / 1_000,
      'p99 before ms': quantile(before, 0.99),
      'p99 during ms': quantile(during, 0.99)
    },
    faults: [...broken(
      [open === 0, `${open} slow clients still open after ${CLOSED_WITHIN_MS / 1_000} s`],
      [slowOnes.every(({ text }) => [408, 429, 503].includes(statusOf(text) ?? 408)), 'a slow client got another answer than 408, 429 or 503']
    ), ...exceeded(context, [quantile(during, 0.99) <= bound, `p99 is above ${bound.toFixed(1)} ms`])]
  }
}

export const wireCases: readonly Case[] = [
  { name: 'WIRE', title: 'broken HTTP is refused with 400 or 431 and nothing else suffers', run: abused },
  { name: 'R18', title: 'clients that drip are closed, and nobody waits for them', run: slow }
]
