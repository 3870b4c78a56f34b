import { Readable } from 'node:stream'
import { Type } from '@sinclair/typebox'
import { StreamQuery } from '../../schemas/event-query.ts'
import { AppError } from '../../src/core/errors.ts'
import type { StreamMessage, StreamRequest, Streams } from '../../src/events/streams.ts'
import type { App } from '../app-type.ts'
import { callerOf, refusalSignal } from '../access/auth.ts'
import { problems } from '../problems.ts'

const HEARTBEAT_MS = 15_000
/** A client that does not read for so long is let go; it resumes where it was. */
const STALLED_MS = 30_000
const BUFFER_BYTES = 262_144
const HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' }

export default async function stream (app: App): Promise<void> {
  const open = new Set<Readable>()
  app.addHook('preClose', async () => {
    for (const body of open) body.push(null)
  })

  app.get('/stream', {
    config: { access: 'read' },
    schema: { tags: ['events'], summary: 'Follow new events, alerts that change, the service\'s own samples, and what pipelines do, as Server-Sent Events', querystring: StreamQuery, response: { 200: Type.Unsafe<Readable>({ type: 'string' }), ...problems } }
  }, async (request, reply) => {
    const after = placeOf(request.query.last_event_id ?? request.headers['last-event-id'])
    reply.headers(HEADERS)
    // Nobody would end a stream that is not sent.
    if (request.method === 'HEAD') return reply.send(Readable.from([]))
    const { topics = 'events', q = '' } = request.query
    const body = follow(app.service.streams, { topics, q, after, owner: callerOf(request).tokenId })
    refusalSignal(request, reply).addEventListener('abort', () => body.push(null), { once: true })
    open.add(body)
    body.once('close', () => open.delete(body))
    return reply.send(body)
  })
}

/** Opens a stream that is followed until its body is closed, whoever closes it. Throws what `open` throws. */
function follow (streams: Streams, request: Omit<StreamRequest, 'signal' | 'send'>): EventStream {
  const body = new EventStream()
  const closed = new AbortController()
  body.once('close', () => closed.abort())
  try {
    const { resume, caughtUp } = streams.open({ ...request, signal: closed.signal, send: (message) => body.send(message) })
    body.onDrain = resume
    caughtUp.catch((error: unknown) => body.destroy(error instanceof Error ? error : new Error(String(error))))
    return body
  } catch (error) {
    body.destroy()
    throw error
  }
}

/** The body of a stream: messages in, Server-Sent Events out, a heartbeat in between. */
class EventStream extends Readable {
  onDrain: () => void = () => {}
  readonly #heartbeat: NodeJS.Timeout
  #stalled: NodeJS.Timeout | undefined

  constructor () {
    super({ highWaterMark: BUFFER_BYTES })
    this.push(': open\n\n')
    this.#heartbeat = setInterval(() => {
      if (this.#stalled === undefined) this.#write(': still here\n\n')
    }, HEARTBEAT_MS).unref()
  }

  send (message: StreamMessage): boolean {
    if (message.kind === 'gap') return this.#write(`event: gap\ndata: ${JSON.stringify({ missed: message.missed })}\n\n`)
    if (message.kind === 'hints') return this.#write(`event: hints\ndata: ${JSON.stringify(message.hints)}\n\n`)
    if (message.kind === 'alerts') return this.#write(`event: alerts\ndata: ${JSON.stringify(message.alerts)}\n\n`)
    if (message.kind === 'pipeline') return this.#write(`event: pipeline\ndata: ${JSON.stringify(message.look)}\n\n`)
    if (message.kind === 'metrics') return this.#write(`event: metrics\ndata: ${JSON.stringify({ time: message.time, samples: message.samples })}\n\n`)
    return this.#write(`id: ${message.id}\nevent: events\ndata: ${JSON.stringify(message.events)}\n\n`)
  }

  override _read (): void {
    clearTimeout(this.#stalled)
    this.#stalled = undefined
    this.onDrain()
  }

  override _destroy (error: Error | null, done: (error?: Error | null) => void): void {
    clearInterval(this.#heartbeat)
    clearTimeout(this.#stalled)
    done(error)
  }

  #write (text: string): boolean {
    if (this.readableEnded || this.destroyed) return false
    const hasRoom = this.push(text)
    if (!hasRoom) this.#stalled ??= setTimeout(() => this.destroy(), STALLED_MS).unref()
    return hasRoom
  }
}

function placeOf (lastEventId: string | string[] | undefined): number | undefined {
  if (lastEventId === undefined || lastEventId === '') return undefined
  if (/^\d{1,16}$/.test(String(lastEventId))) return Number(lastEventId)
  const message = `${JSON.stringify(lastEventId)} is no id of this stream`
  throw new AppError('invalid', `Last-Event-ID: ${message}`, { faults: [{ path: 'Last-Event-ID', message }] })
}
