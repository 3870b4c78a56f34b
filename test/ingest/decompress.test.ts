import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { test } from 'tap'
import { AppError } from '../../src/core/errors.ts'
import { decompress } from '../../src/ingest/decompress.ts'

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
