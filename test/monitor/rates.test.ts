import { test } from 'tap'
import { growth, percentOf, perSecond, secondsBetween } from '../../src/monitor/rates.ts'

const stretches: ReadonlyArray<[before: number | undefined, now: number, seconds: number | undefined]> = [
  [undefined, 5_000, undefined],
  [5_000, 5_000, undefined],
  [5_001, 5_000, undefined],
  [4_999, 5_000, 0.001],
  [0, 15_000, 15],
  [0, 15_001, undefined]
]
for (const [before, now, seconds] of stretches) {
  test(`from ${before} to ${now} ms with a gap after 15 s are ${seconds} s`, async (t) => {
    t.equal(secondsBetween(before, now, 15_000), seconds)
  })
}

test('a rate is what a total grew by, over the time that it took', async (t) => {
  t.equal(perSecond(100, 400, 1.5), 200)
  t.equal(perSecond(100, 100, 5), 0)
})

test('there is no rate of a total that is not known, began anew, or over a gap', async (t) => {
  t.same([perSecond(undefined, 1, 1), perSecond(1, undefined, 1), perSecond(2, 1, 1), perSecond(1, 2, undefined)], [undefined, undefined, undefined, undefined])
  t.equal(growth(5, 4), undefined)
})

test('there is no per cent of nothing', async (t) => {
  t.equal(percentOf(1, 4), 25)
  t.same([percentOf(0, 0), percentOf(undefined, 1), percentOf(1, undefined)], [undefined, undefined, undefined])
})
