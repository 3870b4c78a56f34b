import type { NewRule, Rule } from '../../schemas/rule.ts'
import type { Threshold, Thresholds } from '../../schemas/settings.ts'
import { completeRule } from './compile.ts'

/** The rule that alerts when the canary comes no more. */
export const CANARY_RULE = 'builtin-canary'
/** After so many beats without one. */
const MISSED_BEATS = 5

/** Evaluations that a beat of the canary gets to be seen by, at least. */
const EVALUATIONS = 2

const DISK: Threshold = { warning: 85, critical: 95, for: '5m' }

/** Makes the rules that are there from the start. Their ids never change. `canaryDeadlineMs` is how long a beat of the canary gets, 0 when none are sent. */
export function builtInRules (thresholds: Thresholds, canaryDeadlineMs: number): Rule[] {
  return [
    completeRule('builtin-cpu', watching('CPU', 'host_cpu_percent', thresholds.cpu_percent)),
    completeRule('builtin-memory', watching('Memory', 'host_memory_percent', thresholds.memory_percent)),
    completeRule('builtin-latency-p95', {
      ...watching('Latency p95', 'http_latency_p95_ms', thresholds.latency_p95_ms),
      signal: { metric: 'http_latency_p95_ms', labels: { route: '' } }
    }),
    // A disk that was taken out is no longer full.
    completeRule('builtin-disk', { ...watching('Disk', 'host_filesystem_percent', DISK), group_by: ['mount'], no_data: 'ok', no_data_for: '10m' }),
    completeRule('builtin-error-burst', {
      name: 'Error burst',
      signal: { events: 'level>=error' },
      aggregate: 'rate',
      levels: { warning: { op: '>', value: 1 }, critical: { op: '>', value: 10 } },
      keep_firing_for: '1m'
    }),
    // Told by the channel's fallback, and by the other channels of the rule.
    completeRule('builtin-channel', {
      name: 'Channel broken',
      signal: { metric: 'bellwether_channel_broken' },
      aggregate: 'last',
      levels: { critical: { op: '>', value: 0 } },
      group_by: ['channel'],
      no_data: 'ok'
    }),
    ...canaryDeadlineMs === 0 ? [] : [canaryRule(canaryDeadlineMs)]
  ]
}

function canaryRule (canaryDeadlineMs: number): Rule {
  return completeRule(CANARY_RULE, {
    name: 'Canary missing',
    signal: { absent: 'type:CANARY service:bellwether' },
    window: `${Math.ceil(MISSED_BEATS * canaryDeadlineMs / 1_000)}s`,
    levels: { warning: { op: '<', value: 1 } }
  })
}

function watching (name: string, metric: string, { warning, critical, for: held }: Threshold): NewRule {
  return {
    name,
    signal: { metric },
    levels: { warning: { op: '>', value: warning }, critical: { op: '>', value: critical } },
    for: held
  }
}

/** Says how long a beat of the canary gets to arrive, in ms; then it gives way to the next. 0 when none are sent. */
export function canaryDeadlineMsOf ({ canaryIntervalMs, evaluateIntervalMs }: { canaryIntervalMs: number, evaluateIntervalMs: number }): number {
  return canaryIntervalMs === 0 ? 0 : Math.max(canaryIntervalMs, EVALUATIONS * evaluateIntervalMs)
}
