import fastifyPlugin from 'fastify-plugin'
import type { App } from './app-type.ts'

/** What helmet sets, made once: nothing here depends on the request, and ingest answers often. */
export const SECURITY = {
  'content-security-policy': "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY'
} as const

/** Headers of every answer: what a browser must not do with it, the request's id, and while draining that the client shall go. */
async function headers (app: App): Promise<void> {
  const { health } = app.service
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers({ ...SECURITY, 'x-request-id': request.id })
    done()
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (health.phase === 'draining') reply.header('connection', 'close')
    done(null, payload)
  })
}

export default fastifyPlugin(headers, { name: 'headers' })
