import type { ProcessorConfig } from '../../../schemas/pipeline.ts'
import type { LineProcessor } from '../processor.ts'
import { pairTemplate } from '../template.ts'

/** The last three digits of a number. */
const TAILS = Array.from({ length: 1_000 }, (_, at) => String(at).padStart(3, '0'))

/** Numbers the lines that it meets, from `start` on. */
export function lineCounter ({ format = '[{count}] {line}', start = 1 }: ProcessorConfig<'line_counter'>): LineProcessor {
  const fill = pairTemplate('format', format, ['count', 'line'])
  const textOf = numberTexts()
  let next = start
  return {
    process: (line) => fill(textOf(next++), line),
    state: () => next,
    restore: (state) => { next = Number(state) }
  }
}

/** Writes numbers that follow each other: V8 keeps each text that it makes of a number, until the collector has to move it to what lives long. */
function numberTexts (): (number: number) => string {
  let thousands = 0
  let head = ''
  return (number) => {
    if (number < 1_000) return String(number)
    const above = Math.floor(number / 1_000)
    if (above !== thousands) {
      thousands = above
      head = String(above)
    }
    return head + (TAILS[number - above * 1_000] ?? '')
  }
}
