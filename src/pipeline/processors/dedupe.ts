import { createHash } from 'node:crypto'
import type { ProcessorConfig } from '../../../schemas/pipeline.ts'
import { expressionAt } from '../condition.ts'
import { DROP, type LineProcessor } from '../processor.ts'

const KEPT = 10_000
/** Longer ones are remembered by their hash. */
const LONGEST_KEY = 64

/** Drops a line that equals one of the last so many different ones. */
export function dedupe ({ lines = KEPT, key }: ProcessorConfig<'dedupe'>): LineProcessor {
  const expression = key === undefined ? undefined : expressionAt('key', key)
  // A set keeps the order in which members came: the first is the one not seen for longest.
  const seen = new Set<string>()
  return {
    passes: 'match',
    process: (line, cursor) => {
      const compared = shortened(expression === undefined ? line : found(expression, line))
      const isKnown = seen.delete(compared)
      seen.add(compared)
      if (seen.size > lines) seen.delete(first(seen))
      if (!isKnown) return line
      cursor.reason = `was there before, within ${lines} different lines`
      return DROP
    },
    state: () => [...seen],
    restore: (state) => { for (const member of Array.isArray(state) ? state : []) seen.add(String(member)) }
  }
}

/** What an expression finds in a line: its first group, or all of it; nothing found is the empty text. */
export function found (expression: RegExp, line: string): string {
  const match = expression.exec(line)
  return match?.[1] ?? match?.[0] ?? ''
}

function first (set: ReadonlySet<string>): string {
  const [member = ''] = set
  return member
}

/** A text of its own: a piece of a batch would keep the whole batch in memory. */
function shortened (key: string): string {
  if (key.length > LONGEST_KEY) return createHash('sha256').update(key).digest('base64')
  return Buffer.from(key).toString()
}
