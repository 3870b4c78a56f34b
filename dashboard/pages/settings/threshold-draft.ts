import type { Threshold, Thresholds } from '../../../schemas/settings.ts'

export type SignalName = keyof Thresholds
/** What was changed and not saved. */
export type Draft = Partial<Record<SignalName, Partial<Threshold>>>

export const SIGNALS: ReadonlyArray<{ name: SignalName, title: string, unit: string, rule: string }> = [
  { name: 'cpu_percent', title: 'Host CPU', unit: '%', rule: 'builtin-cpu' },
  { name: 'memory_percent', title: 'Host memory', unit: '%', rule: 'builtin-memory' },
  { name: 'latency_p95_ms', title: 'Latency p95', unit: 'ms', rule: 'builtin-latency-p95' }
]

/** Each change in words: Latency p95 warning, 1000 to 800 ms. */
export function changesOf (saved: Thresholds, draft: Draft): string[] {
  return SIGNALS.flatMap(({ name, title, unit }) => (['warning', 'critical', 'for'] as const).flatMap((field) => {
    const value = draft[name]?.[field]
    const before = saved[name][field]
    return value === undefined || value === before ? [] : [`${title} ${field}, ${before} to ${value}${field === 'for' ? '' : ` ${unit}`}`]
  }))
}

/** What is wrong with a row; undefined when nothing is. */
export function faultOf ({ warning, critical, for: held }: Threshold): string | undefined {
  if (!(warning >= 0) || !(critical >= 0)) return 'A limit is a number from 0 on.'
  if (warning > critical) return 'Warning must be below critical.'
  return /^\d+[smhd]$/.test(held) ? undefined : 'A time is like 30s, 2m or 1h.'
}
