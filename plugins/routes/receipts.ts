import { Type } from '@sinclair/typebox'
import { Event } from '../../schemas/event.ts'
import { Refusal, Rejected, StoredReceipt } from '../../schemas/submission.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../access/auth.ts'
import { problems } from '../problems.ts'

const Id = Type.Object({ id: Type.String({ pattern: '^\\d{1,16}$' }) })

const RejectedQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
  before: Type.Optional(Type.String({ pattern: '^\\d{1,16}$', description: '`next` of the page before' }))
}, { additionalProperties: false })

const RejectedPage = Type.Object({ rejected: Type.Array(Rejected), next: Type.Unsafe<string | null>({ type: ['string', 'null'] }) })

export default async function receipts (app: App): Promise<void> {
  const { refusals, rejects } = app.service
  const tags = ['receipts']

  app.get('/receipts/:id', {
    config: { access: 'read' },
    schema: { tags, summary: 'What became of a batch', params: Id, response: { 200: StoredReceipt, ...problems } }
  }, (request) => rejects.receipt(request.params.id))

  app.get('/rejected', {
    config: { access: 'read' },
    schema: { tags, summary: 'What was refused and why, newest first', querystring: RejectedQuery, response: { 200: RejectedPage, ...problems } }
  }, (request) => rejects.list(request.query))

  app.get('/refusals', {
    config: { access: 'read' },
    schema: { tags, summary: 'Why the last deliveries were refused as a whole, newest first', response: { 200: Type.Object({ refusals: Type.Array(Refusal) }), ...problems } }
  }, () => ({ refusals: refusals.list() }))

  app.post('/rejected/:id/retry', {
    config: { access: 'operator' },
    schema: {
      tags,
      summary: 'Send an item again, as it was or mended (the event as body); it leaves the box when it is stored',
      params: Id,
      body: Type.Optional(Type.Unknown()),
      response: { 201: Event, ...problems }
    }
  }, async (request, reply) => {
    const event = await rejects.retry(request.params.id, request.body, { caller: callerOf(request), from: request.ip })
    return reply.code(201).send(event)
  })
}
