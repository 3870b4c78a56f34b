import fastifyPlugin from 'fastify-plugin'
import { AppError } from '../src/core/errors.ts'
import type { App } from './app-type.ts'

const RETRY_AFTER_SECONDS = 5

/** Refuses what comes on connections that are still open once the service no longer listens; what came before is answered. */
async function stopping (app: App): Promise<void> {
  let isStopping = false
  app.addHook('preClose', async () => { isStopping = true })
  app.addHook('onRequest', async (_request, reply) => {
    if (!isStopping) return
    reply.header('connection', 'close')
    throw new AppError('overloaded', 'the service is stopping: send it again to the one that comes next', { retryAfterSeconds: RETRY_AFTER_SECONDS })
  })
}

export default fastifyPlugin(stopping, { name: 'stopping', dependencies: ['errors'] })
