import type { Labels } from '../../schemas/rule.ts'
import { groupKey } from './labels.ts'
import type { Firing } from './replay.ts'

/** Something that lasted; `to` is null when it still does. */
export interface Span {
  labels: Labels
  from: number
  to: number | null
}

export interface Compared {
  /** Firings of the edited rule that meet none of the present one. */
  added: number
  /** Firings of the present rule that meet none of the edited one. */
  removed: number
  /** Those of the removed ones that meet an alert which somebody acknowledged: likely to be missed. */
  ackedRemoved: number
}

/** The spans of one label set, merged so that they do not meet, oldest first. */
type Lane = Array<[from: number, to: number]>

/**
 * Compares what two versions of a rule did. Firings meet when they overlap in time, and in the labels that both versions group by.
 * `acknowledged` are the real alerts of the rule that were acknowledged.
 */
export function compareFirings (edited: readonly Firing[], present: readonly Firing[], acknowledged: readonly Span[]): Compared {
  const names = sharedNames(edited, present)
  const meetsEdited = meeting(edited, names)
  const meetsPresent = meeting(present, names)
  const meetsAcknowledged = meeting(acknowledged, sharedNames(acknowledged, present))
  const removed = present.filter((firing) => !meetsEdited(firing))
  return {
    added: edited.filter((firing) => !meetsPresent(firing)).length,
    removed: removed.length,
    ackedRemoved: removed.filter(meetsAcknowledged).length
  }
}

/** All firings of one rule have the same labels, so the first speaks for all. */
function sharedNames (one: readonly Span[], other: readonly Span[]): string[] {
  const otherLabels = other[0]?.labels ?? {}
  return Object.keys(one[0]?.labels ?? {}).filter((name) => Object.hasOwn(otherLabels, name)).toSorted()
}

function meeting (spans: readonly Span[], names: readonly string[]): (span: Span) => boolean {
  const lanes = new Map<string, Lane>()
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const key = groupKey(span.labels, names)
    const lane = lanes.get(key) ?? []
    lanes.set(key, lane)
    extend(lane, span)
  }
  return (span) => isMet(lanes.get(groupKey(span.labels, names)) ?? [], span)
}

function extend (lane: Lane, { from, to }: Span): void {
  const last = lane.at(-1)
  const end = to ?? Infinity
  if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], end)
  else lane.push([from, end])
}

/** Finds, by halving, the last span that begins before this one ends; only that one can reach it. */
function isMet (lane: Lane, { from, to }: Span): boolean {
  const end = to ?? Infinity
  let low = 0
  let high = lane.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((lane[middle]?.[0] ?? Infinity) <= end) low = middle + 1
    else high = middle
  }
  return (lane[low - 1]?.[1] ?? -Infinity) >= from
}
