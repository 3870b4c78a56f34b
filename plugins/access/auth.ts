import fastifyPlugin from 'fastify-plugin'
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import type { Access, Caller, Requester, UserCaller } from '../../schemas/token.ts'
import { AppError } from '../../src/core/errors.ts'
import type { App } from '../app-type.ts'
import { areMetricsOpen } from './metrics-access.ts'
import { networkOf } from './network.ts'
import { isCrossSite, sessionCookieOf } from './session-cookie.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route asks of its caller. Every route must say. */
    access?: Access
  }
  interface FastifyInstance {
    /** Every route, as it was registered. */
    routes: readonly RouteOptions[]
  }
  interface FastifyRequest {
    caller: Caller | undefined
  }
}

const MOST_SECRET_LENGTH = 1_024
/** A caller who was let go is cut off within this time, and what is remembered of callers for half a second. */
const LOOK_AGAIN_MS = 250
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/

/** Denies by default: the service does not start with a route that does not say who may call it. */
async function auth (app: App): Promise<void> {
  app.decorateRequest('caller', undefined)
  const routes: RouteOptions[] = []
  app.decorate('routes', routes)
  app.addHook('onRoute', (route) => { routes.push(route) })
  app.addHook('onReady', async () => {
    for (const { method, url, config } of routes) {
      if (config?.access === undefined) throw new AppError('internal', `route ${String(method)} ${url} does not say who may call it`)
    }
  })
  app.addHook('onRequest', async (request) => {
    const { access } = request.routeOptions.config
    if (access === undefined || (access === 'metrics' && areMetricsOpen(request, app.service.config))) return
    const caller = await judge(request, access)
    const isLent = caller !== undefined && isByCookie(request) && isCrossSite(request)
    if (isLent && access !== 'open') throw new AppError('forbidden', 'with the cookie, changes are taken from the pages of this service only: send a token instead')
    request.caller = isLent ? undefined : caller
    if (caller === undefined && access !== 'open') await refuseNobody(request)
    app.service.access.authorise(request.caller, access)
  })
}

export default fastifyPlugin(auth, { name: 'auth', dependencies: ['errors', 'session-token', 'session-cookie'] })

/** The caller of a route that asks for a scope. */
export function callerOf (request: { caller: Caller | undefined }): Caller {
  if (request.caller === undefined) throw new AppError('unauthorized', 'a token is needed')
  return request.caller
}

/** The caller of a route for those who signed in. */
export function personOf (request: { caller: Caller | undefined }): UserCaller {
  const caller = callerOf(request)
  if (caller.kind !== 'user') throw new AppError('forbidden', 'this is for those who signed in')
  return caller
}

/** Who asks, and from where, for the audit. */
export function requesterOf ({ caller, ip }: FastifyRequest): Requester {
  return { caller, from: ip }
}

/** A signal that is given when the caller of an answer that goes on may no longer have it: signed out, revoked, expired. */
export function refusalSignal (request: FastifyRequest, reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  const { access = 'admin' } = request.routeOptions.config
  const look = async (): Promise<void> => request.server.service.access.authorise(await identify(request), access)
  const timer = setInterval(() => { look().catch((error: unknown) => controller.abort(error)) }, LOOK_AGAIN_MS).unref()
  reply.raw.once('close', () => clearInterval(timer))
  return controller.signal
}

/** As `identify`, and counts what is nobody's. One who guesses is nobody on an open route, which has no limit. */
async function judge (request: FastifyRequest, access: Access): Promise<Caller | undefined> {
  const { authorization, 'x-ops-token': opsToken } = request.headers
  const credential = authorization ?? opsToken ?? sessionCookieOf(request)
  if (credential === undefined) return undefined
  try {
    return await request.server.service.tokenGuessLimiter.judge(String(credential), () => networkOf(request), () => identify(request))
  } catch (error) {
    if (access === 'open' && error instanceof AppError && error.code === 'quota') return undefined
    throw error
  }
}

/** Throws `unauthorized` with what is wrong with the credential that was sent; returns when there is none. */
async function refuseNobody (request: FastifyRequest): Promise<void> {
  const { authorization, 'x-ops-token': opsToken } = request.headers
  if (authorization === undefined && opsToken === undefined) {
    if (sessionCookieOf(request) !== undefined) throw new AppError('unauthorized', 'the session of this cookie has ended or is not known here: sign in again')
    return
  }
  const secret = authorization === undefined ? String(opsToken) : bearerOf(authorization)
  const { sessionTokens, service } = request.server
  const isSession = authorization !== undefined && isJwt(secret)
  if (isSession && sessionTokens.isExpired(secret)) throw new AppError('unauthorized', 'the session token has expired: get a new one by POST /api/refresh, or sign in again')
  if (isSession && sessionTokens.verify(secret) !== undefined) throw new AppError('unauthorized', 'the session has ended: sign in again')
  throw new AppError('unauthorized', await service.access.whyNot(isOverlong(secret) ? '' : secret))
}

/** The first of Authorization, X-Ops-Token and the cookie decides: one that is no good is not made up for by the next. */
async function identify (request: FastifyRequest): Promise<Caller | undefined> {
  const { authorization, 'x-ops-token': opsToken } = request.headers
  if (authorization !== undefined) return identifyBearer(request, bearerOf(authorization))
  if (opsToken !== undefined) return identifyToken(request, String(opsToken))
  const cookie = sessionCookieOf(request)
  return cookie === undefined || isOverlong(cookie) ? undefined : request.server.service.sessions.identifyCookie(cookie)
}

async function identifyBearer (request: FastifyRequest, secret: string): Promise<Caller | undefined> {
  const claims = isJwt(secret) ? request.server.sessionTokens.verify(secret) : undefined
  return claims === undefined ? identifyToken(request, secret) : request.server.service.sessions.identify(claims)
}

async function identifyToken (request: FastifyRequest, secret: string): Promise<Caller | undefined> {
  return secret === '' || isOverlong(secret) ? undefined : request.server.service.access.identify(secret)
}

function bearerOf (authorization: string): string {
  return /^Bearer +([^\s]+) *$/i.exec(authorization)?.[1] ?? ''
}

function isJwt (secret: string): boolean {
  return JWT.test(secret) && !isOverlong(secret)
}

function isOverlong (secret: string): boolean {
  return secret.length > MOST_SECRET_LENGTH
}

function isByCookie ({ headers }: FastifyRequest): boolean {
  return headers.authorization === undefined && headers['x-ops-token'] === undefined
}
