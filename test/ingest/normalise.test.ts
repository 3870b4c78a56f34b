import { test } from 'tap'
import { accepted, acceptedText, contextOf, faultsOf, metaOf, NOW, pathsOf } from './support.ts'
import { normaliseEvent } from '../../src/ingest/normalise.ts'
import { parseJson } from '../../src/ingest/json/read-json.ts'

test('a message alone is an event', async (t) => {
  t.same(accepted({ message: 'up' }), {
    time: NOW,
    level: 'INFO',
    severity: 'LOW',
    service: null,
    type: null,
    host: null,
    traceId: null,
    clientId: null,
    message: 'up',
    meta: null,
    idHint: null,
    isTimed: false
  })
})

test('every part of an event finds its place', async (t) => {
  const event = accepted({
    id: 'e-1',
    time: '2026-01-31T12:00:00Z',
    level: 'warning',
    service: 'api',
    type: 'AUDIT',
    host: 'web-1',
    trace_id: '4bf9',
    message: 'slow',
    meta: { request_id: 'abc123' }
  })

  t.same(event, {
    time: Date.UTC(2026, 0, 31, 12),
    level: 'WARN',
    severity: 'MEDIUM',
    service: 'api',
    type: 'AUDIT',
    host: 'web-1',
    traceId: '4bf9',
    clientId: 'e-1',
    message: 'slow',
    meta: '{"type":"AUDIT","request_id":"abc123"}',
    idHint: '"e-1"',
    isTimed: true
  })
})

test('what is no object is refused, saying what it is', async (t) => {
  const table: Array<[string, string]> = [
    ['5', 'a number'], ['9007199254740993', 'a number'], ['"message"', 'a string'], ['null', 'null'], ['["x"]', 'an array'], ['true', 'a boolean']
  ]

  for (const [text, kind] of table) {
    t.same(faultsOf(parseJson(text)), [{ path: '', message: `an event is an object like {"message": "..."}, got ${kind}` }], text)
  }
})

test('the message has four names, in this order', async (t) => {
  t.equal(accepted({ message: 'a', msg: 'b', log: 'c', body: 'd' }).message, 'a')
  t.equal(accepted({ body: 'd', log: 'c', msg: 'b' }).message, 'b')
  t.equal(accepted({ body: 'd', log: 'c' }).message, 'c')
  t.equal(accepted({ body: 'd' }).message, 'd')
  t.same(metaOf({ message: 'a', msg: 'b', log: 'c', body: 'd' }), { msg: 'b', log: 'c', body: 'd' })
})

test('a msg, log or body that is no text is kept, and the next name is tried', async (t) => {
  t.equal(accepted({ msg: { a: 1 }, log: 5, body: 'd' }).message, 'd')
  t.same(metaOf({ msg: { a: 1 }, log: 5, body: 'd' }), { msg: { a: 1 }, log: 5 })
  t.same(pathsOf({ meta: { a: 1 } }), [''])
})

test('a null or empty message gives way to the next name', async (t) => {
  t.equal(accepted({ message: null, msg: 'b' }).message, 'b')
  t.equal(accepted({ message: '', msg: 'b' }).message, 'b')
})

test('without a message the fault names the fields that would do', async (t) => {
  t.same(faultsOf({ level: 'INFO' }), [{ path: '', message: 'an event needs a text in one of message, msg, log, body' }])
  t.same(pathsOf({ message: null }), [''])
  t.same(pathsOf({ message: '' }), ['/message'])
  t.same(pathsOf({ body: '' }), ['/body'])
})

test('a message that is no text is its JSON text, unless another name holds a text', async (t) => {
  for (const message of [5, true, {}, [], ['x'], { user: 5 }]) {
    t.match(accepted({ message }), { message: JSON.stringify(message), meta: null })
    t.match(accepted({ message, msg: 'text' }), { message: 'text', meta: JSON.stringify({ message }) })
  }
  t.match(acceptedText('{"message": 9007199254740993}'), { message: '9007199254740993' })
  t.same(pathsOf({ message: { a: 'x'.repeat(70_000) } }), ['/message'])
})

