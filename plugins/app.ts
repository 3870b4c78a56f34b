import type { Server } from 'node:http'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { fastify, LogController, type FastifyHttpOptions } from 'fastify'
import type { Service } from '../src/service.ts'
import type { App } from './app-type.ts'
import auth from './access/auth.ts'
import browsers from './browsers.ts'
import docs from './docs.ts'
import errors, { onClientError } from './errors.ts'
import headers from './headers.ts'
import latency from './latency.ts'
import rateLimit from './access/rate-limit.ts'
import ackLinks from './pages/ack-links.ts'
import alerts from './routes/alerts.ts'
import audit from './routes/audit.ts'
import channels from './routes/channels.ts'
import collect from './routes/collect.ts'
import config from './routes/config.ts'
import dashboard from './pages/dashboard.ts'
import { onBrokenAddress } from './pages/broken-links.ts'
import eventQueries from './routes/event-queries.ts'
import events from './routes/events.ts'
import health from './routes/health.ts'
import log from './routes/log.ts'
import metrics from './routes/metrics.ts'
import notifications from './routes/notifications.ts'
import pipelines from './routes/pipelines.ts'
import receipts from './routes/receipts.ts'
import rules from './routes/rules.ts'
import runs from './routes/runs.ts'
import samples from './routes/samples.ts'
import sampleData from './routes/sample-data.ts'
import series from './routes/series.ts'
import signIn from './routes/sign-in.ts'
import silences from './routes/silences.ts'
import stream from './routes/stream.ts'
import summary from './routes/summary.ts'
import tick from './routes/tick.ts'
import tokens from './routes/tokens.ts'
import users from './routes/users.ts'
import sessionCookie from './access/session-cookie.ts'
import sessionToken from './access/session-token.ts'
import stopping from './stopping.ts'
import { compileValidator } from './validator.ts'

/** A client must have sent its headers, then its body, within these; Node's own defaults are a minute and five. */
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 25_000
const CHECK_CONNECTIONS_MS = 2_000
const KEEP_ALIVE_MS = 72_000
const JSON_BODY_BYTES = 1_048_576

/** The HTTP surface, in order. */
export async function buildApp (service: Service): Promise<App> {
  const app: App = fastify(serverOptions(service)).withTypeProvider<TypeBoxTypeProvider>()
  app.decorate('service', service)
  app.setValidatorCompiler(compileValidator)
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  app.removeContentTypeParser('text/plain')

  await app.register(latency, { metrics: service.metrics.requests })
  await app.register(headers)
  await app.register(rateLimit)
  await app.register(errors)
  await app.register(stopping)
  await app.register(browsers)
  await app.register(sessionToken)
  await app.register(sessionCookie)
  await app.register(auth)
  await app.register(docs)

  await app.register(dashboard)
  await app.register(health)
  await app.register(metrics)
  await app.register(events)
  await app.register(log)
  await app.register(eventQueries)
  await app.register(series)
  await app.register(samples)
  await app.register(collect)
  await app.register(summary)
  await app.register(sampleData)
  await app.register(stream)
  await app.register(receipts)
  await app.register(rules)
  await app.register(alerts)
  await app.register(ackLinks)
  await app.register(silences)
  await app.register(channels)
  await app.register(notifications)
  await app.register(pipelines)
  await app.register(runs, { runs: service.runs })
  await app.register(tick)
  await app.register(signIn)
  await app.register(users)
  await app.register(tokens)
  await app.register(audit)
  await app.register(config)
  return app
}

function serverOptions (service: Service): FastifyHttpOptions<Server> {
  const { config, log } = service
  return {
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    // One logger for all: what a request logs names its id.
    childLoggerFactory: (logger) => logger,
    requestIdHeader: false,
    genReqId: () => crypto.randomUUID(),
    trustProxy: config.trustProxy.length === 0 ? false : [...config.trustProxy],
    bodyLimit: JSON_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    // Its answer is no problem document: plugins/stopping.ts gives ours.
    return503OnClosing: false,
    http: { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: CHECK_CONNECTIONS_MS },
    clientErrorHandler: onClientError,
    frameworkErrors: onBrokenAddress(service),
    routerOptions: { maxParamLength: 256 },
    schemaController: { compilersFactory: { buildValidator: notAsked, buildSerializer: notAsked } }
  }
}

/** In the place of the compilers that Fastify would load, a fifth of all that a start loads: every route has ours. */
function notAsked (): never {
  throw new Error('a route has no compiler of its own')
}
