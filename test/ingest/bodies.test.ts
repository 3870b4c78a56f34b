import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { test } from 'tap'
import type { Receipt } from '../../schemas/submission.ts'
import { AppError } from '../../src/core/errors.ts'
import { decompress } from '../../src/ingest/decompress.ts'
import { type RawEnvelope, readEnvelope, unsupported } from '../../src/ingest/envelope.ts'
import { parseForm, readForm } from '../../src/ingest/form.ts'
import { formatOf } from '../../src/ingest/format.ts'
import { buildTestApp } from '../helper.ts'
import { find, NDJSON_BODY, post, TEXT_BODY } from '../plugins/support.ts'
import { JSON_LINES, TEXT_LINES } from './real-lines.ts'
import { accepted } from './support.ts'

const TEXT = Buffer.from('{"message": "a"}\n'.repeat(10_000))
const PLENTY = 10_000_000

async function codeOf (body: Buffer, encoding: string, maxBytes = PLENTY): Promise<string> {
  try {
    await decompress(body, encoding, maxBytes)
    return 'nothing was thrown'
  } catch (error) {
    return error instanceof AppError ? error.code : String(error)
  }
}

test('each encoding is undone', async (t) => {
  const table: Array<[string | undefined, Buffer]> = [
    [undefined, TEXT], ['', TEXT], ['identity', TEXT], ['gzip', gzipSync(TEXT)], [' GZIP ', gzipSync(TEXT)], ['x-gzip', gzipSync(TEXT)], ['deflate', deflateSync(TEXT)], ['deflate', deflateRawSync(TEXT)]
  ]

  for (const [encoding, body] of table) t.ok((await decompress(body, encoding, PLENTY)).equals(TEXT), encoding ?? 'none')
})

test('gzip in several members is one body', async (t) => {
  const half = TEXT.length / 2
  const body = Buffer.concat([gzipSync(TEXT.subarray(0, half)), gzipSync(TEXT.subarray(half))])

  t.ok((await decompress(body, 'gzip', PLENTY)).equals(TEXT))
})

test('the limit counts bytes after decompression', async (t) => {
  for (const [encoding, body] of [['identity', TEXT], ['gzip', gzipSync(TEXT)], ['deflate', deflateSync(TEXT)]] as const) {
    t.equal((await decompress(body, encoding, TEXT.length)).length, TEXT.length, encoding)
    t.equal(await codeOf(body, encoding, TEXT.length - 1), 'too_large', encoding)
  }
  await t.rejects(decompress(gzipSync(TEXT), 'gzip', 5), { message: 'the body is larger than 5 bytes after decompression' })
})

test('a bomb is stopped at the limit', async (t) => {
  const bomb = gzipSync(Buffer.alloc(100_000_000))
  const before = process.memoryUsage().arrayBuffers

  t.equal(await codeOf(bomb, 'gzip', 1_000_000), 'too_large')
  t.ok(process.memoryUsage().arrayBuffers - before < 20_000_000)
})

test('a stream that is damaged, cut off or followed by something else is refused', async (t) => {
  const gzip = gzipSync(TEXT)
  const damaged = Buffer.from(gzip)
  damaged.fill(0xAA, 30, 40)
  const table: Array<[string, string, Buffer]> = [
    ['no gzip', 'gzip', TEXT],
    ['damaged', 'gzip', damaged],
    ['cut in the middle', 'gzip', gzip.subarray(0, gzip.length / 2)],
    ['cut in the check sum', 'gzip', gzip.subarray(0, -1)],
    ['cut in the header', 'gzip', gzip.subarray(0, 5)],
    ['followed by text', 'gzip', Buffer.concat([gzip, Buffer.from('tail')])],
    ['followed by zeros', 'gzip', Buffer.concat([gzip, Buffer.alloc(8)])],
    ['followed by half a member', 'gzip', Buffer.concat([gzip, gzip.subarray(0, 20)])],
    ['no deflate', 'deflate', Buffer.from([0xFF, 0xFF, 0xFF])],
    ['deflate cut off', 'deflate', deflateSync(TEXT).subarray(0, -1)],
    ['deflate followed by text', 'deflate', Buffer.concat([deflateSync(TEXT), Buffer.from('tail')])]
  ]

  for (const [name, encoding, body] of table) t.equal(await codeOf(body, encoding), 'invalid', name)
})

