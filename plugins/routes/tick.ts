import { Type } from '@sinclair/typebox'
import { Integration, Tick, TickAccepted, TickTask } from '../../schemas/integration.ts'
import type { App } from '../app-type.ts'
import { crossOrigin } from '../access/cross-origin.ts'
import { LOGO } from '../logo.ts'
import { networkOf } from '../access/network.ts'
import { problems } from '../problems.ts'

const TaskId = Type.Object({ task_id: Type.String({ minLength: 1, maxLength: 64 }) })

/** What Telex reads and calls. It has no token: its calls are limited, and answers go to hosts of TICK_ALLOW alone. */
export default async function tick (app: App): Promise<void> {
  const { ticks } = app.service
  const config = { access: 'open' } as const
  const tags = ['integration']

  app.get('/integration.json', {
    config, onRequest: crossOrigin, schema: { tags, summary: 'What Telex reads to install the integration', response: { 200: Integration, ...problems } }
  }, async () => ticks.integration())

  app.get('/logo.svg', {
    config, onRequest: crossOrigin, schema: { tags, summary: 'The logo', response: { 200: Type.Unknown(), ...problems } }
  }, async (_request, reply) => reply.type('image/svg+xml').serializer(String).send(LOGO))

  app.post('/tick', {
    config, onRequest: app.limitTicks, schema: { tags, summary: 'Judge how things are by the settings sent, and tell it to return_url', body: Tick, response: { 202: TickAccepted, ...problems } }
  }, async (request, reply) => reply.code(202).send(await ticks.accept(request.body, networkOf(request))))

  app.get('/tick', {
    config, onRequest: app.limitTicks, schema: { tags, summary: 'Tell all Telex and webhook channels how things are, once a minute at most', response: { 202: TickAccepted, ...problems } }
  }, async (_request, reply) => reply.code(202).send(ticks.summarise()))

  app.get('/tick/:task_id', {
    config, schema: { tags, summary: 'What came of a tick; with the text of TICK_SECRET, what GET /tick does', params: TaskId, response: { 200: TickTask, 202: TickAccepted, ...problems } }
  }, async (request, reply) => {
    const answer = ticks.taskOrSummary(request.params.task_id)
    return 'result' in answer ? reply.code(202).send(answer) : reply.code(200).send(answer)
  })
}
