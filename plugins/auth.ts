import fastifyPlugin from 'fastify-plugin'
import type { FastifyRequest, RouteOptions } from 'fastify'
import type { Access, Caller } from '../schemas/token.ts'
import { AppError } from '../src/errors.ts'
import type { App } from './app-type.ts'
import { areMetricsOpen } from './metrics-access.ts'

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
    const secret = secretOf(request)
    request.caller = secret === undefined ? undefined : await app.service.access.identify(secret)
    app.service.access.authorise(request.caller, access)
  })
}

export default fastifyPlugin(auth, { name: 'auth', dependencies: ['errors'] })

/** The caller of a route that asks for a scope. */
export function callerOf (request: { caller: Caller | undefined }): Caller {
  if (request.caller === undefined) throw new AppError('unauthorized', 'a token is needed')
  return request.caller
}

function secretOf ({ headers }: FastifyRequest): string | undefined {
  const ops = headers['x-ops-token']
  const bearer = /^Bearer +([^\s]+) *$/i.exec(headers.authorization ?? '')?.[1]
  const secret = bearer ?? (typeof ops === 'string' ? ops : undefined)
  return secret !== undefined && secret.length > 0 && secret.length <= MOST_SECRET_LENGTH ? secret : undefined
}
