import type { ProcessorConfig } from '../../../schemas/pipeline.ts'
import { DROP, type LineProcessor } from '../processor.ts'

const TRIM = {
  both: (line: string) => line.trim(),
  start: (line: string) => line.trimStart(),
  end: (line: string) => line.trimEnd()
} as const

/** Takes blanks off the ends of a line. */
export function trim ({ side = 'both', drop_empty: dropEmpty = false }: ProcessorConfig<'trim'>): LineProcessor {
  const cut = TRIM[side]
  return {
    process: (line, cursor) => {
      const rest = cut(line)
      if (rest !== '' || !dropEmpty) return rest
      cursor.reason = 'is empty'
      return DROP
    }
  }
}
