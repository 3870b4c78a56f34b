import { PassThrough, Readable } from 'node:stream'
import { test } from 'tap'
import { readBody, type BodyOptions } from '../../plugins/body.ts'
import { AppError } from '../../src/core/errors.ts'

const MAX_BYTES = 10

/** Reads with a limit of 10 bytes; `progress` is what was told of it. */
function reading (stream: Readable, options: Partial<BodyOptions> = {}) {
  const progress: number[] = []
  const body = readBody(stream, { expectedBytes: undefined, maxBytes: MAX_BYTES, onProgress: (bytes) => { progress.push(bytes) }, ...options })
  return { progress, body }
}

function chunked (...chunks: string[]): Readable {
  return Readable.from(chunks.map((chunk) => Buffer.from(chunk)), { objectMode: false })
}

test('a body is whole, of no chunk, of one and of many', async (t) => {
  const cases: Array<[chunks: string[], progress: number[]]> = [[[], []], [['0123456789'], [10]], [['a', 'bc', 'def'], [1, 3, 6]]]
  for (const [chunks, told] of cases) {
    const { body, progress } = reading(chunked(...chunks))

    t.equal((await body).toString(), chunks.join(''))
    t.same(progress, told, 'what has arrived so far is told')
  }
})

test('a body whose size is told is whole, of no chunk, of one and of many, and when less came', async (t) => {
  const cases: Array<[chunks: string[], expectedBytes: number]> = [[[], 0], [['0123456789'], 10], [['a', 'bc', 'def'], 6], [['a', 'bc'], 6]]
  for (const [chunks, expectedBytes] of cases) {
    const { body } = reading(chunked(...chunks), { expectedBytes })

    t.equal((await body).toString(), chunks.join(''))
  }
})

test('a body of one chunk is not copied', async (t) => {
  for (const expectedBytes of [undefined, 5]) {
    const chunk = Buffer.from('whole')
    const stream = new PassThrough()
    const { body } = reading(stream, { expectedBytes })

    stream.end(chunk)

    t.equal((await body).buffer, chunk.buffer)
  }
})

test('a body that is announced as too large is refused before a byte of it is read', async (t) => {
  for (const [expectedBytes, isRefused] of [[9, false], [10, false], [11, true]] as const) {
    const stream = chunked('x'.repeat(expectedBytes))
    const { body, progress } = reading(stream, { expectedBytes })

    if (isRefused) await t.rejects(body, { code: 'too_large', message: /MAX_BODY_BYTES \(10\)/, faults: [{ path: '', message: 'has more than 10 bytes' }] })
    else t.equal((await body).length, expectedBytes)
    t.same(progress, isRefused ? [] : [expectedBytes])
    t.equal(stream.readableDidRead, !isRefused)
  }
})

test('a body that does not announce its size is refused as soon as it is too large', async (t) => {
  for (const [last, isRefused] of [['9', false], ['9a', true]] as const) {
    const { body, progress } = reading(chunked('012345678', last))

    if (isRefused) await t.rejects(body, { code: 'too_large', message: /10/ })
    else t.equal((await body).toString(), '0123456789')
    t.same(progress, isRefused ? [9] : [9, 10], 'what is too much is counted nowhere')
  }
})

test('a body that is refused while it arrives is read no further', async (t) => {
  const refusal = new AppError('overloaded', 'no room')
  const stream = new PassThrough()
  const told: number[] = []
  const { body } = reading(stream, {
    onProgress: (bytes) => {
      told.push(bytes)
      if (bytes > 3) throw refusal
    }
  })

  stream.write('012')
  stream.write('345')
  await t.rejects(body, refusal)
  stream.end('678')
  await new Promise((resolve) => setImmediate(resolve))

  t.same(told, [3, 6])
  t.ok(stream.isPaused())
})

test('a body whose sender leaves in its middle is invalid', async (t) => {
  const stream = new PassThrough()
  const { body, progress } = reading(stream)

  stream.write('012')
  await new Promise((resolve) => setImmediate(resolve))
  stream.destroy(new Error('aborted'))

  await t.rejects(body, { code: 'invalid', message: 'the body ended before it was whole', faults: [{ path: '', message: 'ended before it was whole' }] })
  t.same(progress, [3])
})
