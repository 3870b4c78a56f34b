import { test } from 'tap'
import { rowAt, shiftOf, topsOf, windowOf } from '../../dashboard/pages/events/row-window.ts'

const ids = Array.from({ length: 1_000 }, (_, at) => `e${at}`)

test('rows stand under one another, measured ones as high as they are', async (t) => {
  const tops = topsOf(['a', 'b', 'c'], new Map([['b', 100]]), 25)

  t.same([...tops], [0, 25, 125, 150])
  t.same([-5, 0, 24, 25, 124, 125, 900].map((y) => rowAt(tops, y)), [0, 0, 0, 1, 1, 2, 2])
})

test('no more rows are drawn than are seen and twenty', async (t) => {
  const tops = topsOf(ids, new Map([['e500', 3_000]]), 25)
  for (const top of [0, 10, 2_500, 12_499, 13_000, 20_000, 27_900, 40_000]) {
    const { first, last } = windowOf(tops, { top, height: 500 })
    const seen = ids.filter((_, at) => (tops[at + 1] ?? 0) > top && (tops[at] ?? 0) < top + 500).length
    t.ok(last - first <= Math.max(seen, 1) + 21, `${top}: ${last - first} rows`)
    t.ok(first >= 0 && last <= ids.length)
    if (seen > 0) t.ok((tops[first] ?? 0) <= top && (tops[last] ?? 0) >= Math.min(top + 500, tops.at(-1) ?? 0), `${top}: all that is seen is there`)
  }
  t.same(windowOf(topsOf([], new Map(), 25), { top: 0, height: 500 }), { first: 0, last: 0 })
})

test('what is seen is moved back by what grew above it, and by nothing else', async (t) => {
  const changes = [{ top: 0, before: 25, after: 75 }, { top: 100, before: 50, after: 43 }, { top: 400, before: 25, after: 300 }]

  t.equal(shiftOf(changes, 400), 43)
  t.equal(shiftOf(changes, 24), 0)
  t.equal(shiftOf(changes, 425), 318)
})
