import { test } from 'tap'
import { AppError } from '../../src/core/errors.ts'
import { readEnvelope, unsupported, type RawEnvelope } from '../../src/ingest/envelope.ts'

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
