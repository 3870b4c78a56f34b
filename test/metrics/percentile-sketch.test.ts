import { test } from 'tap'
import { Sketch, SKETCH_ERROR } from '../../src/metrics/percentile-sketch.ts'
import { seeded } from '../e2e/case.ts'

const random = seeded(7)
const distributions: ReadonlyArray<[name: string, draw: () => number]> = [
  ['even', () => random() * 0.2],
  ['a long tail', () => 0.002 / (1 - random()) ** 1.5],
  ['two humps', () => random() < 0.9 ? 0.001 + random() * 0.001 : 1 + random()],
  ['all alike', () => 0.1]
]

function sketchOf (values: readonly number[]): Sketch {
  const sketch = new Sketch()
  for (const value of values) sketch.add(value)
  return sketch
}

test('a quantile is as far from the true one as promised, whatever the distribution', async (t) => {
  for (const [name, draw] of distributions) {
    const values = Array.from({ length: 20_000 }, draw).map((value) => Math.min(value, 900))
    const sketch = sketchOf(values)
    const sorted = values.toSorted((a, b) => a - b)

    for (const q of [0, 0.01, 0.5, 0.95, 0.99, 0.999, 1]) {
      const exact = Math.max(1e-5, sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? NaN)
      const error = Math.abs(sketch.quantile(q) - exact) / exact
      t.ok(error <= SKETCH_ERROR * 1.000_001, `${name}, ${q}: ${error}`)
    }
  }
})

test('the sum of two sketches is the sketch of all', async (t) => {
  const values = Array.from({ length: 1_000 }, () => random())
  const sum = sketchOf(values.slice(0, 300)).merge(sketchOf(values.slice(300)))
  const whole = sketchOf(values)

  t.equal(sum.count, 1_000)
  for (const q of [0.1, 0.5, 0.99]) t.equal(sum.quantile(q), whole.quantile(q))
})

test('nothing has no quantile, and what was cleared is nothing', async (t) => {
  const sketch = sketchOf([1, 2])
  sketch.clear()

  t.ok(Number.isNaN(new Sketch().quantile(0.5)))
  t.ok(Number.isNaN(sketch.quantile(0.5)))
  t.equal(sketch.count, 0)
})

test('what is out of range counts at its end', async (t) => {
  for (const [value, near] of [[0, 1e-5], [1e-9, 1e-5], [1e3, 1e3], [1e9, 1e3]] as const) {
    t.ok(Math.abs(sketchOf([value]).quantile(0.5) - near) <= near * SKETCH_ERROR * 1.000_001, String(value))
  }
})
