import { test } from 'tap'
import { whyGuessable } from '../../src/access/guessing.ts'
import { type SignInAttempt, SignInLimiter } from '../../src/access/sign-in-limiter.ts'
import { TokenGuessLimiter } from '../../src/access/token-guess-limiter.ts'
import { AppError } from '../../src/core/errors.ts'

type Outcome = 'right' | 'wrong' | 'limited' | 'crowded'

const START = Date.UTC(2026, 0, 1)

function setUp () {
  const clock = { time: START, now: () => clock.time }
  const limiter = new SignInLimiter(clock)
  let checked = 0
  const by = (address: string, username = 'ann'): SignInAttempt => ({ what: 'sign-in', address, username })
  const attempt = async (who: SignInAttempt, isRight = false): Promise<Outcome> => {
    try {
      await limiter.run(who, async () => {
        checked++
        await new Promise((resolve) => setImmediate(resolve))
        if (!isRight) throw new AppError('unauthorized', 'no')
      })
      return 'right'
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return error.code === 'quota' ? 'limited' : error.code === 'overloaded' ? 'crowded' : 'wrong'
    }
  }
  const many = async (count: number, who: (n: number) => SignInAttempt, isRight = false): Promise<Outcome[]> => {
    const outcomes: Outcome[] = []
    for (let n = 0; n < count; n++) outcomes.push(await attempt(who(n), isRight))
    return outcomes
  }
  return { clock, limiter, attempt, many, by, checked: () => checked }
}

const FIVE: Outcome[] = ['wrong', 'wrong', 'wrong', 'wrong', 'wrong']

test('five failures of an address are enough, whatever accounts they try', async (t) => {
  const { many, attempt, by } = setUp()

  t.same(await many(7, (n) => by('10.0.0.1', `user-${n}`)), [...FIVE, 'limited', 'limited'])

  t.equal(await attempt(by('10.0.0.1', 'somebody'), true), 'limited', 'nor does a right one get through')
  t.equal(await attempt(by('10.0.0.2', 'somebody'), true), 'right', 'other addresses do not suffer')
})

test('five failures of an account are enough, whatever addresses they come from and however the name is written', async (t) => {
  const { many, attempt, by } = setUp()
  const spellings = ['ann', 'Ann', 'ANN', 'ａｎｎ', 'aNN', 'ann']

  t.same(await many(6, (n) => by(`10.0.0.${n}`, spellings[n] ?? '')), [...FIVE, 'limited'])

  t.equal(await attempt(by('10.0.0.9', 'ben'), true), 'right', 'other accounts do not suffer')
})

test('what succeeds does not count', async (t) => {
  const { many, by } = setUp()

  t.same(await many(20, () => by('10.0.0.1'), true), Array.from({ length: 20 }, () => 'right'))

  t.same(await many(6, () => by('10.0.0.1')), [...FIVE, 'limited'])
})

const waits: ReadonlyArray<[afterMs: number, outcome: Outcome]> = [[0, 'limited'], [59_999, 'limited'], [60_000, 'wrong']]
for (const [afterMs, outcome] of waits) {
  test(`after ${afterMs} ms a sixth attempt is ${outcome}`, async (t) => {
    const { clock, many, attempt, by } = setUp()
    await many(5, () => by('10.0.0.1'))

    clock.time += afterMs

    t.equal(await attempt(by('10.0.0.1')), outcome)
  })
}

test('no minute holds more than five, wherever it begins', async (t) => {
  const { clock, many, attempt, by } = setUp()
  await attempt(by('10.0.0.1'))
  clock.time += 50_000
  await many(4, () => by('10.0.0.1'))

  clock.time += 10_000

  t.same(await many(3, () => by('10.0.0.1')), ['wrong', 'limited', 'limited'])
})

test('one who is refused is told for how long, and by which limit', async (t) => {
  const { clock, limiter, many, by } = setUp()
  await many(5, () => by('10.0.0.1'))
  clock.time += 17_001

  await t.rejects(limiter.run(by('10.0.0.1'), async () => 1), { code: 'quota', limit: 5, retryAfterSeconds: 43, message: '5 attempts failed within a minute: try again in 43 s' })
})

test('of many at once not one more gets through', async (t) => {
  const { attempt, by, checked } = setUp()

  const outcomes = await Promise.all(Array.from({ length: 200 }, () => attempt(by('10.0.0.1'))))

  const count = (outcome: Outcome) => outcomes.filter((item) => item === outcome).length
  t.equal(checked(), 5)
  t.same([count('wrong'), count('limited'), count('crowded')], [5, 32, 163])
})

test('right ones that come at once wait for one another', async (t) => {
  const { attempt, by } = setUp()

  const outcomes = await Promise.all(Array.from({ length: 30 }, (_, n) => attempt(by('10.0.0.1', `user-${n}`), true)))

  t.same(new Set(outcomes), new Set(['right']))
})

