import type { Stats } from '../../../schemas/pipeline.ts'

/** Where a node of a graph stands: columns from the left, rows from the top. */
export interface Placed {
  id: string
  column: number
  row: number
}

export const INPUT = 'input'
export const OUTPUT = 'output'

/** Puts each node in the column behind the last of those that it takes lines from, and in each column in the order of those. */
export function layOut (edges: Stats['edges'], ids: readonly string[]): Placed[] {
  const columns = new Map([[INPUT, 0]])
  // A graph has no circle, and the processors come in the order in which they run.
  for (const id of [...ids, OUTPUT]) columns.set(id, 1 + Math.max(0, ...edges.filter(({ to }) => to === id).map(({ from }) => columns.get(from) ?? 0)))
  const last = Math.max(...columns.values())
  columns.set(OUTPUT, last)
  const inColumn = Array.from({ length: last + 1 }, (_, column) => [...columns].filter(([, at]) => at === column).map(([id]) => id))
  // The input stands in the middle of the fullest column.
  const middle = (Math.max(...inColumn.map(({ length }) => length)) - 1) / 2
  const rows = new Map<string, number>()
  const placed: Placed[] = []
  for (const [column, here] of inColumn.entries()) {
    const wished = here.map((id) => ({ id, at: mean(edges.filter(({ to }) => to === id).map(({ from }) => rows.get(from) ?? 0)) })).sort((a, b) => a.at - b.at)
    const first = column === 0 ? middle : Math.max(0, mean(wished.map(({ at }) => at)) - (wished.length - 1) / 2)
    for (const [at, { id }] of wished.entries()) {
      rows.set(id, first + at)
      placed.push({ id, column, row: first + at })
    }
  }
  return placed
}

function mean (numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}
