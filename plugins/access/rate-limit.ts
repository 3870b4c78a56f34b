import rateLimitPackage from '@fastify/rate-limit'
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { AppError } from '../../src/core/errors.ts'
import type { App } from '../app-type.ts'
import { callerOf } from './auth.ts'
import { windowStore } from './window-store.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Requests for paths that do not exist, by address. */
    limitUnknownPaths: onRequestAsyncHookHandler
    /** Requests that send events, by token; undefined without INGEST_RATE. */
    limitIngest: onRequestAsyncHookHandler | undefined
    /** Ticks, which need no token, by address. */
    limitTicks: onRequestAsyncHookHandler
    /** What the links of notices are asked, without a token, by address. */
    limitAckLinks: onRequestAsyncHookHandler
  }
}

const UNKNOWN_PATHS_A_MINUTE = 300
/** Telex calls once a minute for each channel that installed the integration. */
const TICKS_A_MINUTE = 120
/** Three a link: whoever looks at it for the chat, whoever opens it, and the form. */
const ACK_LINKS_A_MINUTE = 60
const MINUTE_MS = 60_000
const SECOND_MS = 1_000

/**
 * What one address or token may ask for in a time. The package counts requests; where failures alone count, see `src/access/sign-in-limiter.ts`
 * and `src/access/token-guess-limiter.ts`. Nothing is limited that is not named here: health and metrics never are.
 */
async function rateLimit (app: App): Promise<void> {
  const { clock, config } = app.service
  await app.register(rateLimitPackage, { global: false, enableDraftSpec: true, store: windowStore(clock), errorResponseBuilder: refusal })
  app.decorate('limitUnknownPaths', app.rateLimit({ max: UNKNOWN_PATHS_A_MINUTE, timeWindow: MINUTE_MS }))
  app.decorate('limitTicks', app.rateLimit({ max: TICKS_A_MINUTE, timeWindow: MINUTE_MS }))
  app.decorate('limitAckLinks', app.rateLimit({ max: ACK_LINKS_A_MINUTE, timeWindow: MINUTE_MS }))
  app.decorate('limitIngest', config.ingestRate === 0
    ? undefined
    : app.rateLimit({ max: config.ingestRate, timeWindow: SECOND_MS, keyGenerator: (request) => callerOf(request).tokenId }))
}

export default fastifyPlugin(rateLimit, { name: 'rate-limit' })

function refusal (_request: FastifyRequest, { max, ttl }: { max: number, ttl: number }): AppError {
  const retryAfterSeconds = Math.max(1, Math.ceil(ttl / 1000))
  return new AppError('quota', `more than ${max} requests: try again in ${retryAfterSeconds} s`, { retryAfterSeconds, limit: max })
}
