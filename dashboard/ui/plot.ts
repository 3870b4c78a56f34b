/** Times in ms since the epoch; a null value is a gap in the line. */
export interface Points {
  times: readonly number[]
  values: ReadonlyArray<number | null>
}

/** Where a chart draws, in px, and what of: from 0 at the bottom to `most` at the top. */
export interface Plane {
  from: number
  to: number
  most: number
  width: number
  height: number
}

interface Place {
  x: number
  y: number
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const STEPS = [1_000, 2_000, 5_000, 10_000, 15_000, 30_000, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 30 * DAY]
const TICK_PX = 90

/** The line, and the area under it, as SVG paths: of each column of pixels the lowest and the highest value at most. */
export function pathsOf (points: Points, plane: Plane): { line: string, area: string } {
  const lines = runsOf(points, plane).map((run) => placesOf(points, run, plane))
  const text = (run: readonly Place[]): string => run.map(({ x, y }) => `${round(x)} ${round(y)}`).join('L')
  return {
    // A point by itself is a line of no length, which round ends make visible.
    line: lines.map((run) => `M${text(run)}${run.length === 1 ? 'h0' : ''}`).join(''),
    area: lines.filter((run) => run.length > 1).map((run) => `M${text(run)}V${plane.height}H${round(run[0]?.x ?? 0)}z`).join('')
  }
}

/** Points beside each other that all have a value, by their places; `end` is not among them. */
interface Run {
  start: number
  end: number
}

/** Parts where a value is missing part the line; of what lies outside only the nearest is drawn. */
function runsOf ({ times, values }: Points, { from, to }: Plane): Run[] {
  const first = Math.max(times.findIndex((time) => time >= from) - 1, 0)
  const after = times.findIndex((time) => time > to)
  const last = after === -1 ? times.length - 1 : after
  const runs: Run[] = []
  let start = first
  for (let at = first; at <= last + 1; at++) {
    if (at <= last && (values[at] ?? null) !== null) continue
    if (at > start) runs.push({ start, end: at })
    start = at + 1
  }
  return runs
}

function placesOf ({ times, values }: Points, run: Run, { from, to, most, width, height }: Plane): Place[] {
  const scale = width / (to - from)
  const drawn = run.end - run.start > 2 * width ? extremesOf({ times, values }, run, { from, scale }) : Array.from({ length: run.end - run.start }, (_, at) => run.start + at)
  return drawn.map((at) => ({ x: ((times[at] ?? 0) - from) * scale, y: height * (1 - Math.min((values[at] ?? 0) / most, 1)) }))
}

/** The lowest and the highest point of each column of pixels, in their order. There may be a hundred thousand: nothing is made for a point that is not drawn. */
function extremesOf ({ times, values }: Points, { start, end }: Run, { from, scale }: { from: number, scale: number }): number[] {
  const kept: number[] = []
  let [low, high] = [start, start]
  let [lowest, highest] = [values[start] ?? 0, values[start] ?? 0]
  let column = Math.floor(((times[start] ?? 0) - from) * scale)
  for (let at = start + 1; at <= end; at++) {
    const value = values[at] ?? 0
    const next = at === end ? NaN : Math.floor(((times[at] ?? 0) - from) * scale)
    if (next === column) {
      if (value < lowest) [low, lowest] = [at, value]
      if (value > highest) [high, highest] = [at, value]
    } else {
      kept.push(...low === high ? [low] : [Math.min(low, high), Math.max(low, high)]);
      [low, high, lowest, highest, column] = [at, at, value, value, next]
    }
  }
  return kept
}

/** Round times for the axis, so many as stand beside each other; `offsetMs` is how far the clock of the reader is ahead of UTC. */
export function timeTicks ({ from, to, width }: Pick<Plane, 'from' | 'to' | 'width'>, offsetMs: number): { step: number, times: number[] } {
  const most = Math.max(Math.floor(width / TICK_PX), 1)
  const step = STEPS.find((ms) => (to - from) / ms <= most) ?? Math.ceil((to - from) / most / DAY) * DAY
  const first = Math.ceil((from + offsetMs) / step) * step - offsetMs
  return { step, times: Array.from({ length: Math.max(Math.floor((to - first) / step) + 1, 0) }, (_, at) => first + at * step) }
}

/** The top of the scale: what is drawn, the limits, and a little more. */
export function topOf ({ values }: Points, limits: readonly number[], least: number): number {
  const highest = values.reduce<number>((most, value) => value !== null && value > most ? value : most, 0)
  const top = Math.max(highest * 1.15, ...limits.map((value) => value * 1.2), least, 0)
  if (top <= 0) return 1
  const step = 10 ** Math.floor(Math.log10(top)) / 2
  return Math.ceil(top / step) * step
}

/** The place of the point that is nearest to a time and has a value. */
export function nearest ({ times, values }: Points, time: number): number | undefined {
  let best: number | undefined
  for (const [at, one] of times.entries()) {
    if (values[at] !== null && (best === undefined || Math.abs(one - time) < Math.abs((times[best] ?? 0) - time))) best = at
  }
  return best
}

function round (value: number): number {
  return Math.round(value * 10) / 10
}
