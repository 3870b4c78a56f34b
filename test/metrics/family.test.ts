import { test } from 'tap'
import { Counter, Gauge, Histogram, OTHER, type Exported } from '../../src/metrics/family.ts'

function textOf (family: Exported): string {
  return [...family.pieces()].join('')
}

test('a counter of closed labels is there with 0 before anything happened', async (t) => {
  const counter = new Counter({ name: 'doors_total', help: 'Doors.', labels: { side: ['left', 'right'] as const, open: ['yes', 'no'] as const } })
  counter.at({ side: 'left', open: 'no' }).add(2)

  t.equal(textOf(counter), [
    '# HELP doors_total Doors.', '# TYPE doors_total counter',
    'doors_total{side="left",open="yes"} 0', 'doors_total{side="left",open="no"} 2',
    'doors_total{side="right",open="yes"} 0', 'doors_total{side="right",open="no"} 0', ''
  ].join('\n'))
})

test('a gauge shows nothing until it is set, and nothing after it was cleared', async (t) => {
  const gauge = new Gauge({ name: 'heat_celsius', help: 'Heat.', labels: {} })
  const head = '# HELP heat_celsius Heat.\n# TYPE heat_celsius gauge\n'

  t.equal(textOf(gauge), head)
  gauge.at({}).set(-1.5)
  t.equal(textOf(gauge), `${head}heat_celsius -1.5\n`)
  gauge.clear()
  t.equal(textOf(gauge), head)
})

test('a histogram counts a value in the bucket whose bound it does not exceed', async (t) => {
  const histogram = new Histogram({ name: 'wait_seconds', help: 'Wait.', labels: { who: 5 }, buckets: [0.1, 0.5] })
  for (const value of [0, 0.1, 0.100_001, 0.5, 0.500_001, 9]) histogram.at({ who: 'a' }).observe(value)

  t.match(textOf(histogram), [
    'wait_seconds_bucket{who="a",le="0.1"} 2', 'wait_seconds_bucket{who="a",le="0.5"} 4', 'wait_seconds_bucket{who="a",le="+Inf"} 6',
    'wait_seconds_sum{who="a"} 10.200002', 'wait_seconds_count{who="a"} 6\n'
  ].join('\n'))
})

test('text that means something to the format is escaped', async (t) => {
  const gauge = new Gauge({ name: 'a', help: 'one\ntwo \\', labels: { path: 9 } })
  gauge.at({ path: 'C:\\"x"\n' }).set(NaN)
  gauge.at({ path: 'max' }).set(Infinity)
  gauge.at({ path: 'min' }).set(-Infinity)

  t.equal(textOf(gauge), '# HELP a one\\ntwo \\\\\n# TYPE a gauge\na{path="C:\\\\\\"x\\"\\n"} NaN\na{path="max"} +Inf\na{path="min"} -Inf\n')
})

test('beyond its cap, a label reads (other), while what was known stays apart', async (t) => {
  const counter = new Counter({ name: 'lines_total', help: 'Lines.', labels: { service: 2, level: ['low', 'high'] as const } })
  let overflows = 0
  counter.onOverflow = () => overflows++

  for (const service of ['a', 'b', 'c', 'd', 'c', OTHER]) counter.at({ service, level: 'low' }).add()
  counter.at({ service: 'a', level: 'high' }).add()

  t.match(textOf(counter), [
    'lines_total{service="a",level="low"} 1', 'lines_total{service="b",level="low"} 1', 'lines_total{service="(other)",level="low"} 4',
    'lines_total{service="a",level="high"} 1\n'
  ].join('\n'))
  t.equal(overflows, 3, 'each look-up that the cap changed is told')
})

test('many series come in pieces that make the same text', async (t) => {
  const counter = new Counter({ name: 'n_total', help: 'N.', labels: { n: 1_000 } })
  for (let n = 0; n < 1_000; n++) counter.at({ n: String(n) }).add(n)

  const pieces = [...counter.pieces()]

  t.ok(pieces.length > 2)
  t.equal(pieces.join(''), `# HELP n_total N.\n# TYPE n_total counter\n${Array.from({ length: 1_000 }, (_, n) => `n_total{n="${n}"} ${n}\n`).join('')}`)
})
