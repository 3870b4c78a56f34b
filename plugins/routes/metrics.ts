import { Type } from '@sinclair/typebox'
import { MetricsSnapshot } from '../../schemas/metrics.ts'
import { prefersJson } from '../accept.ts'
import type { App } from '../app-type.ts'
import { problems } from '../problems.ts'

const TEXT = 'text/plain; version=0.0.4; charset=utf-8'

export default async function metrics (app: App): Promise<void> {
  const { metrics, health } = app.service
  const tags = ['metrics']
  const snapshot = (): MetricsSnapshot => ({
    service: 'bellwether', uptime_seconds: health.report({ full: false }).uptime_seconds, ...metrics.requests.totals()
  })

  metrics.requests.expect({ method: 'GET', route: '/metrics' })
  for (const url of ['/metrics', '/metric']) {
    app.get(url, {
      config: { access: 'metrics' },
      schema: {
        tags,
        summary: 'All metrics as Prometheus text; with `Accept: application/json` the snapshot',
        response: { 200: Type.Union([Type.Unsafe<Buffer>({ type: 'string' }), MetricsSnapshot]), ...problems }
      }
    }, async (request, reply) => {
      reply.header('vary', 'Accept')
      if (prefersJson(request.headers.accept)) return reply.send(snapshot())
      return reply.type(TEXT).send(await metrics.render())
    })
  }

  app.get('/metrics/snapshot', {
    config: { access: 'read' },
    schema: { tags, summary: 'What was counted of requests since the start, and the newest 100', response: { 200: MetricsSnapshot, ...problems } }
  }, async () => snapshot())
}
