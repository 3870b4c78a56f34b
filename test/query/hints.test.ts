import { test } from 'tap'
import { queryHints } from '../../src/query/hints.ts'

const TABLE: ReadonlyArray<[q: string, hints: RegExp[]]> = [
  ['', []],
  ['a OR b AND NOT c', []],
  ['a or b', [/^column 3: "or" is searched for as a word; write OR/]],
  ['And b not (c Or d)', [/^column 1: "And".*both/, /^column 7: "not".*NOT/, /^column 14: "Or"/]],
  ['"or" or* service:or message:and nor oracle constructor', []]
]

for (const [q, hints] of TABLE) {
  test(`"${q}" gets ${hints.length} hints`, async (t) => {
    t.match(queryHints(q), hints)
    t.equal(queryHints(q).length, hints.length)
  })
}
