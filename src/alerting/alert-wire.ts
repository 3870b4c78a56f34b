import type { Alert, AlertFile } from '../../schemas/alert.ts'
import type { Rule } from '../../schemas/rule.ts'
import { announcementOf, unitOfRule } from './announcement.ts'
import { noticeBody } from '../notify/body.ts'
import type { AlertFile as StoredFile } from '../store/hot/alerts/alert-reads.ts'
import type { AlertRecord } from '../store/hot/alerts/alert-rows.ts'
import { isoTime } from '../core/clock.ts'

interface Surroundings {
  /** Undefined for one that was removed before the start. */
  rule: Rule | undefined
  baseUrl: string
  channelName: (id: string) => string
}

/** Shapes an alert as it is answered. One that was ended while it was pending is over, however little came of it. */
export function wireAlert (alert: AlertRecord, rule: Rule | undefined): Alert {
  const { acknowledgement } = alert
  return {
    id: alert.id,
    rule: { id: alert.ruleId, name: rule?.name ?? alert.ruleId, version: alert.ruleVersion },
    state: alert.state === 'inactive' ? 'resolved' : alert.state,
    severity: alert.severity,
    value: alert.value,
    limit: alert.limit,
    unit: rule === undefined ? '' : unitOfRule(rule),
    labels: { ...alert.labels },
    flapping: alert.isFlapping,
    draft: alert.isDraft,
    started_at: isoTime(alert.startedAt),
    fired_at: timeOf(alert.firedAt),
    ended_at: timeOf(alert.endedAt),
    acknowledged_by: acknowledgement?.by ?? null,
    acknowledged_at: timeOf(acknowledgement?.at ?? null),
    acknowledged_until: timeOf(acknowledgement?.until ?? null),
    note: acknowledgement?.note ?? null,
    silenced_by: alert.silencedBy
  }
}

/** Shapes everything that is known of an alert, with annotations as its notices have them. */
export function wireFile ({ alert, timeline, evidence, notices, heldBack }: StoredFile, { rule, baseUrl, channelName }: Surroundings): AlertFile {
  return {
    ...wireAlert(alert, rule),
    annotations: noticeBody(announcementOf({ alert, rule, type: 'alert.firing', evidence: {} }), baseUrl).annotations,
    timeline: timeline.map(wireEntry),
    evidence,
    deliveries: notices.map(({ id: notice, channelId, state, body, createdAt, attempts }) => ({
      notice, type: body.type, channel: channelName(channelId), channel_id: channelId, state, time: isoTime(createdAt), attempts
    })),
    held_back: heldBack.map(({ at, cause, causeId, count }) => ({ time: isoTime(at), cause, id: causeId, notices: count }))
  }
}

/** What the state machine knew before an alert began is no state of it. */
function wireEntry ({ id, sequence, at, from, to, severity, value, reason, actor, note, ruleVersion }: StoredFile['timeline'][number]): AlertFile['timeline'][number] {
  return {
    event_id: id,
    sequence,
    time: isoTime(at),
    from: from === 'inactive' || sequence === 1 ? null : from,
    to: to === 'inactive' ? 'resolved' : to,
    severity,
    value,
    reason,
    ...(actor === null ? {} : { actor }),
    ...(note === null ? {} : { note }),
    rule_version: ruleVersion
  }
}

function timeOf (ms: number | null): string | null {
  return ms === null ? null : isoTime(ms)
}
