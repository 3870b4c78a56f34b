import { Agent, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'

export interface Call {
  method?: string
  path: string
  headers?: Record<string, string>
  body?: string | Buffer
  timeoutMs?: number
}

/** `sentAt` is when the whole request was handed to the system, `ms` the time to the end of the answer. */
export interface Reply {
  status: number
  headers: IncomingHttpHeaders
  text: string
  sentAt: number
  ms: number
}

/** No answer came: a reset, a refused connection or a time-out. `sentAt` is undefined when the request was not wholly sent. */
export class NoAnswer extends Error {
  readonly sentAt: number | undefined
  readonly code: string

  constructor (cause: Error, sentAt: number | undefined) {
    super(`no answer: ${cause.message}`, { cause })
    this.name = 'NoAnswer'
    this.sentAt = sentAt
    this.code = 'code' in cause ? String(cause.code) : 'UNKNOWN'
  }
}

function textOf (response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    response.once('error', reject)
    response.once('close', () => reject(new Error('closed in the middle of the answer')))
  })
}

/** Keep-alive connections to one service, with one token. A new port after a restart is told by `base`. */
export class Client {
  readonly #agent: Agent
  readonly #base: () => string
  readonly #token: string | undefined

  constructor (base: string | (() => string), token?: string, connections = 8) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections, scheduling: 'fifo' })
    this.#base = typeof base === 'string' ? () => base : base
    this.#token = token
  }

  /** Answers whatever the status. Rejects with NoAnswer alone. */
  call (call: Call): Promise<Reply> {
    const startedAt = performance.now()
    let sentAt: number | undefined

    return new Promise((resolve, reject) => {
      const outgoing = request(new URL(call.path, this.#base()), {
        agent: this.#agent,
        method: call.method ?? (call.body === undefined ? 'GET' : 'POST'),
        headers: { ...this.#headers(call.body), ...call.headers }
      })
      const fail = (error: Error) => { clearTimeout(timer); reject(new NoAnswer(error, sentAt)) }
      const timer = setTimeout(() => outgoing.destroy(new Error('timed out')), call.timeoutMs ?? 30_000)
      outgoing.once('finish', () => { sentAt = performance.now() })
      outgoing.on('error', fail)
      outgoing.once('response', (response) => {
        textOf(response).then((text) => {
          clearTimeout(timer)
          const now = performance.now()
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, sentAt: sentAt ?? now, ms: now - startedAt })
        }, fail)
      })
      outgoing.end(call.body)
    })
  }

  /** Opens so many connections by cheap requests. A busy Node accepts one at each turn of its loop, so that new ones wait long. */
  async connect (count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.call({ path: '/livez' })))
  }

  /** Streams the body of a GET. Throws when the status is not 200. */
  async * chunks (path: string): AsyncGenerator<Buffer> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = request(new URL(path, this.#base()), { agent: this.#agent, headers: this.#headers(undefined) })
      outgoing.once('response', resolve)
      outgoing.once('error', reject)
      outgoing.end()
    })
    if (response.statusCode !== 200) throw new Error(`GET ${path}: ${response.statusCode} ${await textOf(response)}`)
    yield * response
  }

  post (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    return this.call({ path, body: JSON.stringify(body), headers })
  }

  close (): void {
    this.#agent.destroy()
  }

  #headers (body: string | Buffer | undefined): Record<string, string> {
    return {
      ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) })
    }
  }
}
