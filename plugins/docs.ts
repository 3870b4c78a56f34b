import fastifyPlugin from 'fastify-plugin'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from '@sinclair/typebox'
import { lazily } from '../src/core/lazily.ts'
import type { App } from './app-type.ts'

/** What the page is made of. */
const PAGE = ['/docs', '/docs/', '/docs/json', '/docs/yaml', '/docs/static/index.html', '/docs/static/swagger-initializer.js', '/docs/static/*']
/** What our own answer says for itself. */
const OF_THE_CONNECTION = new Set(['connection', 'date', 'transfer-encoding'])

/** The OpenAPI page. What makes it is loaded, and the document made, when somebody first asks for it. */
async function docs (app: App): Promise<void> {
  let made: FastifyInstance | undefined
  const maker = lazily(async () => {
    const { buildDocumentation } = await import('./documentation.ts')
    made = await buildDocumentation(app.routes)
    return made
  })
  app.addHook('onClose', async () => { await made?.close() })

  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const headers = { ...request.headers, 'x-request-id': request.id }
    const answered = await (await maker()).inject({ method: request.method === 'HEAD' ? 'HEAD' : 'GET', url: request.url, headers })
    if (answered.statusCode === 404) {
      reply.callNotFound()
      return reply
    }
    const told = Object.entries(answered.headers).filter(([name]) => !OF_THE_CONNECTION.has(name))
    return reply.code(answered.statusCode).headers(Object.fromEntries(told)).send(answered.rawPayload.length === 0 ? undefined : answered.rawPayload)
  }
  for (const url of PAGE) app.get(url, { config: { access: 'read' }, schema: { hide: true } }, answer)
  app.get('/openapi.json', {
    config: { access: 'read' },
    schema: { tags: ['docs'], summary: 'The OpenAPI document', response: { 200: Type.Unknown() } }
  }, answer)
}

export default fastifyPlugin(docs, { name: 'docs', dependencies: ['auth'] })
