import { addToHour } from './hours.ts'
import { learnDistance, tamed } from './level.ts'
import type { Look } from './look.ts'
import { learnRange } from './range.ts'
import { RECENT, type SeriesState } from './state.ts'

/** What a mean takes over of each value: of some 20 values, some 200, and of late against the usual hours. */
const FAST = 0.05
const SLOW = 0.005
const OFFSET = 0.05
const INTERVAL = 0.05
/** The longest interval, in usual ones, that changes what is usual. */
const LONGEST = 10

/** Has a state learn the value that was looked at. The means learn by the levels before, the levels what was judged by them. */
export function learn (state: SeriesState, look: Look): void {
  learnMeans(state, look)
  learnScales(state, look)
  learnTime(state, look)
  state.recent[state.count % RECENT] = look.x
  state.count++
}

function learnMeans (state: SeriesState, { x, usual }: Look): void {
  const { levels, hours, count } = state
  state.fast += Math.max(FAST, 1 / (count + 1)) * tamed(levels.fast, x - state.fast)
  state.slow += Math.max(SLOW, 1 / (count + 1)) * tamed(levels.slow, x - state.slow)
  if (usual === undefined) return addToHour(hours, x)
  const expected = usual + state.offset
  const distance = tamed(levels.slow, x - expected)
  addToHour(hours, expected + distance)
  state.offset += OFFSET * distance
}

function learnScales ({ levels, ranges }: SeriesState, look: Look): void {
  learnDistance(levels.step, look.step)
  learnDistance(levels.move, look.move)
  learnDistance(levels.fast, look.fast)
  learnDistance(levels.slow, look.slow)
  learnRange(ranges.value, look.x)
  learnRange(ranges.mean, look.mean)
  if (look.usual === undefined) return
  learnDistance(levels.season, look.season)
  learnRange(ranges.season, look.x - look.usual)
}

/** A clock that is set back changes nothing but the time. */
function learnTime (state: SeriesState, { at, elapsed }: Look): void {
  state.at = at
  if (state.count === 0 || elapsed <= 0) return
  const usual = state.interval === 0 ? elapsed : state.interval
  state.interval = usual + INTERVAL * (Math.min(elapsed, LONGEST * usual) - usual)
}
