import { Type } from '@sinclair/typebox'
import { Event } from '../../schemas/event.ts'
import { Receipt } from '../../schemas/submission.ts'
import type { Taken } from '../../src/events/intake.ts'
import type { App } from '../app-type.ts'
import ingest, { deliveryOf, IngestQuery, ticketOf } from '../ingest.ts'
import { problems } from '../problems.ts'

const Stored = Type.Union([Event, Receipt])

export default async function events (app: App): Promise<void> {
  await app.register(ingest)

  app.post('/events', {
    config: { access: 'ingest' },
    schema: {
      tags: ['events'],
      summary: 'Take in one event (JSON object) or many (JSON array, NDJSON, lines of text)',
      querystring: IngestQuery,
      response: { 200: Stored, 201: Stored, 207: Receipt, ...problems }
    }
  }, async (request, reply) => {
    const taken = await app.service.intake.take(deliveryOf(request), ticketOf(request))
    if (taken.kind === 'event') return reply.code(request.query.dry === '1' ? 200 : 201).send(taken.event)
    return reply.code(statusOf(taken.receipt)).send(taken.receipt)
  })
}

/** Shippers flush what they have, which may be nothing: that is a success, and nothing was made. */
function statusOf ({ receipt, accepted, duplicates, rejected }: Extract<Taken, { kind: 'receipt' }>['receipt']): 200 | 201 | 207 {
  if (rejected > 0) return 207
  return receipt === null || accepted + duplicates === 0 ? 200 : 201
}
