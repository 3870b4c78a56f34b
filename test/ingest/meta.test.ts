import { test } from 'tap'
import fc from 'fast-check'
import { parseJson } from '../../src/ingest/json/read-json.ts'
import { normaliseEvent } from '../../src/ingest/normalise.ts'
import { accepted, acceptedText, contextOf, faultsOf, metaOf, pathsOf } from './support.ts'

/** `depth` objects in one another, the innermost with a text. */
function nested (depth: number): object {
  return depth === 1 ? { end: 'x' } : { a: nested(depth - 1) }
}

function keys (count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index]))
}

test('every other field is kept under its own name', async (t) => {
  t.same(metaOf({ message: 'a', pid: 1, ok: false, none: null, empty: '', list: [1], deep: { b: 2 } }), { pid: 1, ok: false, none: null, empty: '', list: [1], deep: { b: 2 } })
})

test('meta may be null, empty or absent, and nothing else but an object', async (t) => {
  for (const event of [{ message: 'a' }, { message: 'a', meta: null }, { message: 'a', meta: {} }]) t.equal(metaOf(event), null)
  for (const meta of [[], 5, 'x', '', true]) t.same(pathsOf({ message: 'a', meta }), ['/meta'], JSON.stringify(meta))
})

test('a name that meta has already is kept with a number', async (t) => {
  const table: Array<[object, object]> = [
    [{ user: 'b', meta: { user: 'a' } }, { user: 'a', user_2: 'b' }],
    [{ user: 'a', meta: { user: 'a' } }, { user: 'a' }],
    [{ user: { x: 1 }, meta: { user: { x: 1 } } }, { user: { x: 1 } }],
    [{ user: 'c', meta: { user: 'a', user_2: 'b' } }, { user: 'a', user_2: 'b', user_3: 'c' }],
    [{ user: 'b', meta: { user: 'a', user_2: 'b' } }, { user: 'a', user_2: 'b', user_3: 'b' }],
    [{ user: 'b', user_2: 'c', meta: { user: 'a' } }, { user: 'a', user_2: 'c', user_3: 'b' }],
    [{ user: null, meta: { user: 'a' } }, { user: 'a', user_2: null }]
  ]

  for (const [fields, meta] of table) t.same(metaOf({ message: 'a', ...fields }), meta, JSON.stringify(fields))
})

test('very many names that clash are refused at once', async (t) => {
  const clashing = (value: number) => Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`a_${index}`, value]))

  t.same(pathsOf({ message: 'm', ...clashing(1), meta: clashing(2) }), ['/meta'])
})

test('the top-level type has the name type in meta', async (t) => {
  t.same(metaOf({ message: 'a', type: 'AUDIT' }), { type: 'AUDIT' })
  t.same(metaOf({ message: 'a', type: 'AUDIT', meta: { type: 'HACK' } }), { type: 'AUDIT', type_2: 'HACK' })
  t.same(metaOf({ message: 'a', type: 'AUDIT', meta: { type: 'AUDIT' } }), { type: 'AUDIT' })
  t.same(metaOf({ message: 'a', type: 'A', type_2: 'B', meta: { type: 'C' } }), { type: 'A', type_2: 'B', type_3: 'C' })
  t.same(metaOf({ message: 'a', type: 5, meta: { type: 'C' } }), { type: 'C', type_2: 5 })
  t.match(accepted({ message: 'a', meta: { type: 'C' } }), { type: null })
})

test('a name with an escape is kept, also when an event before it had one much like it', async (t) => {
  acceptedText('{"message": "a", "x": 0, "x\\\\": {}, "y": 1}')

  t.equal(acceptedText('{"message": "a", "x": 0, "x\\"": {}, "y": 1}').meta, '{"x":0,"x\\"":{},"y":1}')
})

test('names of every object are data', async (t) => {
  const event = acceptedText('{"message": "a", "__proto__": {"x": 1}, "constructor": 2, "meta": {"__proto__": 3, "toString": 4}}')

  t.equal(event.meta, '{"__proto__":3,"toString":4,"constructor":2,"__proto___2":{"x":1}}')
  t.notOk('x' in {})
})

