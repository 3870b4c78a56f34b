import { Type } from '@sinclair/typebox'
import { NewRule, RuleChange, RuleView } from '../../schemas/rule.ts'
import { ReplayAnswer, ReplayRequest } from '../../schemas/replay.ts'
import type { App } from '../app-type.ts'
import { requesterOf } from '../access/auth.ts'
import { leaveSignal } from '../leave-signal.ts'
import { problems } from '../problems.ts'

const Id = Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) })
const Nothing = Type.Null({ description: 'no content' })

export default async function rules (app: App): Promise<void> {
  const { rules } = app.service
  const read = { access: 'read' } as const
  const write = { access: 'operator' } as const
  const tags = ['rules']

  app.get('/rules', {
    config: read, schema: { tags, summary: 'All rules', response: { 200: Type.Object({ rules: Type.Array(RuleView) }), ...problems } }
  }, async () => ({ rules: rules.list() }))

  app.post('/rules', {
    config: write, schema: { tags, summary: 'Make a rule', body: NewRule, response: { 201: RuleView, ...problems } }
  }, async (request, reply) => reply.code(201).send(await rules.create(request.body, requesterOf(request))))

  app.get('/rules/:id', {
    config: read, schema: { tags, summary: 'One rule', params: Id, response: { 200: RuleView, ...problems } }
  }, async (request) => rules.get(request.params.id))

  app.put('/rules/:id', {
    config: write, schema: { tags, summary: 'Say all of a rule anew', params: Id, body: NewRule, response: { 200: RuleView, ...problems } }
  }, (request) => rules.replace(request.params.id, request.body, requesterOf(request)))

  app.patch('/rules/:id', {
    config: write, schema: { tags, summary: 'Change what is named of a rule', params: Id, body: RuleChange, response: { 200: RuleView, ...problems } }
  }, (request) => rules.patch(request.params.id, request.body, requesterOf(request)))

  app.delete('/rules/:id', {
    config: write, schema: { tags, summary: 'Remove a rule; its alerts are resolved', params: Id, response: { 204: Nothing, ...problems } }
  }, async (request, reply) => {
    await rules.remove(request.params.id, requesterOf(request))
    return reply.code(204).send(null)
  })

  app.post('/rules/replay', {
    config: { access: 'read' },
    schema: {
      tags: ['rules'],
      summary: 'What a rule would have done in the past, by the code that evaluates it live; the last day by default',
      body: ReplayRequest,
      response: { 200: ReplayAnswer, ...problems }
    }
  }, (request, reply) => app.service.replays.run(request.body, leaveSignal(reply)))
}
