import type { ProcessorConfig } from '../../../schemas/pipeline.ts'
import { expressionAt, fault } from '../condition.ts'
import type { Extracted, LineProcessor } from '../processor.ts'
import { found } from './dedupe.ts'

/** Numbers kept until they are fetched; more are counted and left out. */
const MOST_KEPT = 10_000

/** Takes a number out of each line that has one, for a series: of a field, or of the first group of an expression. The line goes on. */
export function extract ({ series, field, pattern, labels = {} }: ProcessorConfig<'extract'>): LineProcessor {
  if ((field === undefined) === (pattern === undefined)) throw fault(field === undefined ? '' : 'pattern', 'takes one of field and pattern')
  const expression = pattern === undefined ? undefined : expressionAt('pattern', pattern)
  const named = Object.entries(labels)
  let taken: Extracted[] = []
  let count = 0
  return {
    process: (line, { fields }) => {
      const value = expression === undefined ? fields?.[field ?? ''] : found(expression, line)
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : typeof value === 'number' ? value : NaN
      if (!Number.isFinite(number)) return line
      count++
      if (taken.length < MOST_KEPT) taken.push({ series, labels: Object.fromEntries(named.map(([label, from]) => [label, String(fields?.[from] ?? '')])), value: number })
      return line
    },
    details: () => ({ numbers: count }),
    state: () => count,
    restore: (state) => { count = Number(state) },
    takeExtracted: () => {
      const given = taken
      taken = []
      return given
    }
  }
}
