import type { Threshold, Thresholds } from '../../../schemas/settings.ts'

export type SignalName = keyof Thresholds
/** What was changed and not saved. */
export type Draft = Partial<Record<SignalName, Partial<Threshold>>>

export const SIGNALS: ReadonlyArray<{ name: SignalName, title: string, unit: string, rule: string, series: string }> = [
  { name: 'cpu_percent', title: 'Host CPU', unit: '%', rule: 'builtin-cpu', series: 'host_cpu_percent' },
  { name: 'memory_percent', title: 'Host memory', unit: '%', rule: 'builtin-memory', series: 'host_memory_percent' },
  { name: 'latency_p95_ms', title: 'Latency p95', unit: 'ms', rule: 'builtin-latency-p95', series: 'http_latency_p95_ms' }
]

/** Each change in words: Latency p95 warning, 1000 to 800 ms. */
export function changesOf (saved: Thresholds, draft: Draft): string[] {
  return SIGNALS.flatMap(({ name, title, unit }) => (['warning', 'critical', 'for'] as const).flatMap((field) => {
    const value = draft[name]?.[field]
    const before = saved[name][field]
    return value === undefined || value === before ? [] : [`${title} ${field}, ${before} to ${value}${field === 'for' ? '' : ` ${unit}`}`]
  }))
}

export interface Fault {
  field: keyof Threshold
  message: string
}

/** What is wrong with a row, and with which of its fields; undefined when nothing is. */
export function faultOf ({ warning, critical, for: held }: Threshold): Fault | undefined {
  if (!(warning >= 0)) return { field: 'warning', message: 'A limit is a number from 0 on.' }
  if (!(critical >= 0)) return { field: 'critical', message: 'A limit is a number from 0 on.' }
  if (warning > critical) return { field: 'warning', message: 'Warning must be below critical.' }
  return /^\d+[smhd]$/.test(held) ? undefined : { field: 'for', message: 'A time is like 30s, 2m or 1h.' }
}
