import { test } from 'tap'
import { bytesText, countText, figureText, numberWord, spanText } from '../../dashboard/core/format.ts'

test('counts have separators up to 99,999, and marks above', async (t) => {
  t.same([0, 999, 42_047, 99_999, 100_000, 1_200_000, 4_182_906, 2.5e9].map(countText), ['0', '999', '42,047', '99,999', '100k', '1.20M', '4.18M', '2.50B'])
})

test('spans, bytes and figures are told in the unit that a person would choose', async (t) => {
  t.same([0, 212, 999, 2_100, 42_000, 480_000, 7_200_000, 3 * 86_400_000].map(spanText), ['0 ms', '212 ms', '999 ms', '2.1 s', '42 s', '8 min', '2 h', '3 d'])
  t.same([0, 612, 1_500, 612e6, 4.9e9].map(bytesText), ['0 B', '612 B', '1.5 KB', '612 MB', '4.9 GB'])
  t.same([figureText(46.4, 'percent'), figureText(0, 'percent'), figureText(4.13, 'percent'), figureText(2_100, 'ms'), figureText(null, 'ms'), figureText(0.25, null), figureText(318, '/s')],
    ['46%', '0%', '4.1%', '2.1 s', '–', '0.25', '318 /s'])
  t.same([1, 2, 10, 11].map(numberWord), ['One', 'Two', 'Ten', '11'])
})
