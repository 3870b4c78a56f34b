import { Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { Hours, newHours } from './hours.ts'
import { Incident } from './incident.ts'
import { Level, newLevel } from './level.ts'
import { newRange, Range } from './range.ts'

/** Values of which the short mean is taken. */
export const RECENT = 24

/** All that is known of one series: plain, bounded (about 2 KB as JSON), and behind JSON the same to the bit. Times are in ms. */
export const SeriesState = Type.Object({
  version: Type.Literal(1),
  count: Type.Integer({ minimum: 0 }),
  began: Type.Number(),
  at: Type.Number(),
  /** What usually lies between two values. */
  interval: Type.Number({ minimum: 0 }),
  /** The newest values; the next one goes to `count % RECENT`. */
  recent: Type.Array(Type.Number(), { minItems: RECENT, maxItems: RECENT }),
  fast: Type.Number(),
  slow: Type.Number(),
  hours: Hours,
  /** How far the series lies above its usual hours of late. */
  offset: Type.Number(),
  levels: Type.Object({ step: Level, move: Level, fast: Level, slow: Level, season: Level }),
  ranges: Type.Object({ value: Range, mean: Range, season: Range }),
  /** The highest score of late, fading. */
  echo: Type.Number({ minimum: 0 }),
  incident: Type.Union([Incident, Type.Null()])
})
export type SeriesState = Static<typeof SeriesState>

export function newSeries (): SeriesState {
  return {
    version: 1,
    count: 0,
    began: 0,
    at: 0,
    interval: 0,
    recent: Array<number>(RECENT).fill(0),
    fast: 0,
    slow: 0,
    hours: newHours(),
    offset: 0,
    levels: { step: newLevel(), move: newLevel(), fast: newLevel(), slow: newLevel(), season: newLevel() },
    ranges: { value: newRange(), mean: newRange(), season: newRange() },
    echo: 0,
    incident: null
  }
}

/** Takes up a state that was kept as JSON. `undefined` for anything else, another version too: such a series begins anew. */
export function restoreSeries (kept: unknown): SeriesState | undefined {
  return Value.Check(SeriesState, kept) ? structuredClone(kept) : undefined
}
