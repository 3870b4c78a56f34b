import type { ProcessorConfig } from '../../../schemas/pipeline.ts'
import { DROP, type LineProcessor } from '../processor.ts'

/** Makes a line of each part of a line. Parts that are empty are left out; a line that has no other is dropped. */
export function splitter ({ delimiter = ',', trim = true, keep_empty: keepEmpty = false }: ProcessorConfig<'splitter' | 'line_splitter'>): LineProcessor {
  return {
    process: (line, cursor) => {
      const parts = line.split(delimiter)
      const trimmed = trim ? parts.map((part) => part.trim()) : parts
      const kept = keepEmpty ? trimmed : trimmed.filter((part) => part !== '')
      if (kept.length > 0) return kept
      cursor.reason = 'has no part that is not empty'
      return DROP
    }
  }
}
