import { test } from 'tap'
import { wireEvent, type IdentifiedEvent } from '../../src/events/wire-event.ts'
import { isoTime } from '../../src/core/clock.ts'

const RECEIVED = Date.UTC(2026, 0, 2, 3, 4, 5, 6)

function identified (more: Partial<IdentifiedEvent> = {}): IdentifiedEvent {
  return {
    id: RECEIVED * 1024 + 77,
    receivedAt: RECEIVED,
    time: Date.UTC(2026, 0, 1),
    level: 'WARN',
    severity: 'MEDIUM',
    service: 'api',
    type: null,
    host: null,
    traceId: 't1',
    clientId: null,
    message: 'm',
    meta: null,
    patternId: null,
    anomaly: null,
    ...more
  }
}

test('an event is answered with its own id or its row id, and when it was received', async (t) => {
  t.equal(wireEvent(identified()).id, String(RECEIVED * 1024 + 77))
  t.equal(wireEvent(identified({ clientId: 'mine' })).id, 'mine')
  t.equal(wireEvent(identified()).received_at, '2026-01-02T03:04:05.006Z')
})

test('every field of an answer is there, with the names of the interface', async (t) => {
  t.same(wireEvent(identified()), {
    id: String(RECEIVED * 1024 + 77),
    time: '2026-01-01T00:00:00.000Z',
    received_at: '2026-01-02T03:04:05.006Z',
    level: 'WARN',
    severity: 'MEDIUM',
    service: 'api',
    type: null,
    host: null,
    trace_id: 't1',
    message: 'm',
    meta: {},
    pattern_id: null,
    anomaly: { score: 0, flagged: false, reasons: [] }
  })
})

test('an anomaly is flagged from a score of 1 on', async (t) => {
  for (const [anomaly, flagged] of [[0, false], [0.99, false], [1, true], [7, true]] as const) {
    t.same(wireEvent(identified({ anomaly })).anomaly, { score: anomaly, flagged, reasons: [] })
  }
})

test('meta keeps numbers that a double would change', async (t) => {
  const text = '{"n":12345678901234567890,"__proto__":1}'

  t.equal(JSON.stringify(wireEvent(identified({ meta: text })).meta), text)
})

test('times are ISO 8601 in UTC', async (t) => {
  t.equal(isoTime(0), '1970-01-01T00:00:00.000Z')
})
