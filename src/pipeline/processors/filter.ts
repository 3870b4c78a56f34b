import type { ProcessorConfig } from '../../../schemas/pipeline.ts'
import { lineTest } from '../condition.ts'
import { DROP, type LineProcessor } from '../processor.ts'

/** Lets lines through that a condition fits, or with `exclude` those that it does not. */
export function filter ({ mode = 'include', ...condition }: ProcessorConfig<'filter'>): LineProcessor {
  const test = lineTest(condition)
  const wanted = mode === 'include'
  const sought = condition.query ?? condition.pattern ?? ''
  const reason = wanted ? `does not match ${JSON.stringify(sought)}` : `matches ${JSON.stringify(sought)}`
  return {
    passes: 'match',
    process: (line, cursor) => {
      if (test(line, cursor) === wanted) return line
      cursor.reason = reason
      return DROP
    }
  }
}
