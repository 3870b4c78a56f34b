import { test } from 'tap'
import { PasswordJudge } from '../../src/access/password-judge.ts'

const GOOD = 'four plain words do'

test('of many at once 32 are judged, and more are told to come again', async (t) => {
  const judge = new PasswordJudge()
  t.teardown(() => judge.close())

  const results = await Promise.allSettled(Array.from({ length: 40 }, () => judge.faultsOf(GOOD, 'ann')))

  t.equal(results.filter(({ status }) => status === 'fulfilled').length, 32)
  for (const result of results.slice(32)) t.match(result, { status: 'rejected', reason: { code: 'overloaded', retryAfterSeconds: 5 } })
  t.same(await judge.faultsOf(GOOD, 'ann'), [], 'afterwards there is room again')
})

test('who waits when the thread ends is told to come again, and the next password starts another', async (t) => {
  const judge = new PasswordJudge()
  t.teardown(() => judge.close())
  const waiting = t.rejects(judge.faultsOf(GOOD, 'ann'), { code: 'overloaded', retryAfterSeconds: 5 })

  await judge.close()

  await waiting
  t.match(await judge.faultsOf('passwordpassword', 'ann', 'password'), [{ path: 'password', message: /^is easily guessed\. / }])
})

test('a password is judged as it is hashed, however the keyboard composes its letters', async (t) => {
  const judge = new PasswordJudge()
  t.teardown(() => judge.close())

  t.match(await judge.faultsOf('ｐａｓｓｗｏｒｄ１２３４', 'ann'), [{ message: /commonly used password/ }])
})