test('a message has at most 64 KB of UTF-8', async (t) => {
  const table: Array<[string, boolean]> = [
    ['a'.repeat(65_535), true], ['a'.repeat(65_536), true], ['a'.repeat(65_537), false],
    ['\u20AC'.repeat(21_845), true], ['\u20AC'.repeat(21_845) + 'a', true], ['\u20AC'.repeat(21_846), false]
  ]

  for (const [message, fits] of table) t.same(pathsOf({ message }), fits ? [] : ['/message'], `${Buffer.byteLength(message)} bytes`)
  t.same(pathsOf({ log: 'a'.repeat(65_537) }), ['/log'])
})

test('the first time that is given wins, the others are kept', async (t) => {
  const ms = Date.UTC(2026, 0, 31)

  t.equal(accepted({ message: 'a', time: null, timestamp: '', '@timestamp': '2026-01-31', ts: 5 }).time, ms)
  t.same(metaOf({ message: 'a', '@timestamp': '2026-01-31', ts: 5 }), { ts: 5 })
  t.equal(accepted({ message: 'a', ts: ms / 1000 }).time, ms)
  t.equal(accepted({ message: 'a', timestamp: `${ms}000000` }).time, ms)
})

test('a time that cannot be read is kept and noted by name and value, and the event has the time of its receipt', async (t) => {
  for (const [name, value] of [['timestamp', 'banana'], ['time', true], ['ts', -1], ['time', 0.123], ['ts', '12.5'], ['@timestamp', '1969-12-31']]) {
    const input = { message: 'a', [String(name)]: value }

    t.match(accepted(input), { time: NOW, isTimed: false, meta: JSON.stringify({ [String(name)]: value }), notes: [{ part: 'time', path: `/${String(name)}` }] })
  }
  t.match(accepted({ message: 'a', time: 'banana' }).notes, [{ message: /^"banana" is not a time: it is kept in meta; known are ISO 8601 like/ }])
  t.match(acceptedText('{"message": "a", "ts": 99999999999999999999999}'), { time: NOW, notes: [{ path: '/ts' }] })
})

test('a first time or level that is none does not hide a second, and is noted', async (t) => {
  t.match(accepted({ message: 'a', time: 'banana', ts: 60 }), { time: 60_000, meta: '{"time":"banana"}', notes: [{ path: '/time' }] })
  t.match(accepted({ message: 'a', level: 'banana', severity: 'ERROR' }), { level: 'ERROR', meta: '{"level":"banana"}', notes: [{ path: '/level' }] })
  t.equal(accepted({ message: 'a', level: 'error', severity: 'high' }).notes, undefined)
  t.equal(accepted({ message: 'a', level: 30, severity: 'high' }).notes, undefined)
})

test('a time that is an object is kept, and the next name is tried', async (t) => {
  const event = accepted({ message: 'a', time: { s: 1 }, ts: 60 })

  t.equal(event.time, 60_000)
  t.equal(event.meta, '{"time":{"s":1}}')
})

test('a time of OpenTelemetry that is 0 is not known: that of the observation counts, else that of the receipt', async (t) => {
  const at = (input: object) => accepted({ body: 'x', ...input })
  t.match(at({ timeUnixNano: '0', observedTimeUnixNano: '1780000000000000000' }), { time: 1_780_000_000_000, isTimed: true })
  t.match(at({ timeUnixNano: '1780000001000000000', observedTimeUnixNano: '1780000000000000000' }), { time: 1_780_000_001_000 })
  t.match(at({ time_unix_nano: 0 }), { isTimed: false })
})