test('nothing at all stays nothing', async (t) => {
  t.equal((await decompress(Buffer.alloc(0), 'identity', 10)).length, 0)
})

test('another encoding is refused, naming those that work', async (t) => {
  for (const encoding of ['br', 'zstd', 'gzip, gzip', 'compress']) t.equal(await codeOf(TEXT, encoding), 'unsupported', encoding)
  await t.rejects(decompress(TEXT, 'br', 10), { message: 'content encoding "br" is not known; send gzip, deflate or identity' })
})

function raw (more: Partial<RawEnvelope> = {}): RawEnvelope {
  return { contentType: 'application/json', contentEncoding: undefined, idempotencyKey: undefined, stamp: {}, ...more }
}

/** What the AppError says that reading it throws: code and first path. */
function refused (more: Partial<RawEnvelope>): [code: string, path: string | undefined] {
  try {
    readEnvelope(raw(more))
  } catch (error) {
    if (error instanceof AppError) return [error.code, error.faults[0]?.path]
    throw error
  }
  return ['nothing was thrown', undefined]
}

test('an envelope that says only the type of its body means one plain request', async (t) => {
  t.same(readEnvelope(raw()), { format: 'json', encoding: undefined, key: undefined, stamp: {}, isDry: false, isImport: false, listsAll: false })
})

test('the format is told by the content type', async (t) => {
  const types: ReadonlyArray<[contentType: string, format: string]> = [
    ['application/json; charset=utf-8', 'json'], ['application/x-ndjson', 'ndjson'], ['text/plain', 'lines'],
    ['application/x-www-form-urlencoded', 'form'], ['Application/X-WWW-Form-Urlencoded; charset=utf-8', 'form']
  ]

  for (const [contentType, format] of types) t.equal(readEnvelope(raw({ contentType })).format, format, contentType)
})

test('a content type that is none of ours is unsupported and told back', async (t) => {
  for (const contentType of [undefined, '', 'image/png', 'text/html', 'application/x-www-form-urlencodedx2']) {
    t.same(refused({ contentType }), ['unsupported', undefined], String(contentType))
  }
  t.match(unsupported('image/png').message, /content-type "image\/png" is not taken/)
})

test('a stamp takes its names as they are and its level in any spelling', async (t) => {
  const { stamp } = readEnvelope(raw({ stamp: { service: 'api', type: 'T', host: 'h', level: 'Warning' } }))

  t.same(stamp, { service: 'api', type: 'T', host: 'h', level: 'WARN' })
  t.same(refused({ stamp: { level: 'loud' } }), ['invalid', 'level'])
})

test('an Idempotency-Key is a text in quotes or bare', async (t) => {
  const keys: ReadonlyArray<[header: string, key: string]> = [
    ['abc', 'abc'], ['"abc"', 'abc'], [' abc ', 'abc'], ['a"b', 'a"b'], ['"a b"', 'a b'], ['x'.repeat(255), 'x'.repeat(255)]
  ]

  for (const [idempotencyKey, key] of keys) t.equal(readEnvelope(raw({ idempotencyKey })).key, key)
  for (const idempotencyKey of ['', '""', '  ', 'x'.repeat(256), 'caf\u00e9', 'a\tb', 'a\nb']) {
    t.same(refused({ idempotencyKey }), ['invalid', 'Idempotency-Key'], JSON.stringify(idempotencyKey).slice(0, 20))
  }
})

test('dry and items are on only when they say so', async (t) => {
  t.match(readEnvelope(raw({ dry: '1', items: 'all' })), { isDry: true, listsAll: true })
  t.match(readEnvelope(raw({ dry: '0' })), { isDry: false, listsAll: false })
  t.same((['true', '1', 'false', '0'] as const).map((flag) => readEnvelope(raw({ import: flag })).isImport), [true, true, false, false])
})

