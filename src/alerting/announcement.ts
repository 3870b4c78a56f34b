import type { Rule } from '../../schemas/rule.ts'
import type { Gap } from './missed-ticks.ts'
import type { Announcement } from '../notify/body.ts'
import { unitOf } from '../numbers/series-queries.ts'
import type { NoticePlan } from './tick-plan.ts'
import { isoTime } from '../core/clock.ts'

const SIGNS: Readonly<Record<string, string>> = { percent: '%', bytes: 'bytes', bytes_per_second: 'bytes/s', seconds: 's', ratio: '', ms: 'ms' }

/** What is said of an alert as it is. The store numbers it. */
export function announcementOf ({ alert, rule, type, evidence, late }: Pick<NoticePlan, 'alert' | 'rule' | 'type'> & { evidence: Record<string, unknown>, late?: Gap | undefined }): Announcement {
  const { id, ruleId, transitionId, sequence, state, severity, value, limit, labels, startedAt, firedAt, endedAt } = alert
  return {
    type,
    event_id: transitionId,
    alert_id: id,
    sequence,
    rule: { id: ruleId, name: rule?.name ?? ruleId },
    state: state === 'resolved' ? 'resolved' : 'firing',
    severity: severity ?? 'warning',
    value,
    limit,
    unit: rule === undefined ? '' : unitOfRule(rule),
    labels: { ...labels },
    annotations: { ...rule?.annotations },
    startedAt,
    ...(firedAt === null ? {} : { firedAt }),
    ...(endedAt === null ? {} : { endedAt }),
    ...(late === undefined ? {} : { late: { from: isoTime(late.from), to: isoTime(late.to) } }),
    evidence
  }
}

/** The unit of value and limit; empty for a plain number. */
export function unitOfRule ({ signal, aggregate }: Rule): string {
  if ('metric' in signal) return SIGNS[unitOf(signal.metric) ?? ''] ?? ''
  return 'events' in signal && aggregate === 'rate' ? '1/s' : ''
}
