import type { Histogram } from '../../../schemas/event-query.ts'
import type { Level } from '../../../schemas/event.ts'

/** From the ground up. */
export const BAR_TONES = ['unmatched', 'ordinary', 'warning', 'critical'] as const
export type BarTone = typeof BAR_TONES[number]

export interface LevelBar {
  /** ms since the epoch; `to` is not part of it. */
  from: number
  to: number
  parts: Readonly<Record<BarTone, number>>
  /** Events of the filter. */
  matched: number
  byLevel: Partial<Record<Level, number>>
}

/** A bar for each bin: what the filter matches by level, and under it what it hides. */
export function barsOf (matched: Histogram, all: Histogram | undefined): LevelBar[] {
  const totals = new Map(all?.bins.map(({ time, total }) => [time, total]))
  const end = Date.parse(matched.partial?.to ?? matched.to)
  return matched.bins.map(({ time, total, by_level: byLevel }, at) => {
    const by: Partial<Record<Level, number>> = byLevel
    const next = matched.bins[at + 1]
    const warning = by.WARN ?? 0
    const critical = (by.ERROR ?? 0) + (by.FATAL ?? 0)
    return {
      from: Date.parse(time),
      to: next === undefined ? end : Date.parse(next.time),
      parts: { unmatched: Math.max((totals.get(time) ?? total) - total, 0), ordinary: total - warning - critical, warning, critical },
      matched: total,
      byLevel
    }
  })
}

export function highestOf (bars: readonly LevelBar[]): number {
  return bars.reduce((most, { parts }) => Math.max(most, heightOf(parts)), 0)
}

function heightOf (parts: LevelBar['parts']): number {
  return BAR_TONES.reduce((sum, tone) => sum + parts[tone], 0)
}

interface Plane {
  from: number
  to: number
  width: number
  height: number
  /** What reaches the top. */
  most: number
}

const GAP = 0.14

/** The outline of all parts of one tone, as an SVG path: one element for all bars. */
export function pathOf (bars: readonly LevelBar[], tone: BarTone, { from, to, width, height, most }: Plane): string {
  const under = BAR_TONES.slice(0, BAR_TONES.indexOf(tone))
  const xOf = (at: number): number => (Math.min(Math.max(at, from), to) - from) / (to - from) * width
  return bars.filter(({ parts }) => parts[tone] > 0).map((bar) => {
    const below = under.reduce((sum, other) => sum + bar.parts[other], 0)
    const [left, right] = [xOf(bar.from), xOf(bar.to)]
    const wide = (right - left) * (1 - GAP)
    const tall = bar.parts[tone] / most * height
    return `M${round(left)} ${round(height - below / most * height)}v${round(-tall)}h${round(wide)}v${round(tall)}z`
  }).join('')
}

function round (value: number): number {
  return Math.round(value * 100) / 100
}

/** A span of whole bars around two moments. */
export function snap (bars: readonly LevelBar[], a: number, b: number): { from: number, to: number } | undefined {
  const [low, high] = [Math.min(a, b), Math.max(a, b)]
  const inside = bars.filter(({ from, to }) => to > low && from <= high)
  const [first, last] = [inside[0], inside.at(-1)]
  return first === undefined || last === undefined ? undefined : { from: first.from, to: last.to }
}

/** How many events of the filter begin in a span. */
export function matchedIn (bars: readonly LevelBar[], span: { from: number, to: number }): number {
  return bars.filter(({ from }) => from >= span.from && from < span.to).reduce((sum, { matched }) => sum + matched, 0)
}
