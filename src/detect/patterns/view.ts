import { headerEnd } from './header.ts'
import { resolveId, type Miner, type Pattern } from './miner.ts'
import { emptyScan, scanLine } from './scan.ts'
import { slotsOf } from './slots.ts'

export interface PatternPart {
  /** As it stands in the example. */
  text: string
  /** The commonest values of what varies here, first the commonest; undefined where nothing varies. */
  values: ReadonlyArray<{ value: string, count: number }> | undefined
}

export interface PatternView {
  id: number
  example: string
  /** The example in pieces, in their order. */
  parts: readonly PatternPart[]
  count: number
  /** ms since the epoch. */
  firstSeen: number
  lastSeen: number
}

/** Shows what an id stands for now: one example with its slots and their commonest values. Undefined for an id that is not known any more. */
export function viewPattern (miner: Miner, id: number): PatternView | undefined {
  const pattern = miner.patterns.get(resolveId(miner, id))
  return pattern === undefined ? undefined : viewOf(pattern)
}

/** Shows all patterns, oldest first. */
export function patternViews ({ patterns }: Miner): PatternView[] {
  return [...patterns.values()].map(viewOf).sort((one, other) => one.id - other.id)
}

function viewOf (pattern: Pattern): PatternView {
  const { id, example, count, firstSeen, lastSeen } = pattern
  return { id, example, parts: partsOf(pattern), count, firstSeen, lastSeen }
}

function partsOf ({ example, wording, slots }: Pattern): PatternPart[] {
  const scan = emptyScan()
  scanLine(scan, example, headerEnd(example))
  const parts: PatternPart[] = []
  let from = 0
  for (const [place, { start, end }] of (slotsOf(scan, wording) ?? []).entries()) {
    if (start > from) parts.push({ text: example.slice(from, start), values: undefined })
    const values = [...slots[place] ?? []].sort((one, other) => other[1] - one[1]).map(([value, count]) => ({ value, count }))
    parts.push({ text: example.slice(start, end), values })
    from = end
  }
  if (from < example.length) parts.push({ text: example.slice(from), values: undefined })
  return parts
}
