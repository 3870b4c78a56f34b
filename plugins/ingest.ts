import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Type, type Static } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import type { Caller, TokenCaller, TokenRules } from '../schemas/token.ts'
import { AppError } from '../src/core/errors.ts'
import type { Delivery } from '../src/events/intake.ts'
import { REJECTIONS } from '../src/metrics/metrics.ts'
import type { App } from './app-type.ts'
import { callerOf } from './access/auth.ts'
import { readBody } from './body.ts'

type Ticket = ReturnType<App['service']['admission']['enter']>

declare module 'fastify' {
  interface FastifyRequest {
    ticket: Ticket | undefined
  }
}

const Name = Type.Optional(Type.String({ minLength: 1, maxLength: 255 }))

export const IngestQuery = Type.Object({
  service: Name,
  level: Type.Optional(Type.String({ maxLength: 32, description: 'any usual spelling' })),
  type: Name,
  host: Name,
  dry: Type.Optional(Type.Union([Type.Literal('0'), Type.Literal('1')], { description: '1: judge, store nothing' })),
  import: Type.Optional(Type.Union([Type.Literal('true'), Type.Literal('false'), Type.Literal('1'), Type.Literal('0')], { description: 'true: what it holds happened before; it is stored, and no rule counts it as received now' })),
  items: Type.Optional(Type.Literal('all', { description: 'list the accepted items too' }))
}, { additionalProperties: false })

interface IngestRequest {
  headers: IncomingHttpHeaders
  query: Static<typeof IngestQuery>
  body?: unknown
  caller: Caller | undefined
}

/**
 * For routes that take events: a place in the queue is given before the body is read, and the body is left as bytes,
 * since ingest has its own idea of what it holds.
 */
async function ingest (app: App): Promise<void> {
  app.decorateRequest('ticket', undefined)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', async (request: FastifyRequest, stream: IncomingMessage) => readBody(stream, {
    expectedBytes: lengthOf(request),
    maxBytes: app.service.config.maxBodyBytes,
    onProgress: (bytes) => ticketOf(request).receive(bytes)
  }))
  if (app.limitIngest !== undefined) app.addHook('onRequest', app.limitIngest)
  app.addHook('onRequest', (request, reply, done) => {
    const ticket = app.service.admission.enter(callerOf(request).tokenId, lengthOf(request) ?? 0)
    request.ticket = ticket
    reply.raw.once('close', () => ticket.leave())
    done()
  })
  app.addHook('onError', (request, _reply, error, done) => {
    request.ticket?.leave()
    countRefusal(app.service.metrics.eventsRejected, error)
    if (error instanceof AppError && error.code !== 'internal') app.service.refusals.note({ route: `${request.method} ${request.routeOptions.url ?? ''}`, code: error.code, message: error.message })
    done()
  })
}

export default fastifyPlugin(ingest, { name: 'ingest', dependencies: ['auth'] })

export function ticketOf (request: FastifyRequest): Ticket {
  if (request.ticket === undefined) throw new AppError('internal', 'the request was not admitted')
  return request.ticket
}

/** Counts a body that was refused as a whole; what it says wrong was counted where it was read. */
function countRefusal (rejected: App['service']['metrics']['eventsRejected'], error: Error): void {
  const code = error instanceof AppError ? error.code : 'internal'
  const reason = REJECTIONS.find((reason) => reason === code)
  if (reason !== undefined && reason !== 'invalid') rejected.at({ reason }).add()
}

/** Undefined for a chunked body. */
function lengthOf ({ headers }: FastifyRequest): number | undefined {
  const length = headers['content-length']
  return length === undefined ? undefined : Number(length)
}

function rulesOf ({ stamp, minLevel }: TokenCaller): TokenRules {
  return minLevel === undefined ? { ...stamp } : { ...stamp, minLevel }
}

export function deliveryOf ({ headers, query, body, caller }: IngestRequest): Delivery {
  const { dry, items, import: imported, ...stamp } = query
  const key = headers['idempotency-key']
  const sender = callerOf({ caller })
  return {
    tokenId: sender.tokenId,
    ...(sender.kind === 'token' ? { rules: rulesOf(sender) } : {}),
    body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
    envelope: {
      contentType: headers['content-type'],
      contentEncoding: headers['content-encoding'],
      idempotencyKey: Array.isArray(key) ? key.join() : key,
      stamp,
      ...(dry === undefined ? {} : { dry }),
      ...(imported === undefined ? {} : { import: imported }),
      ...(items === undefined ? {} : { items })
    }
  }
}