test('meta has 32 KB at most, together with the fields kept there', async (t) => {
  const bytes = (count: number) => 'x'.repeat(count - '{"a":""}'.length)

  t.same(pathsOf({ message: 'm', a: bytes(32_768) }), [])
  t.same(pathsOf({ message: 'm', a: bytes(32_769) }), ['/a'])
  t.same(pathsOf({ message: 'm', meta: { a: bytes(32_768) } }), [])
  t.same(pathsOf({ message: 'm', meta: { a: bytes(32_769) } }), ['/meta'])
  t.same(pathsOf({ message: 'm', a: '\u20AC'.repeat(11_000) }), ['/a'])
  t.same(pathsOf({ message: 'm', a: 'x'.repeat(20_000), 'b/': 'x'.repeat(25_000), meta: { c: 'x'.repeat(10_000) } }), ['/b~1'])
  t.match(faultsOf({ message: 'm', meta: { a: 'x'.repeat(10_000_000) } }), [{ path: '/meta', message: /10000008 bytes.*at most 32768/ }])
})

test('meta is 32 levels deep at most', async (t) => {
  t.same(pathsOf({ message: 'a', meta: nested(32) }), [])
  t.same(pathsOf({ message: 'a', meta: nested(33) }), [`/meta${'/a'.repeat(32)}`])
  t.same(pathsOf({ message: 'a', b: nested(31) }), [])
  t.same(pathsOf({ message: 'a', b: nested(32) }), [`/b${'/a'.repeat(31)}`])
  t.same(pathsOf(parseJson(`{"message": "a", "b": ${'['.repeat(32)}${']'.repeat(32)}}`)), [`/b${'/0'.repeat(31)}`])
})

test('many brackets in a text are no depth', async (t) => {
  t.same(pathsOf({ message: 'a', b: '[{'.repeat(100), c: Array.from({ length: 100 }, () => []) }), [])
})

test('meta has 256 names at most, at all depths together', async (t) => {
  t.same(pathsOf({ message: 'a', meta: keys(256) }), [])
  t.same(pathsOf({ message: 'a', meta: keys(257) }), ['/meta'])
  t.same(pathsOf({ message: 'a', ...keys(256) }), [])
  t.same(pathsOf({ message: 'a', ...keys(257) }), [''])
  t.same(pathsOf({ message: 'a', meta: keys(200), b: keys(56) }), [''])
  t.same(pathsOf({ message: 'a', meta: keys(200), b: keys(55) }), [])
})

test('a text that cannot be kept is refused with its path', async (t) => {
  const table: Array<[string, string[]]> = [
    ['{"message": "\\ud800"}', ['/message']],
    ['{"message": "a\\u0000"}', ['/message']],
    ['{"msg": "\\udc00\\ud800"}', ['/msg']],
    ['{"message": "a", "service": "\\u0000"}', ['/service']],
    ['{"message": "a", "host": "\\udfff"}', ['/host']],
    ['{"message": "a", "id": "\\u0000"}', ['/id']],
    ['{"message": "a", "x": "\\u0000"}', ['/x']],
    ['{"message": "a", "meta": {"a": {"b": "\\udead"}}}', ['/meta/a/b']],
    ['{"message": "a", "meta": {"a": ["x", {"b/~": "\\ud800"}]}}', ['/meta/a/1/b~1~0']],
    ['{"message": "a", "meta": {"a\\u0000": 1}}', ['/meta/a\uFFFD']],
    ['{"message": "a", "\\ud800": 1}', ['/\uFFFD']],
    ['{"message": "a", "type": "\\ud800", "level": "\\ud800"}', ['/type', '/level']]
  ]

  for (const [text, paths] of table) t.same(pathsOf(parseJson(text)), paths, text)
})

test('text that only looks like an escape is kept', async (t) => {
  t.equal(acceptedText('{"message": "a", "x": "\\\\u0000 \\\\ud800"}').meta, '{"x":"\\\\u0000 \\\\ud800"}')
  t.equal(acceptedText('{"message": "a", "x": "\\u001b[31m"}').meta, '{"x":"\\u001b[31m"}')
})

test('a million faults are cut to a hundred and a note', async (t) => {
  const faults = faultsOf({ message: 'a', x: Array.from({ length: 10_000 }, () => '\uD800') })

  t.ok(faults.length <= 101)
  t.match(faults.at(-1), { path: '', message: /^more than 100 faults/ })
})

