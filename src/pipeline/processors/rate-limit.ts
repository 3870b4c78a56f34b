import type { ProcessorConfig } from '../../../schemas/pipeline.ts'
import { expressionAt } from '../condition.ts'
import { DROP, type LineProcessor } from '../processor.ts'
import { found } from './dedupe.ts'

/** Keys with a limit of their own; the one not seen for longest goes first. */
const MOST_KEYS = 10_000

interface Bucket {
  tokens: number
  at: number
}

/** Lets at most `per_second` lines through, after `burst` at once: a token bucket, for each key its own. */
export function rateLimit ({ per_second: perSecond, burst = Math.max(1, Math.ceil(perSecond)), key }: ProcessorConfig<'rate_limit'>): LineProcessor {
  const expression = key === undefined ? undefined : expressionAt('key', key)
  const buckets = new Map<string, Bucket>()
  return {
    passes: 'match',
    process: (line, cursor) => {
      const name = expression === undefined ? '' : Buffer.from(found(expression, line)).toString()
      const bucket = refilled(buckets.get(name) ?? { tokens: burst, at: cursor.now }, cursor.now)
      buckets.delete(name)
      buckets.set(name, bucket)
      if (buckets.size > MOST_KEYS) buckets.delete(buckets.keys().next().value ?? '')
      if (bucket.tokens < 1) {
        cursor.reason = `is above ${perSecond} lines a second`
        return DROP
      }
      bucket.tokens--
      return line
    }
  }

  function refilled ({ tokens, at }: Bucket, now: number): Bucket {
    return { tokens: Math.min(burst, tokens + Math.max(0, now - at) * perSecond / 1000), at: now }
  }
}
