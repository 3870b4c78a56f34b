import { usualAt } from './hours.ts'
import { RECENT, type SeriesState } from './state.ts'

/** The newest value beside what was known before it. Distances have a sign; one that is not judged is 0. */
export interface Look {
  x: number
  /** ms since the epoch. */
  at: number
  /** ms since the value before. */
  elapsed: number
  /** From the value before, and from the one before that. */
  step: number
  move: number
  /** From the means. */
  fast: number
  slow: number
  /** What is usual in this hour of the day, if that is known, and the distance from it with what the series lies above it of late. */
  usual: number | undefined
  season: number
  /** Of the newest `RECENT` values. */
  mean: number
}

/** So many usual intervals without a value are a gap. */
const GAP = 10

/**
 * Measures how far the newest value is from what is known, once the state is at its time. A value on its way back, nearer to what is
 * usual than the one before, has no distance: otherwise the end of every incident would be another one.
 */
export function lookAt (state: SeriesState, at: number, x: number): Look {
  const elapsed = at - state.at
  if (state.count === 0) begin(state, at, x)
  else if (elapsed > GAP * state.interval && state.interval > 0) resume(state, x)
  const usual = usualAt(state.hours, at)
  const last = valueBefore(state, 1)
  const earlier = valueBefore(state, 2)
  const isLeaving = isFarther(state, usual, x, last)
  return {
    x,
    at,
    elapsed,
    step: isLeaving ? x - last : 0,
    move: isFarther(state, usual, x, earlier) ? x - earlier : 0,
    fast: isLeaving ? x - state.fast : 0,
    slow: isLeaving ? x - state.slow : 0,
    usual,
    season: isLeaving && usual !== undefined ? x - usual - state.offset : 0,
    mean: (state.recent.reduce((sum, value) => sum + value, 0) - (state.recent[state.count % RECENT] ?? 0) + x) / RECENT
  }
}

function begin (state: SeriesState, at: number, x: number): void {
  state.began = state.at = at
  state.fast = state.slow = x
  state.recent.fill(x)
}

/** Behind a gap there is no step, and no mean of late: both would tell of the gap. */
function resume (state: SeriesState, x: number): void {
  state.fast = x
  for (const back of [1, 2]) state.recent[(state.count + RECENT - back) % RECENT] = x
}

function valueBefore ({ recent, count }: SeriesState, back: number): number {
  return recent[(count + RECENT - back) % RECENT] ?? 0
}

function isFarther ({ slow }: SeriesState, usual: number | undefined, x: number, before: number): boolean {
  return Math.abs(x - slow) >= Math.abs(before - slow) && (usual === undefined || Math.abs(x - usual) >= Math.abs(before - usual))
}