test('a long name is cut in a path', async (t) => {
  t.same(pathsOf({ message: 'a', ['k'.repeat(1000)]: '\0' }), [`/${'k'.repeat(255)}...`])
})

test('naughty texts come through byte for byte, as message, name and value', async (t) => {
  const naughty = [
    'undefined', 'null', 'true', '0', '-1', '1e1000', 'NaN', '\\', '\\\\', '"', "'", '`', '%s%n', '{{7*7}}', '../../etc/passwd', 'a\tb', 'a\r\nb', '\u001b[31m', '\u0007',
    '<script>alert(1)</script>', "' OR 1=1 --", '$(id)', '`id`', 'e\u0301', '\u00e9', '\u202Egnp', '\uFEFFbom', '\u200Bzero', '\u2028line', '\uFFFD', '\uFFFE', '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}', '\u{10FFFF}', 'Z\u0351\u036B', '\u0130stanbul', '\u00DF', '\uFDFA', '\u7530\u4E2D', '\u0627\u0644', ' leading', 'trailing ', '\u007F', '\u0085', '__proto__', 'constructor', 'hasOwnProperty'
  ]

  for (const text of naughty) {
    const sent = `{"message": ${JSON.stringify(text)}, "meta": {${JSON.stringify(text)}: ${JSON.stringify(text)}}}`
    const event = acceptedText(sent)
    t.equal(event.message, text)
    t.equal(event.meta, `{${JSON.stringify(text)}:${JSON.stringify(text)}}`)
  }
})

const KNOWN = new Set(['message', 'msg', 'log', 'body', 'time', 'timestamp', '@timestamp', 'ts', 'level', 'severity', 'lvl', 'levelname', 'service', 'app', 'logger', 'type', 'host', 'hostname', 'trace_id', 'traceId', 'id', 'meta'])

/** Collisions are what this is about, so that names are few. */
const name = fc.oneof({ weight: 3, arbitrary: fc.constantFrom('a', 'a_2', 'a_3', 'b', '__proto__', '1', 'type_2', 'toString') }, { weight: 1, arbitrary: fc.string({ maxLength: 5 }) })
const value = fc.jsonValue({ maxDepth: 2 })
const fields = fc.dictionary(name, value, { maxKeys: 6 }).map((made) => Object.fromEntries(Object.entries(made).filter(([key]) => !KNOWN.has(key))))

test('every field of any good event is found again', async (t) => {
  fc.assert(fc.property(fields, fields, fc.option(fc.constantFrom('AUDIT', 'OPS')), (drawn, sent, type) => {
    // A name of one letter may be that of a level or a time.
    const top = Object.fromEntries(Object.entries(drawn).map(([key, member]) => [`x${key}`, member]))
    const members: Array<[string, unknown]> = [['message', 'm'], ['type', type], ['meta', sent], ...Object.entries(top)]
    const text = `{${members.map(([key, member]) => `${JSON.stringify(key)}:${JSON.stringify(member)}`).join(',')}}`
    const result = normaliseEvent(parseJson(text), contextOf())
    if ('faults' in result) return text.includes('\\u0000')
    const meta = Object.entries(JSON.parse(result.meta ?? '{}')).map(([key, found]) => [key, JSON.stringify(found)])
    const isFound = ([key, given]: [string, unknown]) => meta.some(([stored = '', found]) => stored.startsWith(key) && found === JSON.stringify(given))
    return result.message === 'm' && Object.entries(top).every(isFound) && Object.entries(sent).every(isFound) && result.type === type
  }), { numRuns: 1000 })
  t.pass('on 1000 events')
})

test('no JSON value whatever makes it throw', async (t) => {
  const anything = fc.oneof(value, fc.dictionary(fc.constantFrom(...KNOWN), value), fc.dictionary(fc.constantFrom(...KNOWN), fc.oneof(fc.string(), fc.double(), fc.constant({ name: 'x' }))))

  fc.assert(fc.property(anything, (input) => {
    const result = normaliseEvent(input, contextOf())
    return 'faults' in result ? result.faults.length > 0 : result.message !== ''
  }), { numRuns: 1000 })
  t.pass('on 1000 values')
})
