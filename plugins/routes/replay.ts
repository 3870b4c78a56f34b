import { ReplayAnswer, ReplayRequest } from '../../schemas/replay.ts'
import type { App } from '../app-type.ts'
import { leaveSignal } from '../leave-signal.ts'
import { problems } from '../problems.ts'

export default async function replay (app: App): Promise<void> {
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