test('strangers who try an account do not lock out the address that its owner signed in from', async (t) => {
  const { many, attempt, by } = setUp()
  await attempt(by('10.0.0.1'), true)

  t.same(await many(6, (n) => by(`10.9.9.${n}`)), [...FIVE, 'limited'])

  t.equal(await attempt(by('10.0.0.1'), true), 'right')
  t.equal(await attempt(by('10.9.9.9'), true), 'limited', 'another address waits')
  t.same(await many(6, () => by('10.0.0.1')), [...FIVE, 'limited'], 'and it has its own five')
})

test('other errors are no failed attempts', async (t) => {
  const { limiter, attempt, by } = setUp()
  for (const code of ['overloaded', 'invalid', 'internal', 'conflict'] as const) {
    for (let n = 0; n < 5; n++) await t.rejects(limiter.run(by('10.0.0.1'), async () => { throw new AppError(code, 'x') }), { code })
  }
  for (let n = 0; n < 5; n++) await t.rejects(limiter.run(by('10.0.0.1'), async () => { throw new TypeError('bug') }), TypeError)

  t.equal(await attempt(by('10.0.0.1'), true), 'right')
})

test('to register and to sign in are counted for themselves', async (t) => {
  const { many, attempt, by } = setUp()

  t.same(await many(6, () => ({ what: 'register', address: '10.0.0.1', username: undefined })), [...FIVE, 'limited'])

  t.equal(await attempt(by('10.0.0.1'), true), 'right')
})

test('a flood of names and addresses does not make it forget who failed within the minute', async (t) => {
  const { attempt, many, by } = setUp()
  await many(5, () => by('10.0.0.1'))

  await many(4_000, (n) => by(`address ${n}`, `user ${n}`))

  t.equal(await attempt(by('10.0.0.1')), 'limited')
})

const LIMIT = 100

function setUpTokens () {
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
  const { present, guess, asked } = setUpTokens()
  await guess(LIMIT - 1)

  t.equal(await present('last'), 401)
  t.equal(await present('one more'), 429)

  t.equal(asked(), LIMIT)
  t.equal(await present('one more', '10.0.0.2'), 401, 'other addresses do not suffer')
})

test('a guess that would be right is refused as well', async (t) => {
  const { good, present, guess } = setUpTokens()
  good.add('hit')
  await guess(LIMIT)

  t.equal(await present('hit'), 429)
})

test('one wrong token that is sent again and again counts once', async (t) => {
  const { good, present } = setUpTokens()
  good.add('good')

  for (let n = 0; n < 10 * LIMIT; n++) t.equal(await present('revoked'), 401)

  t.equal(await present('good'), 200)
})

test('who was let in before goes on while others guess from the same address', async (t) => {
  const { good, present, guess } = setUpTokens()
  good.add('shipper')
  t.equal(await present('shipper'), 200)
  await guess(LIMIT)

  t.equal(await present('shipper'), 200)

  good.delete('shipper')
  t.equal(await present('shipper'), 401, 'until it is revoked')
  t.equal(await present('shipper'), 429)
})

test('the wait is over a minute after the oldest guess', async (t) => {
  const { clock, limiter, good, present, guess } = setUpTokens()
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
  const { present, asked } = setUpTokens()

  const answers = await Promise.all(Array.from({ length: 300 }, (_, n) => present(`guess ${n}`)))

  t.equal(asked(), LIMIT)
  t.equal(answers.filter((status) => status === 429).length, 200)
})

test('good ones leave no trace of a guess, and a store that fails is nobody\'s guess', async (t) => {
  const { limiter, good, present, guess } = setUpTokens()
  for (let n = 0; n < 2 * LIMIT; n++) {
    good.add(`good ${n}`)
    t.equal(await present(`good ${n}`), 200)
    await t.rejects(limiter.judge(`unread ${n}`, () => '10.0.0.1', async () => { throw new Error('the store is closed') }), { message: 'the store is closed' })
  }

  await guess(LIMIT - 1)

  t.equal(await present('last'), 401)
})

const GOOD = 'four plain words do'

test('blanks, full stops, commas, hyphens and underscores between its parts make a password no better', async (t) => {
  for (const between of [' ', '.', ',', '-', '_', ' - ']) t.match(whyGuessable(['1234', '5678', '9012'].join(between), 'ann'), /commonly used/, between)
})

test('the parts of the own name are words that are guessed', async (t) => {
  t.equal(whyGuessable('Grimble-Vontopp', 'ann'), undefined)
  t.match(whyGuessable('Grimble-Vontopp', 'grimble.vontopp@example'), /^It is made of the username/)
})

test('no more than 64 letters of a password are looked at, whatever comes after', async (t) => {
  t.equal(whyGuessable(`${'x'.repeat(64 - GOOD.length)}${GOOD}`, 'ann'), undefined)
  t.match(whyGuessable(`${'x'.repeat(64)}${GOOD}`, 'ann'), /characters like "aaa"/)
})
