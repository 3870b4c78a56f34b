import type { Server } from 'node:http'
import { fastify, LogController, type FastifyHttpOptions, type FastifyInstance } from 'fastify'
import { AppError } from '../src/core/errors.ts'
import type { HealthMonitor } from '../src/health/health-monitor.ts'
import type { Service } from '../src/service.ts'
import { onClientError, sendError } from './errors.ts'

interface Waiting {
  log: Service['log']
  health: HealthMonitor
  /** What everybody is told, who is not signed in either: no path, no secret. */
  reason: string
}

const RETRY_AFTER_SECONDS = 10

/** The HTTP surface while there is no store: how it is, and that everything else is to be tried again later. */
export async function buildWaitingRoom ({ log, health, reason }: Waiting): Promise<FastifyInstance> {
  const app = fastify(serverOptions(log))
  const refusal = new AppError('overloaded', `${reason}; nothing was stored`, { retryAfterSeconds: RETRY_AFTER_SECONDS })

  // Before a body is read, of whatever size and kind.
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'x-request-id': request.id, 'x-content-type-options': 'nosniff', 'content-security-policy': "default-src 'none'" })
    if (request.is404) return sendError(refusal, request, reply)
  })
  app.get('/livez', async () => ({ ok: true }))
  app.get('/readyz', async (_request, reply) => reply.code(503).header('retry-after', RETRY_AFTER_SECONDS).send({ ok: false, reason }))
  app.get('/health', async (_request, reply) => reply.code(503).header('retry-after', RETRY_AFTER_SECONDS).send(health.report({ full: true })))
  return app
}

function serverOptions (log: Service['log']): FastifyHttpOptions<Server> {
  return {
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => crypto.randomUUID(),
    forceCloseConnections: true,
    clientErrorHandler: onClientError
  }
}