test("the form of Python's HTTPHandler is an event, its message not interpolated", async (t) => {
  const event = accepted(parseForm({ name: 'app', msg: 'python says %s', args: "('hello',)", levelname: 'ERROR', levelno: '40', created: '1769862645.6789123', exc_info: 'None' }))

  t.match(event, { service: 'app', message: 'python says %s', level: 'ERROR', time: 1_769_862_645_678 })
  t.same(JSON.parse(event.meta ?? ''), { args: "('hello',)", levelno: '40', exc_info: 'None', time: '1769862645.6789123' })
})

test('names that were sent themselves are not taken by another', async (t) => {
  t.same(parseForm({ service: 'a', name: 'b', level: 'INFO', levelname: 'ERROR', time: '5', created: '6' }), { service: 'a', name: 'b', level: 'INFO', levelname: 'ERROR', time: '5', created: '6' })
})

test('a field sent twice stays an array', async (t) => {
  const event = accepted(parseForm({ message: 'a', tag: ['x', 'y'], name: ['b', 'c'] }))

  t.same(JSON.parse(event.meta ?? ''), { tag: ['x', 'y'], name: ['b', 'c'] })
  t.equal(accepted(parseForm({ message: ['a', 'b'] })).message, '["a","b"]')
})

test('__proto__ is a field like any other', async (t) => {
  const event = accepted(parseForm(JSON.parse('{"message": "a", "__proto__": "x"}')))

  t.equal(event.meta, '{"__proto__":"x"}')
})

test('the bytes of a form are decoded, repeated fields become a list', async (t) => {
  const body = Buffer.from('name=app&msg=python+says+%25s&tag=x&tag=y&tag=z&__proto__=p')

  t.equal(JSON.stringify(readForm(body)), '{"service":"app","msg":"python says %s","tag":["x","y","z"],"__proto__":"p"}')
})

test('a form of very many fields is read in one pass', async (t) => {
  const count = 100_000
  const body = Buffer.from(Array.from({ length: count }, (_, index) => `k${index}=1`).join('&'))

  t.equal(Object.keys(Object(readForm(body))).length, count)
})

test('a content type tells the format', async (t) => {
  const table: Array<[string | undefined, string | undefined]> = [
    ['application/json', 'json'],
    ['Application/JSON; charset=UTF-8', 'json'],
    ['application/json;charset="utf-8"', 'json'],
    ['application/problem+json', 'json'],
    ['application/x-ndjson', 'ndjson'],
    ['application/ndjson', 'ndjson'],
    ['application/jsonl', 'ndjson'],
    ['application/x-jsonlines; charset=us-ascii', 'ndjson'],
    ['text/plain', 'lines'],
    ['text/plain; format=flowed; charset=utf-8', 'lines'],
    ['text/plain; charset=iso-8859-1', undefined],
    ['application/json; charset=utf-16', undefined],
    ['application/+json', undefined],
    ['text/json', undefined],
    ['text/html', undefined],
    ['application/x-www-form-urlencoded', undefined],
    ['application/jsonx', undefined],
    ['', undefined],
    [undefined, undefined]
  ]

  for (const [contentType, format] of table) t.equal(formatOf(contentType), format, contentType ?? 'none')
})

const RECEIVED = '2026-11-29T07:00:00.000Z'

test('what loggers print is understood as it is', async (t) => {
  const app = await buildTestApp(t, {}, { now: () => Date.parse(RECEIVED) })

  for (const { title, lines, headers } of [
    { title: 'JSON lines', lines: JSON_LINES, headers: NDJSON_BODY },
    { title: 'lines of text', lines: TEXT_LINES, headers: TEXT_BODY }
  ]) {
    await t.test(title, async (t) => {
      const { items, accepted, notes = [] } = (await post(app, '/events?items=all', lines.map(({ line }) => line).join('\n'), headers)).json<Receipt>()
      const events = new Map((await find(app)).map((event) => [event.id, event]))

      t.equal(accepted, lines.length)
      for (const [index, { logger, line, level, time = RECEIVED, service = null, message = line, noted }] of lines.entries()) {
        t.match(events.get(items[index]?.id ?? ''), { level, time, service, message }, `${logger}: ${line}`)
        t.equal(notes.some((note) => note.index === index), noted !== undefined, `${logger} is noted: ${line}`)
      }
    })
  }
})
