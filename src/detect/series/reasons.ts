import { hourOf } from './hours.ts'
import type { Look } from './look.ts'
import type { Parts } from './parts.ts'
import type { Range } from './range.ts'
import { RECENT, type SeriesState } from './state.ts'

const SPANS = [['day', 86_400_000], ['h', 3_600_000], ['min', 60_000], ['s', 1_000]] as const

/** Says in words why the parts that score `least` or more do so, the strongest first. `state` is the one before the value was learned. */
export function reasonsOf (state: SeriesState, look: Look, { parts, least }: { parts: Parts, least: number }): string[] {
  const { levels, interval, ranges } = state
  const distance = `distance from what is usual ${hour(look.at)}`
  const reasons: Array<[score: number, reason: () => string]> = [
    [parts.step, () => `${rose(look.step)} in ${span(look.elapsed)}, usually under ${figure(levels.step.size)}`],
    [parts.move, () => `${rose(look.move)} within two values, usually under ${figure(levels.move.size)}`],
    [parts.fast, () => `${away(look.fast)} the mean of the last ${span(20 * interval)}, usually within ${figure(levels.fast.size)}`],
    [parts.slow, () => `${away(look.slow)} the mean of the last ${span(200 * interval)}, usually within ${figure(levels.slow.size)}`],
    [parts.season, () => `${away(look.season)} what is usual ${hour(look.at)}, usually within ${figure(levels.season.size)}`],
    [parts.value_record, () => record(state, look, { what: 'value', x: look.x, range: ranges.value })],
    [parts.mean_record, () => record(state, look, { what: `mean of ${RECENT} values`, x: look.mean, range: ranges.mean })],
    [parts.season_record, () => record(state, look, { what: distance, x: look.x - (look.usual ?? 0), range: ranges.season })]
  ]
  return reasons.filter(([score]) => score >= least).sort(([a], [b]) => b - a).map(([, reason]) => reason())
}

function record ({ began }: SeriesState, { at }: Look, { what, x, range: { low, high } }: { what: string, x: number, range: Range }): string {
  const time = span(at - began)
  if (low === high) return `${what} is ${figure(x)}, and was ${figure(low)} for ${time}`
  return `${x > high ? 'highest' : 'lowest'} ${what} in ${time}: ${figure(x)}, the range was ${figure(low)} to ${figure(high)}`
}

function rose (distance: number): string {
  return `${distance > 0 ? 'rose' : 'fell'} by ${figure(Math.abs(distance))}`
}

function away (distance: number): string {
  return `${figure(Math.abs(distance))} ${distance > 0 ? 'above' : 'below'}`
}

/** Four digits tell a record from what it beat. */
function figure (x: number): string {
  return String(Number(x.toPrecision(4)))
}

/** A stretch of time in the largest unit that it fills twice, so that it is told to half of it at worst. */
function span (ms: number): string {
  const length = Math.abs(ms)
  const [unit, size] = SPANS.find(([, size]) => length >= 2 * size) ?? ['s', 1_000]
  const count = Number((length / size).toPrecision(2))
  return `${count} ${unit === 'day' ? 'days' : unit}`
}

function hour (at: number): string {
  return `at ${String(hourOf(at)).padStart(2, '0')}:00 UTC`
}
