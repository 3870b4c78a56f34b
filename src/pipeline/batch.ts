/** What processors found in a line or tell of it: names and values of JSON. */
export type Fields = Record<string, unknown>

/** Lines on their way between two processors. The arrays are as long as each other, and nobody changes one that was handed on. */
export interface Batch {
  lines: readonly string[]
  /** For each line the place, within the batch that came in, of the line that it was made of. Never falls. */
  from: ArrayLike<number>
  /** For each line what is known of it; undefined while nothing is of any. */
  fields: ReadonlyArray<Fields | undefined> | undefined
}

export const EMPTY: Batch = { lines: [], from: [], fields: undefined }

/** Puts batches together in the order of the lines that they were made of; of one line's, those of the first batch come first. */
export function mergeBatches (batches: readonly Batch[]): Batch {
  const filled = batches.filter(({ lines }) => lines.length > 0)
  const [first] = filled
  if (first === undefined || filled.length === 1) return first ?? EMPTY
  const lines: string[] = []
  const from: number[] = []
  const hasFields = filled.some(({ fields }) => fields !== undefined)
  const fields: Array<Fields | undefined> = []
  const at = filled.map(() => 0)
  for (let left = filled.reduce((sum, batch) => sum + batch.lines.length, 0); left > 0; left--) {
    const next = nextOf(filled, at)
    const batch = filled[next] ?? EMPTY
    const place = at[next] ?? 0
    lines.push(batch.lines[place] ?? '')
    from.push(batch.from[place] ?? 0)
    if (hasFields) fields.push(batch.fields?.[place])
    at[next] = place + 1
  }
  return { lines, from, fields: hasFields ? fields : undefined }
}

/** Which of the batches has the line that was made of the earliest. */
function nextOf (batches: readonly Batch[], at: readonly number[]): number {
  let next = -1
  let earliest = Infinity
  for (const [index, batch] of batches.entries()) {
    const from = batch.from[at[index] ?? 0]
    if (from !== undefined && from < earliest) {
      earliest = from
      next = index
    }
  }
  return next
}

/** The first and the last place, exclusive, of the lines made of the line at `source`. */
export function placesOf ({ from }: Batch, source: number): [first: number, end: number] {
  return rangeOf(from, source)
}

/** Where `sought` begins and ends, exclusive, among numbers that never fall. */
export function rangeOf (numbers: ArrayLike<number>, sought: number): [first: number, end: number] {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((numbers[middle] ?? 0) < sought) low = middle + 1
    else high = middle
  }
  let end = low
  while (end < numbers.length && numbers[end] === sought) end++
  return [low, end]
}
