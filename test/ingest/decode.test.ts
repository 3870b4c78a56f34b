import { test } from 'tap'
import fc from 'fast-check'
import { NOW, decode, refusal, sliceOf, slicesOf } from './support.ts'

const CLEAN = { service: 's', level: 'ERROR' } as const

test('a JSON object is one event', async (t) => {
  t.match(decode('{"message": "a"}', 'json'), { kind: 'one', result: { message: 'a', time: NOW } })
  t.match(decode('{"level": "INFO"}', 'json'), { kind: 'one', result: { faults: [{ path: '' }] } })
})

test('a JSON array is judged item by item', async (t) => {
  const slice = sliceOf('[{"message": "a"}, 5, {"message": "b", "service": 5, "meta": "banana", "id": ""}, {"message": "c"}]', 'json')

  t.same(slice.events.map((event) => event.message), ['a', 'c'])
  t.same(slice.indexes, [0, 3])
  t.match(slice.rejected, [
    { index: 1, original: '5', faults: [{ path: '/1', message: /got a number/ }] },
    { index: 2, original: '{"message": "b", "service": 5, "meta": "banana", "id": ""}', faults: [{ path: '/2/meta', message: /a string/ }] }
  ])
})

test('a refused item is shown as it was written', async (t) => {
  const items = ['[ 1.0, "]" ]', '"\\u00e9,\\\\"', '{"a": {"b": ["}"]}, "a": 1e2}', 'null', '{}']

  t.same(sliceOf(` [ ${items.join(' ,\n ')} ] `, 'json').rejected.map((item) => item.original), items)
})

test('any array of values is cut into the texts that were sent', async (t) => {
  fc.assert(fc.property(fc.array(fc.json(), { minLength: 1 }), (items) => {
    const { indexes, rejected } = sliceOf(`[${items.join(',')}]`, 'json')
    const refused = items.filter((_, index) => !indexes.includes(index))
    return JSON.stringify(rejected.map((item) => item.original)) === JSON.stringify(refused)
  }))
  t.pass('on 100 arrays')
})

