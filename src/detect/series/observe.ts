import { nextIncident, type Alarm } from './incident.ts'
import { learn } from './learn.ts'
import { LEVEL_READY } from './level.ts'
import { lookAt, type Look } from './look.ts'
import { largestOf, scoreParts, type Parts } from './parts.ts'
import { RANGE_READY } from './range.ts'
import { reasonsOf } from './reasons.ts'
import type { SeriesState } from './state.ts'

export interface Observation {
  /** 0 to 100: how many times what is usual at most. From `ALARM` on it is worth telling. */
  score: number
  /** There when the score is an alarm: the score of each part, and a reason for each that is one, the strongest first. */
  parts?: Parts
  reasons?: string[]
  /** Left out while the incident is told already. */
  alarm?: Alarm
}

/** One threshold for all series. */
export const ALARM = 2.75
const MOST = 100
/** A score fades by this a value, and what comes behind it without exceeding it is muffled. */
const ECHO = 0.97
const MUFFLED = 0.3
const LARGEST = 1e100
const LATEST_MS = 8.64e15

/**
 * Judges the newest value of a series by what came before, and has the state learn it: `state` is changed in place. `at` is in ms
 * since the epoch. A value or a time that is none scores 0 and leaves no trace. The largest part is the score: their scales are the
 * same, and what one of them sees the others need not confirm.
 */
export function observe (state: SeriesState, at: number, value: number): Observation {
  if (!Number.isFinite(value) || !(Math.abs(at) <= LATEST_MS)) return { score: 0 }
  const look = lookAt(state, at, Math.max(-LARGEST, Math.min(LARGEST, value)) + 0)
  const parts = scoreParts(state, look)
  const score = muffled(state, Math.min(MOST, largestOf(parts)))
  const observation = score < ALARM ? { score } : tell(state, look, { score, parts })
  learn(state, look)
  return observation
}

/** Says what a series still lacks before all parts judge, in words; empty when it is ready. */
export function missingOf ({ ranges, levels }: SeriesState): string[] {
  const needs = [
    { part: 'records', left: RANGE_READY - ranges.value.count },
    { part: 'steps and means', left: LEVEL_READY - levels.step.count },
    { part: 'usual hours', left: LEVEL_READY - levels.season.count }
  ]
  return needs.filter(({ left }) => left > 0).map(({ part, left }) => `${part}: ${left} more values${part === 'usual hours' ? ' in hours that a day before has shown' : ''}`)
}

function muffled (state: SeriesState, score: number): number {
  const echo = state.echo * ECHO
  state.echo = Math.max(echo, score)
  return score > echo ? score : MUFFLED * score
}

function tell (state: SeriesState, look: Look, { score, parts }: { score: number, parts: Parts }): Observation {
  const { incident, alarm } = nextIncident(state.incident, score, look.at)
  state.incident = incident
  return { score, parts, reasons: reasonsOf(state, look, { parts, least: ALARM }), ...(alarm === undefined ? {} : { alarm }) }
}
