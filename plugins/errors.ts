import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import fastifyPlugin from 'fastify-plugin'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Problem } from '../schemas/common.ts'
import { AppError, type ErrorCode } from '../src/core/errors.ts'
import type { App } from './app-type.ts'
import { signInPage } from './browsers.ts'
import { clientErrorStatus } from './client-error.ts'
import { lingering } from './linger.ts'

const STATUS: Record<ErrorCode, number> = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unsupported: 415,
  mismatch: 422,
  quota: 429,
  overloaded: 503,
  timeout: 503,
  no_space: 507,
  internal: 500
}

const CODE_OF_STATUS: Record<number, ErrorCode> = {
  400: 'invalid', 401: 'unauthorized', 403: 'forbidden', 404: 'not_found', 405: 'invalid', 408: 'timeout', 413: 'too_large', 414: 'too_large', 415: 'unsupported', 431: 'too_large', 503: 'overloaded'
}

const RETRY_AFTER_SECONDS = 1
const SHORT_BODY_BYTES = 262_144

/** Every error leaves as problem details; what is no AppError is a bug: logged with its stack, told as "internal error". */
async function errors (app: App): Promise<void> {
  app.setErrorHandler((error: FastifyError | AppError, request, reply) => sendError(error, request, reply))
  app.setNotFoundHandler({ preHandler: app.limitUnknownPaths }, (request, reply) => {
    const path = request.url.split('?')[0] ?? ''
    return sendError(new AppError('not_found', `there is no ${request.method} ${path.slice(0, 200)}`), request, reply)
  })
}

export default fastifyPlugin(errors, { name: 'errors', dependencies: ['rate-limit'] })

export function sendError (error: Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { told, status } = prepareError(error, request, reply)
  if (status === 401) {
    const page = signInPage(request)
    if (page !== undefined) return reply.header('vary', 'accept').redirect(page)
    reply.header('www-authenticate', 'Bearer')
  }
  return sendWhole(reply.code(status).type('application/problem+json'), JSON.stringify(problem(told, status, request)))
}

/** Sends an answer in a way that who is still sending gets to see it. */
export function sendWhole (reply: FastifyReply, text: string): FastifyReply {
  if (!isLongUnread(reply.request)) return reply.send(text)
  return reply.headers({ connection: 'close', 'content-length': Buffer.byteLength(text) }).send(lingering(reply.request.raw, text))
}

/** Does for an error what is due whatever its answer looks like: the log, and the headers on when to come again. */
export function prepareError (error: Error, request: FastifyRequest, reply: FastifyReply): { told: AppError, status: number } {
  const told = toAppError(error)
  if (told.code === 'internal') request.log.error({ err: error, reqId: request.id }, 'request failed')
  const status = STATUS[told.code] === 400 ? statusOf(error) ?? 400 : STATUS[told.code]
  const retryAfter = told.retryAfterSeconds ?? (status === 503 || status === 429 ? RETRY_AFTER_SECONDS : undefined)
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter))
  if (told.limit !== undefined && retryAfter !== undefined) reply.headers({ 'ratelimit-limit': told.limit, 'ratelimit-remaining': 0, 'ratelimit-reset': retryAfter })
  return { told, status }
}

/** Node reads the rest of a refused body away to keep the connection: while that is short, cheaper than a new one. */
function isLongUnread ({ raw }: FastifyRequest): boolean {
  return !raw.complete && !(Number(raw.headers['content-length']) <= SHORT_BODY_BYTES)
}

function problem ({ code, message, faults }: AppError, status: number, request: FastifyRequest): Problem {
  const plain = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: code === 'internal' ? 'internal error' : message,
    instance: `urn:uuid:${request.id}`,
    code
  }
  return faults.length === 0 ? plain : { ...plain, errors: [...faults] }
}

function toAppError (error: Error): AppError {
  if (error instanceof AppError) return error
  const status = statusOf(error)
  if (status === undefined) return new AppError('internal', 'internal error', { cause: error })
  const { message } = error
  return new AppError(CODE_OF_STATUS[status] ?? 'invalid', message, status === 400 ? { faults: [{ path: '', message }] } : {})
}

/** Errors of the framework carry their status: all below 500 are the client's. */
function statusOf (error: Error): number | undefined {
  const status = 'statusCode' in error ? Number(error.statusCode) : NaN
  return status >= 400 && (status < 500 || status === 503) ? status : undefined
}

/** What the hooks give all other answers, for those that are made before any hook runs. */
const BARE_HEADERS = { 'content-security-policy': "default-src 'none'", 'x-content-type-options': 'nosniff' }

export function onFrameworkError (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  reply.headers({ ...BARE_HEADERS, 'x-request-id': request.id })
  sendError(error, request, reply)
}

/** Answers what never became a request, in the same shape, and hangs up. */
export function onClientError (error: Error & { code?: string }, socket: Socket): void {
  const status = clientErrorStatus(error)
  if (status === undefined || socket.destroyed || !socket.writable) {
    socket.destroy()
    return
  }
  const title = STATUS_CODES[status] ?? 'Bad Request'
  const body = JSON.stringify({
    type: 'about:blank', title, status, detail: `the request could not be read: ${title}`, instance: '', code: CODE_OF_STATUS[status] ?? 'invalid'
  } satisfies Problem)
  const headers = Object.entries({
    ...BARE_HEADERS, 'content-type': 'application/problem+json', 'content-length': Buffer.byteLength(body), connection: 'close'
  }).map(([name, value]) => `${name}: ${value}\r\n`).join('')
  socket.end(`HTTP/1.1 ${status} ${title}\r\n${headers}\r\n${body}`)
}
