import type { ProcessorConfig } from '../../../schemas/pipeline.ts'
import type { LineProcessor } from '../processor.ts'
import { pairTemplate } from '../template.ts'

/** Numbers the lines that it meets, from `start` on. */
export function lineCounter ({ format = '[{count}] {line}', start = 1 }: ProcessorConfig<'line_counter'>): LineProcessor {
  const fill = pairTemplate('format', format, ['count', 'line'])
  let next = start
  return {
    process: (line) => fill(next++, line),
    state: () => next,
    restore: (state) => { next = Number(state) }
  }
}
