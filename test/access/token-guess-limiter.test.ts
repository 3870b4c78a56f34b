import { test } from 'tap'
import { AppError } from '../../src/core/errors.ts'
import { TokenGuessLimiter } from '../../src/access/token-guess-limiter.ts'

const START = Date.UTC(2026, 0, 1)
const LIMIT = 100

function setUp () {
  const clock = { time: START, now: () => clock.time }
  const limiter = new TokenGuessLimiter(clock)
  const good = new Set<string>()
  let asked = 0
  const present = async (credential: string, address = '10.0.0.1'): Promise<200 | 401 | 429> => {
    try {
      const caller = await limiter.judge(credential, () => address, async () => {
        asked++
        return good.has(credential) ? credential : undefined
      })
      return caller === undefined ? 401 : 200
    } catch (error) {
      if (error instanceof AppError && error.code === 'quota') return 429
      throw error
    }
  }
  const guess = async (count: number, address?: string) => {
    for (let n = 0; n < count; n++) await present(`guess ${n}`, address)
  }
  return { clock, limiter, good, present, guess, asked: () => asked }
}

test('so many different wrong ones are judged, the next is refused unread', async (t) => {
  const { present, guess, asked } = setUp()
  await guess(LIMIT - 1)

  t.equal(await present('last'), 401)
  t.equal(await present('one more'), 429)

  t.equal(asked(), LIMIT)
  t.equal(await present('one more', '10.0.0.2'), 401, 'other addresses do not suffer')
})

test('a guess that would be right is refused as well', async (t) => {
  const { good, present, guess } = setUp()
  good.add('hit')
  await guess(LIMIT)

  t.equal(await present('hit'), 429)
})

test('one wrong token that is sent again and again counts once', async (t) => {
  const { good, present } = setUp()
  good.add('good')

  for (let n = 0; n < 10 * LIMIT; n++) t.equal(await present('revoked'), 401)

  t.equal(await present('good'), 200)
})

test('who was let in before goes on while others guess from the same address', async (t) => {
  const { good, present, guess } = setUp()
  good.add('shipper')
  t.equal(await present('shipper'), 200)
  await guess(LIMIT)

  t.equal(await present('shipper'), 200)

  good.delete('shipper')
  t.equal(await present('shipper'), 401, 'until it is revoked')
  t.equal(await present('shipper'), 429)
})

test('the wait is over a minute after the oldest guess', async (t) => {
  const { clock, limiter, good, present, guess } = setUp()
  good.add('good')
  await guess(1)
  clock.time += 10_000
  for (let n = 1; n < LIMIT; n++) await present(`later ${n}`)

  await t.rejects(limiter.judge('x', () => '10.0.0.1', async () => undefined), { code: 'quota', limit: LIMIT, retryAfterSeconds: 50 })
  clock.time += 49_999
  t.equal(await present('good'), 429)
  clock.time += 1
  t.equal(await present('good'), 200)
})

test('many at once get no more through', async (t) => {
  const { present, asked } = setUp()

  const answers = await Promise.all(Array.from({ length: 300 }, (_, n) => present(`guess ${n}`)))

  t.equal(asked(), LIMIT)
  t.equal(answers.filter((status) => status === 429).length, 200)
})

test('good ones leave no trace of a guess, and a store that fails is nobody\'s guess', async (t) => {
  const { limiter, good, present, guess } = setUp()
  for (let n = 0; n < 2 * LIMIT; n++) {
    good.add(`good ${n}`)
    t.equal(await present(`good ${n}`), 200)
    await t.rejects(limiter.judge(`unread ${n}`, () => '10.0.0.1', async () => { throw new Error('the store is closed') }), { message: 'the store is closed' })
  }

  await guess(LIMIT - 1)

  t.equal(await present('last'), 401)
})