test('a time finer than ms is kept as it was sent', async (t) => {
  t.equal(acceptedText('{"message": "a", "time": 1769862645678123456}').meta, '{"time":1769862645678123456}')
  t.equal(acceptedText('{"message": "a", "time": 1769862645678123456}').time, 1_769_862_645_678)
  t.equal(accepted({ message: 'a', ts: 1769862645.678123 }).meta, '{"ts":1769862645.678123}')
  t.equal(accepted({ message: 'a', time: '2026-01-31T12:00:00.123456Z' }).meta, '{"time":"2026-01-31T12:00:00.123456Z"}')
  t.equal(accepted({ message: 'a', time: '2026-01-31T12:00:00.123000Z' }).meta, null)
})

test('a level has four names and any usual spelling', async (t) => {
  t.equal(accepted({ message: 'a', level: 'CRITICAL' }).level, 'FATAL')
  t.equal(accepted({ message: 'a', severity: 'Warning' }).level, 'WARN')
  t.equal(accepted({ message: 'a', lvl: 50 }).level, 'ERROR')
  t.equal(accepted({ message: 'a', levelname: 'DEBUG' }).level, 'DEBUG')
  t.equal(accepted({ message: 'a', level: 'error' }).severity, 'HIGH')
  t.equal(accepted({ message: 'a', level: 'error', severity: 'high' }).meta, '{"severity":"high"}')
})

test('an unknown level does not sink the event', async (t) => {
  for (const level of ['success', 12345, 'x'.repeat(1000)]) {
    t.match(accepted({ message: 'a', level }), { level: 'INFO', meta: JSON.stringify({ level }), notes: [{ part: 'level', path: '/level' }] })
    t.equal(accepted({ message: 'a', level }, { level: 'WARN' }).level, 'WARN')
  }
  t.match(acceptedText('{"message": "a", "level": 9007199254740993}'), { level: 'INFO', meta: '{"level":9007199254740993}' })
})

test('a level that is no scalar is kept, and the next name is tried', async (t) => {
  for (const level of [{ name: 'x' }, ['x'], true]) {
    t.match(accepted({ message: 'a', level, severity: 'ERROR' }), { level: 'ERROR', meta: JSON.stringify({ level }) })
  }
})

test('names have their other names, the first wins and the others are kept', async (t) => {
  t.match(accepted({ message: 'a', app: 'b', logger: 'c' }), { service: 'b', meta: '{"logger":"c"}' })
  t.match(accepted({ message: 'a', logger: 'c' }), { service: 'c', meta: null })
  t.match(accepted({ message: 'a', service: '', app: null, logger: 'c' }), { service: 'c', meta: null })
  t.match(accepted({ message: 'a', hostname: 'h' }), { host: 'h', meta: null })
  t.match(accepted({ message: 'a', host: 'g', hostname: 'h' }), { host: 'g', meta: '{"hostname":"h"}' })
  t.match(accepted({ message: 'a', traceId: 't' }), { traceId: 't', meta: null })
})

test('names that are no text are kept instead of refused', async (t) => {
  for (const value of [5, { a: 1 }, ['x'], false]) {
    for (const name of ['service', 'app', 'logger', 'host', 'hostname', 'type']) {
      t.match(accepted({ message: 'a', [name]: value }), { service: null, host: null, type: null, meta: JSON.stringify({ [name]: value }) })
    }
  }
})

test('the Elastic Common Schema is understood', async (t) => {
  const event = accepted({ message: 'a', service: { name: 'api', version: '1' }, host: { name: 'web-1' } })

  t.match(event, { service: 'api', host: 'web-1', meta: '{"service":{"name":"api","version":"1"},"host":{"name":"web-1"}}' })
  t.match(accepted({ message: 'a', service: { version: '1' }, app: 'b' }), { service: 'b', meta: '{"service":{"version":"1"}}' })
  t.match(accepted({ message: 'a', service: { name: '' } }), { service: null })
  t.same(pathsOf({ message: 'a', service: { name: 'x'.repeat(256) } }), ['/service/name'])
})

