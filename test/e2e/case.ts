import type { Report } from './oracle.ts'

export interface Context {
  /** The form of a few minutes for all cases, with the same steps and fewer of them. */
  isShort: boolean
  /** 0..1, seeded: the same run each time. */
  random: () => number
}

/** What a case measured, in the order to be printed, and which promises were broken. */
export interface Result {
  figures: Record<string, string | number>
  faults: string[]
}

export interface Case {
  name: string
  title: string
  /** Needs what not every machine may do: left out of the short form unless it is named. */
  isLong?: true
  run: (context: Context) => Promise<Result>
}

/** Thrown by a case that cannot run here; the message names what is missing. */
export class Skip extends Error {}

/** The five figures that every case with an oracle prints. */
export function figuresOf (report: Report): Record<string, number> {
  const { acknowledged, refused, lost, duplicated, altered } = report
  return { acknowledged, refused, lost, duplicated, altered }
}

/** Collects what was broken: each line a condition and what to say when it does not hold. */
export function broken (...checks: [holds: boolean, fault: string][]): string[] {
  return checks.filter(([holds]) => !holds).map(([, fault]) => fault)
}

/** As `broken`, for how fast and how much: only the long form judges that, on a quiet machine; the short one prints the figures. */
export function exceeded ({ isShort }: Context, ...checks: [holds: boolean, fault: string][]): string[] {
  return isShort ? [] : broken(...checks)
}

/** The value under which the share `p` of the values lies; NaN of none. Nearest rank. */
export function quantile (values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * p) - 1)] ?? Number.NaN
}

/** Mulberry32. Source: Tommy Ettinger 2017, public domain. */
export function seeded (seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
