import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import fastifyPlugin from 'fastify-plugin'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { isRecord } from '../src/core/is-record.ts'
import { MALFORMED, RequestMetrics, UNMATCHED, type Observation, type Outcome, type RequestMetricsOptions } from '../src/metrics/requests.ts'
import { clientErrorStatus } from './client-error.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** What was counted of the requests. */
    requestMetrics: RequestMetrics
  }
}

/** `metrics` is where requests are counted, if that is shared; otherwise a new one is made of the other options. */
export interface LatencyOptions extends RequestMetricsOptions {
  metrics?: RequestMetrics
}

/** Published by Node for every request, before it looks at it: some it answers itself, and no listener hears of them. */
const STARTED = 'http.server.request.start'
/** What nginx notes for a client that left before it was answered. */
const CLIENT_LEFT = 499

/**
 * Counts every request once, when its answer is over, whatever became of it: answered, thrown, unknown, malformed, refused,
 * streamed, hijacked, or left by the client. For any Fastify 5 application; register it first.
 */
async function latency (app: FastifyInstance, options: LatencyOptions): Promise<void> {
  const metrics = options.metrics ?? new RequestMetrics(options)
  const open = new Map<ServerResponse, Exchange>()
  /** The request that is read from a connection, or was read last. */
  const latest = new WeakMap<Socket, IncomingMessage>()
  app.decorate('requestMetrics', metrics)

  const begin = (request: IncomingMessage, response: ServerResponse): Exchange => {
    const exchange = new Exchange(request, response)
    open.set(response, exchange)
    latest.set(request.socket, request)
    metrics.begin()
    response.on('finish', () => { exchange.isFinished = true })
    response.on('close', () => {
      open.delete(response)
      exchange.end()
      metrics.end(exchange)
    })
    return exchange
  }
  const onStarted = (message: unknown): void => {
    if (!isRecord(message) || message['server'] !== app.server) return
    const { request, response } = message
    if (request instanceof IncomingMessage && response instanceof ServerResponse) begin(request, response)
  }
  const onClientError = (error: Error & { code?: string }, socket: Socket): void => {
    const statusCode = clientErrorStatus(error)
    // In the body of a request it is no request of its own: that one is counted when it ends, or was.
    if (statusCode === undefined || latest.get(socket)?.complete === false) return
    metrics.count({ route: MALFORMED, method: '', statusCode, outcome: 'completed', seconds: undefined, streamSeconds: undefined })
  }

  subscribe(STARTED, onStarted)
  app.server.on('clientError', onClientError)
  app.addHook('onClose', async () => { unsubscribe(STARTED, onStarted) })
  app.addHook('onRequest', (request, reply, done) => {
    // A request that came in by `inject`, or over HTTP/2, was not told by the channel.
    const exchange = open.get(reply.raw) ?? begin(request.raw, reply.raw)
    exchange.reply = reply
    done()
  })
}

export default fastifyPlugin(latency, { name: 'latency', fastify: '5.x' })

/** One request and its answer. */
class Exchange implements Observation {
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #startedAt = performance.now()
  #headersAt: number | undefined
  #endedAt = NaN
  /** Undefined for a request that Node or the router answered itself. */
  reply: FastifyReply | undefined
  /** Everything was handed to the system. */
  isFinished = false

  constructor (request: IncomingMessage, response: ServerResponse) {
    this.#request = request
    this.#response = response
    const { writeHead } = response
    // The one call that every answer makes, a hijacked one too: nothing else tells when the headers went.
    response.writeHead = (...args: [number]) => {
      this.#headersAt ??= performance.now()
      return Reflect.apply(writeHead, response, args)
    }
  }

  end (): void {
    this.#endedAt = performance.now()
  }

  get route (): string {
    return this.reply?.request.routeOptions.url ?? UNMATCHED
  }

  get method (): string {
    return this.#request.method ?? ''
  }

  get statusCode (): number {
    return this.#headersAt === undefined ? CLIENT_LEFT : this.#response.statusCode
  }

  get outcome (): Outcome {
    if (!this.isFinished) return 'aborted'
    return this.#isRefused ? 'shed' : 'completed'
  }

  get seconds (): number {
    return ((this.#headersAt ?? this.#endedAt) - this.#startedAt) / 1000
  }

  get streamSeconds (): number | undefined {
    return this.#headersAt !== undefined && this.#response.chunkedEncoding ? (this.#endedAt - this.#startedAt) / 1000 : undefined
  }

  /** 503 with Retry-After says "not now"; without it, that something is broken. */
  get #isRefused (): boolean {
    const { statusCode } = this.#response
    return statusCode === 429 || (statusCode === 503 && this.reply?.hasHeader('retry-after') === true)
  }
}
