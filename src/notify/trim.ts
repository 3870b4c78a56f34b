import type { NoticeBody } from '../../schemas/notice.ts'
import { clip } from './clip.ts'

/** Standard Webhooks asks for bodies under 20 KB. */
const MOST_BYTES = 20_000

interface Bounds {
  /** Code points of a text. */
  letters: number
  /** Members of a list or an object. */
  members: number
  /** Levels of lists and objects below the evidence itself. */
  depth: number
}

/** From the first that is enough: long texts go before the end of lists, and lists before what they are made of. */
const STEPS: readonly Bounds[] = [
  { letters: 2_000, members: 100, depth: 8 },
  { letters: 500, members: 50, depth: 6 },
  { letters: 200, members: 20, depth: 5 },
  { letters: 200, members: 10, depth: 4 },
  { letters: 100, members: 5, depth: 3 }
]
/** What is left of names and texts that are out of all proportion. */
const LAST: Bounds = { letters: 64, members: 16, depth: 1 }

/**
 * Writes a notice as JSON of less than 20 KB. Evidence is shortened step by step, with `truncated: true` in it; only where
 * that is not enough, it goes whole, and then annotations, names and labels are cut.
 */
export function fittingJson (body: NoticeBody): string {
  for (const shorter of shortenings(body)) {
    const json = JSON.stringify(shorter)
    if (Buffer.byteLength(json) < MOST_BYTES) return json
  }
  return JSON.stringify({ ...body, ...cutTexts(body), annotations: {}, evidence: { truncated: true } })
}

function * shortenings (body: NoticeBody): Generator<NoticeBody> {
  yield body
  for (const bounds of STEPS) yield { ...body, evidence: { ...shortenMembers(body.evidence, bounds), truncated: true } }
  yield { ...body, evidence: { truncated: true } }
  yield { ...body, ...cutTexts(body), evidence: { truncated: true } }
}

function cutTexts ({ rule, labels, annotations, unit }: NoticeBody): Pick<NoticeBody, 'rule' | 'labels' | 'annotations' | 'unit'> {
  return {
    rule: { id: clip(rule.id, LAST.letters), name: clip(rule.name, LAST.letters) },
    unit: clip(unit, LAST.letters),
    labels: cutMap(labels),
    annotations: cutMap(annotations)
  }
}

function cutMap (texts: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(texts).slice(0, LAST.members)
  return Object.fromEntries(kept.map(([name, text]) => [clip(name, LAST.letters), clip(text, LAST.letters)]))
}

function shorten (value: unknown, bounds: Bounds): unknown {
  if (typeof value === 'string') return clip(value, bounds.letters)
  if (typeof value !== 'object' || value === null) return value
  if (bounds.depth === 0) return '…'
  const below = { ...bounds, depth: bounds.depth - 1 }
  return Array.isArray(value)
    ? value.slice(0, bounds.members).map((member: unknown) => shorten(member, below))
    : shortenMembers(value, below)
}

function shortenMembers (value: object, bounds: Bounds): Record<string, unknown> {
  const kept = Object.entries(value).slice(0, bounds.members)
  return Object.fromEntries(kept.map(([name, member]) => [clip(name, bounds.letters), shorten(member, bounds)]))
}
