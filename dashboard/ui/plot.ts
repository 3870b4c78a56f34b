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
  const texts = lines.map((run) => ({ run, text: `M${run.map(({ x, y }) => `${round(x)} ${round(y)}`).join('L')}` }))
  return {
    // A point by itself is a line of no length, which round ends make visible.
    line: texts.map(({ run, text }) => run.length === 1 ? `${text}h0` : text).join(''),
    area: texts.filter(({ run }) => run.length > 1).map(({ run, text }) => `${text}V${plane.height}H${round(run[0]?.x ?? 0)}z`).join('')
  }
}

/** Points beside each other that all have a value, by their places; `end` is not among them. */
interface Run {
  start: number
  end: number
}

/** Parts where a value is missing part the line; of what lies outside only the nearest is drawn. */
function runsOf ({ times, values }: Points, { from, to }: Plane): Run[] {
  const first = Math.max(placeOf(times, from) - 1, 0)
  const last = Math.min(placeOf(times, to), times.length - 1)
  const runs: Run[] = []
  let start = first
  for (let at = first; at <= last + 1; at++) {
    if (at <= last && values[at] !== null && values[at] !== undefined) continue
    if (at > start) runs.push({ start, end: at })
    start = at + 1
  }
  return runs
}

/** Where the first time stands that is not before `time`, by halves: times go up. */
function placeOf (times: readonly number[], time: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((times[middle] ?? 0) < time) low = middle + 1
    else high = middle
  }
  return low
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
      kept.push(Math.min(low, high))
      if (low !== high) kept.push(Math.max(low, high));
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

/** What a line says in words. Undefined when nothing was measured. */
export interface Summary {
  newest: number
  least: number
  most: number
}

export function summaryOf ({ values }: Points): Summary | undefined {
  let newest: number | null = null
  let [least, most] = [Infinity, -Infinity]
  for (const value of values) {
    if (value === null) continue
    newest = value
    if (value < least) least = value
    if (value > most) most = value
  }
  return newest === null ? undefined : { newest, least, most }
}

/** The top of the scale: the highest that is drawn, the limits, and a little more. */
export function topOf (highest: number, limits: readonly number[], least: number): number {
  const top = Math.max(highest * 1.15, ...limits.map((value) => value * 1.2), least, 0)
  if (top <= 0) return 1
  const step = 10 ** Math.floor(Math.log10(top)) / 2
  return Math.ceil(top / step) * step
}

/** The place of the point that is nearest to a time and has a value. */
export function nearest ({ times, values }: Points, time: number): number | undefined {
  const place = placeOf(times, time)
  let [before, after] = [place - 1, place]
  while (before >= 0 && values[before] === null) before--
  while (after < times.length && values[after] === null) after++
  if (after >= times.length) return before < 0 ? undefined : before
  return before >= 0 && time - (times[before] ?? 0) <= (times[after] ?? 0) - time ? before : after
}

function round (value: number): number {
  return Math.round(value * 10) / 10
}