test('an item beyond 16 KB is cut at a character', async (t) => {
  const [item] = sliceOf(JSON.stringify([{ n: '\u20AC'.repeat(10_000) }]), 'json').rejected
  const [line] = sliceOf(Buffer.from(`{"n": "${'\u{1F600}'.repeat(10_000)}`), 'ndjson').rejected

  t.ok(Buffer.byteLength(item?.original ?? '') > 16_380 && Buffer.byteLength(item?.original ?? '') <= 16_384)
  t.match(item?.original, /^\{"n":"\u20AC+$/)
  t.match(line?.original, /^\{"n": "(?:\u{1F600})+$/u)
})

test('a body that is no event is refused with what to send', async (t) => {
  const table: Array<[string, RegExp]> = [
    ['5', /^invalid: the body is a number; send an event like/],
    ['9007199254740993', /^invalid: the body is a number/],
    ['"x"', /^invalid: the body is a string/],
    ['null', /^invalid: the body is null/],
    ['true', /^invalid: the body is a boolean/],
    ['', /^invalid: the body is empty; send/],
    [' \r\n\t', /^invalid: the body is empty/],
    ['\uFEFF', /^invalid: the body is empty/],
    ['{"message": NaN}', /^invalid: not JSON: unexpected NaN at line 1, column 13/]
  ]

  for (const [body, expected] of table) t.match(refusal(() => decode(body, 'json')), expected, body)
})

test('an array or lines may hold nothing', async (t) => {
  for (const [body, format] of [['[]', 'json'], ['\uFEFF[ ]', 'json'], ['', 'ndjson'], ['\uFEFF', 'lines'], ['\n\r\n \t\n', 'lines'], ['\n\n', 'ndjson']] as const) {
    const decoded = decode(body, format)
    t.same(decoded.kind === 'many' && [...decoded.slices], [], JSON.stringify([body, format]))
  }
})

test('every refusal of a whole body names the whole as its place', async (t) => {
  for (const body of ['5', '', '{', '["\u00E9']) {
    t.throws(() => decode(Buffer.from(body, 'latin1'), 'json'), { code: 'invalid', faults: [{ path: '' }] }, body)
  }
})

test('an array has at most maxBatch items, lines have no such limit', async (t) => {
  const items = Array.from({ length: 4 }, () => '{"message": "a"}')

  t.equal(refusal(() => decode(`[${items.join()}]`, 'json', {}, 3)), 'too_large: 4 events in one array, at most 3; send NDJSON or several requests')
  t.match(decode(`[${items.join()}]`, 'json', {}, 4), { kind: 'many' })
  t.match(decode(items.join('\n'), 'ndjson', {}, 3), { kind: 'many' })
})

test('many come in slices of 500, in order', async (t) => {
  const items = Array.from({ length: 1001 }, (_, index) => index % 10 === 0 ? '{}' : `{"message": "${index}"}`)

  for (const slices of [slicesOf(`[${items.join()}]`, 'json'), slicesOf(items.join('\n'), 'ndjson')]) {
    t.same(slices.map((slice) => slice.events.length + slice.rejected.length), [500, 500, 1])
    t.same(slices.flatMap((slice) => slice.events.map((event) => event.message)), slices.flatMap((slice) => slice.indexes.map(String)))
    t.same(slices.flatMap((slice) => slice.rejected.map((item) => item.index)), Array.from({ length: 101 }, (_, index) => index * 10))
  }
})

test('exactly 500 items are one slice', async (t) => {
  t.equal(slicesOf('x\n'.repeat(500), 'lines').length, 1)
  t.equal(slicesOf('x\n'.repeat(501), 'lines').length, 2)
})

test('lines are split only while they are asked for', async (t) => {
  const body = Buffer.from('first\n'.repeat(501))
  const decoded = decode(body, 'lines')
  t.equal(decoded.kind, 'many')
  if (decoded.kind !== 'many') return
  const slices = decoded.slices[Symbol.iterator]()

  t.equal(slices.next().value?.events.length, 500)
  t.equal(slices.next().value?.events.length, 1)
  t.equal(slices.next().done, true)
})

test('a line of text is the message as it is, stamped', async (t) => {
  const { events, indexes } = sliceOf('one\r\n\n  {"message": "x"}  \r\n \t\r\nlast', 'lines', { ...CLEAN, type: 't', host: 'h' })

  t.same(events.map((event) => event.message), ['one', '  {"message": "x"}  ', 'last'])
  t.same(indexes, [0, 2, 4])
  t.same(events[0], { time: NOW, level: 'ERROR', severity: 'HIGH', service: 's', type: 't', host: 'h', traceId: null, clientId: null, message: 'one', meta: null, idHint: null, isTimed: false })
})

test('only one return is dropped, and only at the end', async (t) => {
  t.same(sliceOf('a\rb\r\r\n', 'lines').events.map((event) => event.message), ['a\rb\r'])
})

test('an NDJSON line is an event or a refusal with its line and column', async (t) => {
  const { events, indexes, rejected } = sliceOf('{"message": "a"}\n\n{"message": }\r\n5\n{"message": "b", "level": "warn"}\n[', 'ndjson')

  t.match(events, [{ message: 'a' }, { message: 'b', level: 'WARN' }])
  t.same(indexes, [0, 4])
  t.match(rejected, [
    { index: 2, original: '{"message": }', faults: [{ path: '/2', message: 'not JSON: unexpected } at line 3, column 13' }] },
    { index: 3, original: '5', faults: [{ path: '/3', message: /got a number/ }] },
    { index: 5, original: '[', faults: [{ path: '/5', message: 'not JSON: it ends too early at line 6, column 2' }] }
  ])
})

test('a line that is too long or no text is refused alone', async (t) => {
  const fits = 'x'.repeat(65_536)
  const { events, rejected } = sliceOf(`${fits}\n${fits}x\na\0b\nok`, 'lines')

  t.same(events.map((event) => event.message.length), [65_536, 2])
  t.match(rejected, [{ index: 1, faults: [{ path: '/1', message: 'a line of 65537 bytes, at most 65536' }] }, { index: 2, original: 'a\0b', faults: [{ path: '/2', message: /NUL/ }] }])
  t.match(sliceOf(`{"message": "${fits}"}`, 'ndjson').events, [{ message: fits }])
  t.match(sliceOf(`{"message": "${fits}x"}`, 'ndjson').rejected, [{ index: 0 }])
})

test('the JSON of one event has a limit above what any event needs, and what of it is largest is named', async (t) => {
  const escaped = `"\\u0041${'\\u0041'.repeat(65_535)}"`
  const padded = (length: number) => `{"message": ${escaped}${' '.repeat(length - escaped.length - 13)}}`
  const fits = padded(1_048_576)
  const large = 'x'.repeat(1_048_576)
  const oversize: Array<[json: string, path: string]> = [
    [padded(1_048_577), '/message'],
    [`{"message": "a", "meta": {"message": "${large}", "b": [1, {"c": 2}]}, "d": "${'x'.repeat(1_000)}"}`, '/meta'],
    [`{"message": "a", "a/b": ["\\"", "${large}"], "d": "${'\\\\'.repeat(300)}"}`, '/a~1b'],
    [`{"message": "a", "meta": {"d": "${large}}`, '/meta'],
    [`{${'{'.repeat(1_048_576)}`, '']
  ]

  t.match(decode(fits, 'json'), { kind: 'one', result: { message: 'A'.repeat(65_536) } })
  t.same(sliceOf(`${fits}\n{"message": "ok"}`, 'ndjson').indexes, [0, 1])
  for (const [json, path] of oversize) {
    const message = `the JSON of the event takes ${json.length} bytes, at most 1048576; this is its largest part`
    t.same(decode(json, 'json'), { kind: 'one', result: { faults: [{ path, message }] } })
    t.match(sliceOf(`${json}\n{"message": "ok"}`, 'ndjson'), { indexes: [1], rejected: [{ index: 0, faults: [{ path: `/0${path}`, message }] }] })
  }
})

test('bytes that are no UTF-8 sink only their line', async (t) => {
  const body = Buffer.concat([Buffer.from('good \u00E9\n'), Buffer.from([0x62, 0x61, 0xFF, 0x64]), Buffer.from('\ngood')])

  for (const [format, count] of [['lines', 2], ['ndjson', 0]] as const) {
    const { events, rejected } = sliceOf(body, format)
    t.equal(events.length, count)
    t.match(rejected.find((item) => item.index === 1), { original: 'ba\uFFFDd', faults: [{ path: '/1', message: 'not UTF-8 at byte 2 of line 2' }] })
  }
})

test('a byte order mark at the start is dropped, elsewhere it is text', async (t) => {
  t.match(decode('\uFEFF{"message": "\uFEFFa"}', 'json'), { kind: 'one', result: { message: '\uFEFFa' } })
  t.same(sliceOf('\uFEFFa\n\uFEFFb', 'lines').events.map((event) => event.message), ['a', '\uFEFFb'])
  t.match(sliceOf('\uFEFF{"message": "a"}', 'ndjson').events, [{ message: 'a' }])
  t.match(refusal(() => decode(Buffer.from('efbbbf7b22ff227d', 'hex'), 'json')), /not UTF-8 at byte 5$/)
})

test('the verdict of an item is the same in an array and as a line', async (t) => {
  const item = fc.oneof(fc.json(), fc.dictionary(fc.constantFrom('message', 'time', 'level', 'meta', 'id', 'x'), fc.jsonValue()).map((value) => JSON.stringify(value)))

  fc.assert(fc.property(fc.array(item, { minLength: 1 }), (items) => {
    return JSON.stringify(sliceOf(`[${items.join()}]`, 'json')) === JSON.stringify(sliceOf(items.join('\n'), 'ndjson'))
  }))
  t.pass('on 100 batches')
})

const GOOD_ITEM = '{"message": "good", "text": "[,]\\"{"}'
/** What sinks an item, and nothing beside it. */
const SINKING: ReadonlyArray<[name: string, item: string | Buffer, fault: RegExp]> = [
  ['a number beyond all doubles', '{"message": "a", "n": 1e400}', /1e400 is too large/],
  ['such a number deep inside', '{"message": "a", "meta": {"a": [{"b": -1e999}]}}', /1e999 is too large/],
  ['a depth of 501', `{"message": "a", "x": ${'['.repeat(501)}${']'.repeat(501)}}`, /nested deeper than 500/],
  ['a depth of 100,000', `{"message": "a", "x": ${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`, /nested deeper than 500/],
  ['a depth of 40', `{"message": "a", "x": ${'['.repeat(40)}${']'.repeat(40)}}`, /nested deeper than 32/],
  ['too many containers', `{"message": "a", "x": [${'{},'.repeat(200_000)}1]}`, /more than \d+ objects and arrays/],
  ['bytes that are no UTF-8', Buffer.from('{"message": "caf\u00E9"}', 'latin1'), /not UTF-8 at byte 16/],
  ['a lone surrogate', '{"message": "\\ud800"}', /lone surrogate/],
  ['no message', '{"a": 1}', /needs a text/],
  ['a message beyond its limit', JSON.stringify({ message: 'x'.repeat(65_537) }), /65537 bytes/],
  ['no object', '5', /got a number/]
]

for (const [name, item, fault] of SINKING) {
  test(`${name} sinks its item alone, in an array and as a line`, async (t) => {
    const join = (parts: Array<string | Buffer>) => Buffer.concat(parts.map((part) => Buffer.from(part)))
    const asArray = sliceOf(join(['[', GOOD_ITEM, ', ', item, ',', GOOD_ITEM, ']\n']), 'json')
    const asLines = sliceOf(join([GOOD_ITEM, '\n', item, '\n', GOOD_ITEM]), 'ndjson')

    for (const { indexes, rejected } of [asArray, asLines]) {
      t.same(indexes, [0, 2])
      t.match(rejected, [{ index: 1, faults: [{ message: fault }] }])
    }
    t.equal(asArray.rejected[0]?.original, asLines.rejected[0]?.original)
  })
}

test('what is no JSON array refuses the whole, whatever else its items hold', async (t) => {
  for (const body of ['[1e400', '[1e400,]', '[1e400}', '[1e400] x', '[{"n": 1e400}, {"m": }]', `[${'['.repeat(1000)}]`, '{"message": "a", "n": 1e400}']) {
    t.match(refusal(() => decode(body, 'json')), /^invalid: /, body.slice(0, 40))
  }
})

test('an event within its own limits is taken on every path, however long its line is', async (t) => {
  const item = JSON.stringify({ message: '\u0001'.repeat(65_536), meta: { a: 'x'.repeat(32_000) } })

  for (const slice of [sliceOf(`[${item}]`, 'json'), sliceOf(item, 'ndjson')]) t.same([slice.events.length, slice.rejected.length], [1, 0])
  t.match(decode(item, 'json'), { kind: 'one', result: { meta: /x{32000}/ } })
})
