import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { fastify } from 'fastify'
import type { RunViews } from '../src/pipelines/run-views.ts'
import { AppError } from '../src/core/errors.ts'
import type { Page } from '../src/page/page-bundle.ts'
import type { App } from './app-type.ts'
import { sendError } from './errors.ts'
import { SECURITY } from './headers.ts'
import { LOGO } from './logo.ts'
import { servePage } from './pages/dashboard.ts'
import runs from './routes/runs.ts'
import { compileValidator } from './validator.ts'

/** What `bellwether run --dashboard` serves, to this machine alone: what the run did, and the page that shows it. */
export async function buildRunApp ({ runs: views, page }: { runs: RunViews, page: Page }): Promise<App> {
  const app: App = fastify({ genReqId: () => crypto.randomUUID(), forceCloseConnections: true }).withTypeProvider<TypeBoxTypeProvider>()
  app.setValidatorCompiler(compileValidator)
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...SECURITY, 'x-request-id': request.id })
    refuseForeign(request.headers.host)
  })
  app.setErrorHandler((error: Error, request, reply) => sendError(error, request, reply))
  app.setNotFoundHandler((request, reply) => sendError(new AppError('not_found', `there is no ${request.method} ${request.url.split('?')[0]?.slice(0, 200)}`), request, reply))
  await app.register(runs, { runs: views })
  app.get('/health', async () => ({ status: 'ok' }))
  app.get('/logo.svg', async (_request, reply) => reply.type('image/svg+xml').serializer(String).send(LOGO))
  servePage(app, page, { isRun: true })
  return app
}

/** A page of somebody else's, whose name was made to lead to this machine, shall not read lines: only this machine's own names are answered. */
function refuseForeign (host = ''): void {
  const name = host.replace(/:\d+$/, '')
  if (!['localhost', '127.0.0.1', '[::1]'].includes(name)) throw new AppError('forbidden', `this is served to localhost alone, not to ${JSON.stringify(name.slice(0, 100))}`)
}
