import { Type } from '@sinclair/typebox'
import { Health, Ok } from '../../schemas/health.ts'
import { Integration } from '../../schemas/integration.ts'
import { VERSION } from '../../src/core/version.ts'
import type { App } from '../app-type.ts'
import { crossOrigin } from '../access/cross-origin.ts'
import { problems } from '../problems.ts'

const Root = Type.Object({ ok: Type.Boolean(), name: Type.String(), version: Type.String(), ...Integration.properties })

export default async function health (app: App): Promise<void> {
  const { health, ticks } = app.service

  app.get('/', {
    config: { access: 'open' },
    onRequest: crossOrigin,
    schema: { tags: ['health'], summary: 'What this is, with what /integration.json says', response: { 200: Root, ...problems } }
  }, async () => ({ ok: true, name: 'bellwether', version: VERSION, ...ticks.integration() }))

  app.get('/health', {
    config: { access: 'open' },
    schema: { tags: ['health'], summary: 'How the service is; details for those who are signed in', response: { 200: Health, 503: Health } }
  }, async (request, reply) => {
    const report = health.report({ full: request.caller !== undefined })
    return reply.code(report.ok ? 200 : 503).send(report)
  })

  app.get('/livez', {
    config: { access: 'open' },
    schema: { tags: ['health'], summary: 'The process answers', response: { 200: Ok } }
  }, async () => ({ ok: true }))

  app.get('/readyz', {
    config: { access: 'open' },
    schema: { tags: ['health'], summary: 'Events can be stored: not while starting, draining, or when the store cannot write', response: { 200: Ok, 503: Ok } }
  }, async (_request, reply) => reply.code(health.isReady ? 200 : 503).send({ ok: health.isReady }))
}
