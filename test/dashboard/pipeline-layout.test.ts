import { test } from 'tap'
import { layOut } from '../../dashboard/pages/pipeline/layout.ts'

const edge = (from: string, to: string) => ({ from, to, lines: 1 })

test('each processor stands behind those that it takes lines from, and branches beside each other', async (t) => {
  const edges = [edge('input', 'count'), edge('count', 'route'), edge('route', 'errors'), edge('route', 'rest'), edge('errors', 'upper'), edge('upper', 'output'), edge('rest', 'output')]
  const placed = new Map(layOut(edges, ['count', 'route', 'errors', 'rest', 'upper']).map(({ id, ...place }) => [id, place]))

  t.same([...placed].map(([id, { column }]) => [id, column]).sort(([, a], [, b]) => Number(a) - Number(b)), [['input', 0], ['count', 1], ['route', 2], ['errors', 3], ['rest', 3], ['upper', 4], ['output', 5]])
  t.not(placed.get('errors')?.row, placed.get('rest')?.row)
  t.equal(placed.get('input')?.row, 0.5, 'the input stands in the middle of the two branches')
  t.ok([...placed.values()].every(({ row }) => row >= 0))
})

test('without a processor the input leads to the output', async (t) => {
  t.same(layOut([edge('input', 'output')], []), [{ id: 'input', column: 0, row: 0 }, { id: 'output', column: 1, row: 0 }])
})