test('ids and trace ids may be numbers', async (t) => {
  t.match(accepted({ message: 'a', id: 5, trace_id: 7 }), { clientId: '5', traceId: '7', meta: null })
  t.match(acceptedText('{"message": "a", "id": 9007199254740993, "trace_id": 9007199254740993}'), { clientId: '9007199254740993', traceId: '9007199254740993' })
  t.match(accepted({ message: 'a', id: '' }), { clientId: null, meta: null })
  t.match(accepted({ message: 'a', id: { $oid: 'x' } }), { clientId: null, meta: '{"id":{"$oid":"x"}}' })
  t.match(accepted({ message: 'a', id: 1.5 }), { clientId: null, meta: '{"id":1.5}' })
  t.match(accepted({ message: 'a', trace_id: [1] }), { traceId: null, meta: '{"trace_id":[1]}' })
})

test('names have 255 characters at most, ids 128', async (t) => {
  const limits: Array<[string, number]> = [['service', 255], ['app', 255], ['logger', 255], ['type', 255], ['host', 255], ['hostname', 255], ['trace_id', 255], ['traceId', 255], ['event_id', 128]]

  for (const [name, limit] of limits) {
    t.same(pathsOf({ message: 'a', [name]: '\u{1F600}'.repeat(limit) }), [], `${name} at its limit`)
    t.same(faultsOf({ message: 'a', [name]: 'x'.repeat(limit + 1) }), [{ path: `/${name}`, message: `${limit + 1} characters, at most ${limit}` }])
  }
})

test('our own event_id goes before the id of a logger, which is a hint and never a fault', async (t) => {
  const long = 'x'.repeat(129)

  t.match(accepted({ message: 'a', event_id: 'e', id: 7 }), { clientId: 'e', idHint: null, meta: '{"id":7}' })
  t.match(accepted({ message: 'a', event_id: 5 }), { clientId: '5', idHint: null, meta: null })
  t.match(accepted({ message: 'a', event_id: { a: 1 }, id: 'x' }), { clientId: 'x', idHint: '"x"', meta: '{"event_id":{"a":1}}' })
  t.match(accepted({ message: 'a', id: 42 }), { clientId: '42', idHint: '42' })
  t.match(accepted({ message: 'a', id: long }), { clientId: null, idHint: null, meta: JSON.stringify({ id: long }) })
  t.match(acceptedText('{"message":"a","id":9007199254740993}'), { clientId: '9007199254740993', idHint: '9007199254740993' })
})

test('a time that the sender did not give is told apart from one that it did', async (t) => {
  t.equal(accepted({ message: 'a' }).isTimed, false)
  t.equal(accepted({ message: 'a', time: NOW }).isTimed, true)
})

test('a stamp speaks only where the event is silent', async (t) => {
  const stamp = { service: 's', level: 'ERROR', type: 't', host: 'h' } as const

  t.match(accepted({ message: 'a' }, stamp), { service: 's', level: 'ERROR', severity: 'HIGH', type: 't', host: 'h', meta: null })
  t.match(accepted({ message: 'a', app: 'b', lvl: 'debug', type: 'c', hostname: 'd' }, stamp), { service: 'b', level: 'DEBUG', type: 'c', host: 'd' })
})

test('all faults of an event are told at once', async (t) => {
  const event = { message: '\0', time: 'banana', service: 'x'.repeat(256), event_id: 'x'.repeat(129), meta: [], 'a/b~c': ['\uD800'], d: '\0' }

  t.same(pathsOf(event).sort(), ['/a~1b~0c/0', '/d', '/event_id', '/message', '/meta', '/service'])
})

test('a refusal does not depend on prototypes', async (t) => {
  const result = normaliseEvent(Object.create({ message: 'inherited' }), contextOf())

  t.match(result, { faults: [{ path: '' }] })
})
