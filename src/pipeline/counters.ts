/** Buckets of a percentile of time: each a fourth of a power of two of ns. */
const BUCKETS_PER_DOUBLING = 4
const BUCKETS = 40 * BUCKETS_PER_DOUBLING

/** What one processor did. For each: in + added = out + dropped + errors + joined + held. */
export class Counters {
  in = 0
  out = 0
  dropped = 0
  errors = 0
  /** Lines that one line in became beyond the first. */
  added = 0
  /** Lines that went into another line. */
  joined = 0
  /** ms in the processor itself. */
  ms = 0
  readonly #times = new Float64Array(BUCKETS)

  /** Counts `lines` that took `ms` together. */
  took (ms: number, lines: number): void {
    this.ms += ms
    if (lines === 0) return
    const bucket = Math.min(BUCKETS - 1, Math.max(0, Math.round(Math.log2(Math.max(1, ms * 1e6 / lines)) * BUCKETS_PER_DOUBLING)))
    this.#times[bucket] = (this.#times[bucket] ?? 0) + lines
  }

  /** µs of a line that `share` of the lines took at most; null before the first. */
  percentile (share: number): number | null {
    let left = this.#times.reduce((sum, count) => sum + count, 0) * share
    if (left === 0) return null
    const bucket = this.#times.findIndex((count) => (left -= count) <= 0)
    return 2 ** (bucket / BUCKETS_PER_DOUBLING) / 1000
  }

  state (): unknown {
    const { in: taken, out, dropped, errors, added, joined, ms } = this
    return { in: taken, out, dropped, errors, added, joined, ms }
  }

  restore (state: unknown): void {
    for (const name of ['in', 'out', 'dropped', 'errors', 'added', 'joined', 'ms'] as const) this[name] = Number(Object(state)[name] ?? 0)
  }
}
