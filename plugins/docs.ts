import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import fastifyPlugin from 'fastify-plugin'
import { Type } from '@sinclair/typebox'
import { VERSION } from '../src/core/version.ts'
import type { App } from './app-type.ts'

/** The OpenAPI page, generated from the schemas of the routes. */
async function docs (app: App): Promise<void> {
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
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => { route.config = { ...route.config, access: 'read' } })
    await scope.register(swaggerUi, { routePrefix: '/docs' })
  })
  app.get('/openapi.json', {
    config: { access: 'read' },
    schema: { tags: ['docs'], summary: 'The OpenAPI document', response: { 200: Type.Unknown() } }
  }, async () => app.swagger())
}

export default fastifyPlugin(docs, { name: 'docs', dependencies: ['auth'] })
