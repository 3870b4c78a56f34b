import type { ProcessorConfig } from '../../../schemas/pipeline.ts'
import { fault, queryTest } from '../condition.ts'
import { DROP, type LineProcessor } from '../processor.ts'

const HASH_RANGE = 0x1_0000_0000

/** Lets one of `every` lines through, the first of them, or `percent` of them by what is in them; what `keep` finds always goes on. */
export function sample ({ every, percent, keep }: ProcessorConfig<'sample'>): LineProcessor {
  if ((every === undefined) === (percent === undefined)) throw fault(every === undefined ? '' : 'percent', 'takes one of every and percent')
  const isKept = keep === undefined ? undefined : queryTest(keep, 'keep')
  let seen = 0
  const isTaken = every === undefined
    ? (line: string) => hash(line) < HASH_RANGE * (percent ?? 0) / 100
    : () => seen++ % every === 0
  return {
    passes: 'match',
    process: (line, cursor) => {
      if (isKept?.(line, cursor) === true || isTaken(line)) return line
      cursor.reason = every === undefined ? `is not among the ${percent} % that are kept` : `is not one of ${every} that is kept`
      return DROP
    },
    state: () => seen,
    restore: (state) => { seen = Number(state) }
  }
}

/** FNV-1a over UTF-16 units, with the last mixing of MurmurHash3, so that texts that differ little differ in all bits. */
function hash (text: string): number {
  let sum = 0x811C9DC5
  for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193)
  sum = Math.imul(sum ^ sum >>> 16, 0x85EBCA6B)
  sum = Math.imul(sum ^ sum >>> 13, 0xC2B2AE35)
  return (sum ^ sum >>> 16) >>> 0
}
