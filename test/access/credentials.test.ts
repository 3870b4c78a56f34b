import { test } from 'tap'
import { passwordFaults, usernameFaults, usernameKey } from '../../src/access/credentials.ts'

const usernames: ReadonlyArray<[username: string, isFine: boolean]> = [
  ['a', false],
  ['ab', true],
  ['a'.repeat(64), true],
  ['a'.repeat(65), false],
  ['Ann.Lee_2@example-host', true],
  ['ａｎｎ', true],
  ['', false],
  ['ann lee', false],
  ['ann\n', false],
  ['änn', false],
  ['аnn', false],
  ['ann\0', false],
  ['../ann', false]
]

for (const [username, isFine] of usernames) {
  test(`${JSON.stringify(username)} is ${isFine ? 'a' : 'no'} username`, async (t) => {
    t.match(usernameFaults(username), isFine ? [] : [{ path: '/username', message: /^must be 2 to 64/ }])
    t.equal(usernameFaults(username).length, isFine ? 0 : 1)
  })
}

test('usernames are compared without case and width', async (t) => {
  for (const text of ['Ann', 'ANN', 'ａＮｎ']) t.equal(usernameKey(text), 'ann', text)
})

const passwords: ReadonlyArray<[password: string, fault: RegExp | undefined]> = [
  ['x'.repeat(11), /12 to 128 characters, got 11/],
  ['elevenchars1', undefined],
  ['y'.repeat(64) + 'z'.repeat(64), undefined],
  ['y'.repeat(64) + 'z'.repeat(65), /got 129/],
  ['🐢'.repeat(11), /got 11/],
  ['🐢'.repeat(12), undefined],
  ['            ', undefined],
  ['\ud800 half a character', /well-formed/],
  ['Ann.of.the.hill', /username/],
  ['ANN.of.the.HILL', /username/]
]

for (const [password, fault] of passwords) {
  test(`${JSON.stringify(password.slice(0, 20))} of ${password.length} is ${fault === undefined ? 'a' : 'no'} password`, async (t) => {
    const faults = passwordFaults(password, 'Ann.of.the.hill')

    if (fault === undefined) t.same(faults, [])
    else t.match(faults, [{ path: '/password', message: fault }])
    t.notOk(JSON.stringify(faults).includes(password), 'a password is never told back')
  })
}
