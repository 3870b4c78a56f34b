import { Type } from '@sinclair/typebox'
import { SamplesReceipt } from '../../schemas/sample.ts'
import type { App } from '../app-type.ts'
import ingest, { deliveryOf, ticketOf } from '../ingest.ts'
import { problems } from '../problems.ts'

export default async function samples (app: App): Promise<void> {
  await app.register(ingest)

  app.post('/samples', {
    config: { access: 'ingest' },
    schema: {
      tags: ['numbers'],
      summary: 'Take in own numbers: one {name, value, labels?, time?}, or an array of them',
      querystring: Type.Object({}, { additionalProperties: false }),
      response: { 200: SamplesReceipt, 201: SamplesReceipt, 207: SamplesReceipt, ...problems }
    }
  }, async (request, reply) => {
    const receipt = await app.service.samples.take(deliveryOf(request), ticketOf(request))
    return reply.code(statusOf(receipt)).send(receipt)
  })
}

/** 200 when nothing was sent, so that nothing was made. */
function statusOf ({ accepted, duplicates, rejected }: SamplesReceipt): 200 | 201 | 207 {
  if (rejected > 0) return 207
  return accepted + duplicates === 0 ? 200 : 201
}
