import { test } from 'tap'
import { emptyModel, judgeSession, learnSession, type SessionModel } from '../../src/detect/sessions/detector.ts'

function modelOf (...sessions: string[]): SessionModel {
  const model = emptyModel()
  for (const session of sessions) learnSession(model, session.split(' '))
  return model
}

const MODEL = modelOf('open read read close', 'open close', 'open read read read close retry')

for (const [session, reasons] of [
  ['open read close', []],
  ['close read read read open', []],
  ['open read read read read close', ['read came 4 times, at most 3 times before']],
  ['open', ['close is missing, at least once before']],
  ['open close retry retry', ['retry came 2 times, at most once before']],
  ['open close reset', ['reset was never seen']]
] as const) {
  test(`a session "${session}" is ${reasons.length === 0 ? 'healthy' : 'told'}`, async (t) => {
    t.same(judgeSession(MODEL, session.split(' ')), { anomalous: reasons.length > 0, reasons })
  })
}

test('an id that came in every session is missed where it comes too seldom', async (t) => {
  t.same(judgeSession(modelOf('a a', 'a a a'), ['a']).reasons, ['a came once, at least 2 times before'])
})

test('nothing is judged before anything was learned', async (t) => {
  t.same(judgeSession(emptyModel(), ['a']), { anomalous: false, reasons: [] })
})
