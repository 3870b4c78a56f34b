import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { fastify, type FastifyInstance, type RouteOptions } from 'fastify'
import { VERSION } from '../src/core/version.ts'
import { sendError } from './errors.ts'

/** Builds what answers for the OpenAPI document and its page. It listens nowhere, and knows of the routes nothing but their schemas. */
export async function buildDocumentation (routes: readonly RouteOptions[]): Promise<FastifyInstance> {
  const app = fastify({ exposeHeadRoutes: false, requestIdHeader: 'x-request-id' })
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  app.setErrorHandler((error: Error, request, reply) => sendError(error, request, reply))
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Bellwether', version: VERSION, description: 'The alert you can audit.', license: { name: 'MIT' } },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          opsToken: { type: 'apiKey', in: 'header', name: 'X-Ops-Token' },
          cookie: { type: 'apiKey', in: 'cookie', name: 'bw_session' }
        }
      },
      security: [{ bearer: [] }, { opsToken: [] }, { cookie: [] }]
    }
  })
  for (const { method, url, schema } of routes) {
    if (method !== 'HEAD' && schema?.hide !== true) app.route({ method, url, schema: schema ?? {}, handler: async () => app.swagger() })
  }
  await app.register(swaggerUi, { routePrefix: '/docs' })
  await app.ready()
  return app
}
