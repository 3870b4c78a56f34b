import { test } from 'tap'
import { implies } from '../../src/query/implies.ts'
import { parseQuery } from '../../src/query/parse.ts'

const pairs: ReadonlyArray<[given: string, asked: string, isImplied: boolean]> = [
  ['service:api level>=error', 'level>=error service:api', true],
  ['level>=error', 'level>error', false],
  ['level>error', 'level>=error', true],
  ['level:fatal', 'level>=warn', true],
  ['level<=info', 'level<warn', true],
  ['level<=info', 'level<info', false],
  ['meta.status>=500', 'meta.status>=400', true],
  ['meta.status>=500', 'meta.code>=400', false],
  ['service:api', 'service:*', true],
  ['service:api*', 'service:ap*', true],
  ['service:ap*', 'service:api*', false],
  ['service~Pay', 'service~pa', true],
  ['service~pay', 'service:pay', false],
  ['"payment timed out"', '"timed out"', true],
  ['"payment timed out"', 'pay*', true],
  ['pay*', 'payment', false],
  ['timed out', '"timed out"', false],
  ['a OR b', 'a OR b OR c', true],
  ['a OR b', 'a', false],
  ['service:api (a OR b)', 'b OR a', true],
  ['-service:api,web', '-service:api', true],
  ['-service:api', '-service:api,web', false],
  ['service:web', '-service:api', false]
]

test('a query implies another when its terms say at least as much', async (t) => {
  for (const [given, asked, isImplied] of pairs) {
    const [one, other] = [parseQuery(given), parseQuery(asked)]
    if (one === undefined || other === undefined) throw new Error('a query is empty')
    t.equal(implies(one, other), isImplied, `${given} | ${asked}`)
  }
})
