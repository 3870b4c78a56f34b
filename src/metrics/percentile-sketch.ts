/** Any quantile is at most this far from the true one, as a share of it. */
export const SKETCH_ERROR = 0.01

const GAMMA = (1 + SKETCH_ERROR) / (1 - SKETCH_ERROR)
const LOG_GAMMA = Math.log(GAMMA)
/** What is shorter or longer counts as these: ten microseconds and a quarter of an hour. */
const LEAST_SECONDS = 1e-5
const MOST_SECONDS = 1e3
const OFFSET = bucketOf(LEAST_SECONDS)
const BUCKETS = bucketOf(MOST_SECONDS) - OFFSET + 1

/**
 * Counts durations in buckets whose bounds grow by a constant factor, so that quantiles have a bounded relative error
 * whatever the shape of the distribution, in constant memory (7 KB), and sketches can be added up.
 * Source: Masson, Rim, Lee, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees", VLDB 2019.
 */
export class Sketch {
  readonly #counts = new Float64Array(BUCKETS)
  count = 0

  add (seconds: number): void {
    const at = Math.min(MOST_SECONDS, Math.max(LEAST_SECONDS, seconds))
    const bucket = bucketOf(at) - OFFSET
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.count++
  }

  merge (other: Sketch): this {
    for (let at = 0; at < BUCKETS; at++) this.#counts[at] = (this.#counts[at] ?? 0) + (other.#counts[at] ?? 0)
    this.count += other.count
    return this
  }

  clear (): void {
    this.#counts.fill(0)
    this.count = 0
  }

  /** How many are at most so long each, and longer than the one before; last, how many are longer than all. `bounds` are seconds, rising. */
  countsBetween (bounds: readonly number[]): number[] {
    const last = bounds.map((bound) => bucketOf(bound) - OFFSET)
    const counts = new Array<number>(bounds.length + 1).fill(0)
    for (const [bucket, count] of this.#counts.entries()) {
      if (count === 0) continue
      const at = last.findIndex((most) => bucket <= most)
      const place = at === -1 ? bounds.length : at
      counts[place] = (counts[place] ?? 0) + count
    }
    return counts
  }

  /** Seconds of the value at rank ceil(q x count), `q` from 0 to 1. NaN when nothing was added. */
  quantile (q: number): number {
    if (this.count === 0) return NaN
    const rank = Math.max(1, Math.ceil(q * this.count))
    let passed = 0
    const bucket = this.#counts.findIndex((count) => (passed += count) >= rank)
    return 2 * GAMMA ** (bucket + OFFSET) / (GAMMA + 1)
  }
}

/** The bucket of (GAMMA^(n-1), GAMMA^n]. */
function bucketOf (seconds: number): number {
  return Math.ceil(Math.log(seconds) / LOG_GAMMA)
}
