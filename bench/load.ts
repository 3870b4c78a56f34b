import { connect, type Socket } from 'node:net'
import { bodyOf, sampleEvents } from './events.ts'
import type { LoadOptions, LoadResult } from './load-process.ts'

const SINGLE_BODIES = 4_096
const BATCH_BODIES = 64

/** The load generator: a process of its own (started by load-process.ts) that does as little as possible for a request. */

function bodies ({ batch, spreadMs }: LoadOptions): string[] {
  const events = sampleEvents(batch === 1 ? SINGLE_BODIES : BATCH_BODIES * batch)
  const now = Date.now()
  const texts = events.map((event, i) => bodyOf(event, spreadMs === undefined ? undefined : now - Math.floor(i / events.length * spreadMs)))
  if (batch === 1) return texts
  // Strided, so that each batch covers the whole spread as interleaved senders would.
  return Array.from({ length: BATCH_BODIES }, (_, i) => `[${texts.filter((_, j) => j % BATCH_BODIES === i).join(',')}]`)
}

function requests (options: LoadOptions): Buffer[] {
  const { port, path = '/events', token } = options
  const auth = token === undefined ? '' : `authorization: Bearer ${token}\r\n`
  if (options.isGet === true) return [Buffer.from(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${auth}\r\n`)]
  return bodies(options).map((body) => Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${auth}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`))
}

/** Cuts answers off a buffered text by content-length; answers of this benchmark are not chunked. */
function takeAnswer (text: string): { status: number, rest: string } | undefined {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, headEnd))?.[1]
  if (length === undefined) throw new Error(`an answer without content-length: ${text.slice(0, headEnd)}`)
  const end = headEnd + 4 + Number(length)
  return text.length < end ? undefined : { status: Number(text.slice(9, 12)), rest: text.slice(end) }
}

class Generator {
  readonly #options: LoadOptions
  readonly #requests: Buffer[]
  readonly #statuses: Record<string, number> = {}
  readonly #latencies: number[] = []
  #sent = 0
  #accepted = 0
  #startedAt = 0
  #deadline = 0

  constructor (options: LoadOptions) {
    this.#options = options
    this.#requests = requests(options)
  }

  async run (): Promise<LoadResult> {
    const { connections, seconds, batch } = this.#options
    const sockets = await Promise.all(Array.from({ length: connections }, () => this.#connected()))
    this.#startedAt = performance.now()
    this.#deadline = this.#startedAt + (seconds ?? Infinity) * 1_000
    await Promise.all(sockets.map((socket) => this.#drive(socket)))
    const sorted = this.#latencies.toSorted((a, b) => a - b)
    return {
      requests: sorted.length,
      events: this.#accepted * batch,
      seconds: (performance.now() - this.#startedAt) / 1_000,
      p50Ms: sorted[Math.floor(sorted.length * 0.5)] ?? Number.NaN,
      p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
      statuses: this.#statuses
    }
  }

  #connected (): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.#options.port, '127.0.0.1', () => resolve(socket))
      socket.setNoDelay(true)
      socket.once('error', reject)
    })
  }

  /** One request after another over one connection, until the time or the events are up. */
  #drive (socket: Socket): Promise<void> {
    let text = ''
    let sentAt = 0
    const send = () => {
      const request = this.#nextRequest()
      if (request === undefined) return socket.end()
      sentAt = performance.now()
      socket.write(request)
    }
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      text += chunk
      const answer = takeAnswer(text)
      if (answer === undefined) return
      text = answer.rest
      this.#count(answer.status, performance.now() - sentAt)
      send()
    })
    return new Promise((resolve, reject) => {
      socket.once('close', resolve)
      socket.once('error', reject)
      send()
    })
  }

  #nextRequest (): Buffer | undefined {
    const { total = Infinity, batch } = this.#options
    if (performance.now() >= this.#deadline || this.#sent * batch >= total) return undefined
    return this.#requests[this.#sent++ % this.#requests.length]
  }

  #count (status: number, ms: number): void {
    this.#statuses[status] = (this.#statuses[status] ?? 0) + 1
    this.#latencies.push(ms)
    if (status >= 200 && status < 300) this.#accepted++
  }
}

function parseOptions (text: string | undefined): LoadOptions {
  if (text === undefined) throw new Error('the load generator is started by load-process.ts, with its options as JSON')
  return JSON.parse(text) as LoadOptions
}

console.log(JSON.stringify(await new Generator(parseOptions(process.argv[2])).run()))
