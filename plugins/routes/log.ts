import { Type } from '@sinclair/typebox'
import { Anomaly, Level, Severity, type Event } from '../../schemas/event.ts'
import { Receipt } from '../../schemas/submission.ts'
import type { App } from '../app-type.ts'
import ingest, { deliveryOf, IngestQuery, ticketOf } from '../ingest.ts'
import { problems } from '../problems.ts'

const Scored = Type.Object({
  id: Type.String(),
  level: Level,
  severity: Severity,
  severity_source: Type.Literal('level', { description: 'what the severity was judged by' }),
  anomaly: Anomaly,
  pattern: Type.Unsafe<string | null>({ type: ['string', 'null'] })
})

export default async function log (app: App): Promise<void> {
  await app.register(ingest)

  app.post('/log', {
    config: { access: 'ingest' },
    schema: {
      tags: ['events'],
      summary: 'Take in one event, JSON or a form, and answer how grave it is',
      querystring: IngestQuery,
      response: { 200: Type.Union([Scored, Receipt]), 201: Scored, ...problems }
    }
  }, async (request, reply) => {
    const taken = await app.service.intake.takeLog(deliveryOf(request), ticketOf(request))
    if (taken.kind === 'receipt') return reply.code(200).send(taken.receipt)
    return reply.code(request.query.dry === '1' ? 200 : 201).send(score(taken.event))
  })
}

function score ({ id, level, severity, anomaly, pattern_id: pattern }: Event) {
  return { id, level, severity, severity_source: 'level' as const, anomaly, pattern }
}
