import type { BusyProcess } from '../../schemas/host.ts'
import { redactText, redactValue } from '../core/text/redact.ts'
import type { CompiledRule } from '../rules/compile.ts'
import type { AlertRecord } from '../store/hot/alerts/alert-rows.ts'
import type { AuditRecord } from '../store/hot/access/audit.ts'
import type { StoredEvent } from '../store/hot/events/event-rows.ts'
import { wireEvent } from '../events/wire-event.ts'
import { isoTime } from '../core/clock.ts'

export type Body = Record<string, unknown>

const MESSAGE_SHOWN = 1_000
const META_SHOWN = 2_000
/** What is longer is left out unread. */
const MEMBER_READ = 8_000
const SECOND_MS = 1_000

/** What was compared with what. */
export function comparison ({ value, limit, severity }: AlertRecord, { rule }: CompiledRule): Body {
  const op = severity === null ? undefined : rule.levels[severity]?.op
  const { signal, window, aggregate } = rule
  return { signal, value, limit, level: severity, ...(op === undefined ? {} : { op }), ...(window === undefined ? {} : { window }), ...(aggregate === undefined ? {} : { aggregate }), for: rule.for, ...('metric' in signal ? {} : { counted_by: 'received_at' }) }
}

/** An event without its secrets, cut to what a person reads. */
export function eventShown (event: StoredEvent): Body & { time: string } {
  const { id, time, received_at: receivedAt, level, service, type, host, message, trace_id: traceId, meta } = wireEvent(event)
  const fields = Object.entries({ service, type, host, trace_id: traceId }).flatMap(([name, value]) => value === null ? [] : [[name, redactText(value)]])
  const shownMeta = metaShown(meta)
  return {
    id,
    time,
    received_at: receivedAt,
    level,
    message: redactText(message).slice(0, MESSAGE_SHOWN).toWellFormed(),
    ...Object.fromEntries(fields),
    ...(Object.keys(shownMeta).length === 0 ? {} : { meta: shownMeta })
  }
}

/** The members that fit, in their order. */
function metaShown (meta: Body): Body {
  const shown: Body = {}
  let length = 0
  for (const [name, value] of Object.entries(meta)) {
    if (length >= META_SHOWN) break
    if (JSON.stringify(value).length > MEMBER_READ) continue
    const member = redactValue({ [name]: value })
    const more = JSON.stringify(member).length
    if (length + more > META_SHOWN) continue
    length += more
    Object.assign(shown, member)
  }
  return shown
}

export function changeShown ({ time, action, actor, target, detail }: AuditRecord): Body & { time: string } {
  return { time: isoTime(time), action, actor: actor?.name ?? null, target, detail: redactValue(detail) }
}

export function processShown ({ pid, name, cpuPercent, rssBytes, startedAt, parent }: BusyProcess): Body {
  return {
    pid,
    name,
    cpu_percent: rounded(cpuPercent),
    rss_bytes: rssBytes ?? null,
    ...(startedAt === undefined ? {} : { started_at: isoTime(Math.round(startedAt / SECOND_MS) * SECOND_MS) }),
    ...(parent === undefined ? {} : { parent })
  }
}

/** Six digits say all that a person compares. */
export function rounded (value: number): number {
  return Number(value.toPrecision(6))
}
