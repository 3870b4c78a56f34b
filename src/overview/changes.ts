import type { Change } from '../../schemas/overview.ts'
import { isoTime } from '../core/clock.ts'
import { redactText } from '../core/text/redact.ts'
import type { AuditRecord } from '../store/hot/access/audit.ts'
import type { StoredEvent } from '../store/hot/events/event-rows.ts'
import type { ServiceCount } from '../store/hot/events/service-counts.ts'

/** So many times more or less is a change; of fewer than the least nothing is said. */
const TIMES = 3
const LEAST_EVENTS = 20
const LEAST_ERRORS = 5
const MESSAGE_SHOWN = 200

const WORDS: Readonly<Record<string, string>> = { 'setting.update': 'settings', 'threshold.update': 'threshold', 'rule.create': 'new rule', 'rule.update': 'rule', 'rule.delete': 'removed rule' }

interface Happened {
  deploys: readonly StoredEvent[]
  restarts: readonly StoredEvent[]
  audited: readonly AuditRecord[]
  /** The name of a rule by its id; of anything else the id. */
  nameOf: (id: string) => string
}

type What = 'events' | 'errors'

/** Compares services with the stretch before: errors first, then what came or went, then the greatest change. Of next to nothing before nothing is said. */
export function serviceChanges (now: readonly ServiceCount[], before: readonly ServiceCount[]): Change[] {
  if (before.reduce((sum, { total }) => sum + total, 0) < LEAST_EVENTS) return []
  const names = new Set([...now, ...before].map(({ service }) => service).filter((service) => service !== ''))
  const of = (counts: readonly ServiceCount[], name: string): ServiceCount => counts.find(({ service }) => service === name) ?? { service: name, total: 0, errors: 0 }
  const found = Array.from(names, (name) => changeOf(of(now, name), of(before, name))).filter((change) => change !== undefined)
  return found.toSorted((a, b) => weightOf(b) - weightOf(a))
}

/** The change of a service that says most: that it came or went, then its errors, then its events. */
function changeOf (now: ServiceCount, before: ServiceCount): Change | undefined {
  if (before.total === 0 && now.total >= LEAST_EVENTS) return compared('new', 'events', now, before)
  if (now.total === 0 && before.total >= LEAST_EVENTS) return compared('gone', 'events', now, before)
  if (now.errors >= LEAST_ERRORS && now.errors >= before.errors * TIMES) return compared('more', 'errors', now, before)
  if (now.total + before.total < LEAST_EVENTS) return undefined
  if (now.total >= before.total * TIMES) return compared('more', 'events', now, before)
  return now.total * TIMES <= before.total ? compared('less', 'events', now, before) : undefined
}

function compared (kind: Change['kind'], what: What, now: ServiceCount, before: ServiceCount): Change {
  const count = (of: ServiceCount): number => what === 'errors' ? of.errors : of.total
  const service = `service:${JSON.stringify(now.service)}`
  return { kind, subject: now.service, what, now: count(now), before: count(before), query: what === 'errors' ? `${service} level>=error` : service }
}

function weightOf ({ kind, what, now = 0, before = 0 }: Change): number {
  const times = Math.min(Math.max(now, before, 1) / Math.max(Math.min(now, before), 1), 1_000)
  return (what === 'errors' ? 2_000 : kind === 'new' || kind === 'gone' ? 1_000 : 0) + times
}

/** What was done to what is watched: deploys and restarts that events tell, and what was set here. */
export function happenings ({ deploys, restarts, audited, nameOf }: Happened): Change[] {
  const told = (kind: 'deploy' | 'restart', { time, service, message }: StoredEvent): Change => ({
    kind, time: isoTime(time), subject: `${service === null ? '' : `${service}: `}${redactText(message).slice(0, MESSAGE_SHOWN).toWellFormed()}`, query: `type:${kind.toUpperCase()}`
  })
  return [
    ...deploys.map((event) => told('deploy', event)),
    ...restarts.map((event) => told('restart', event)),
    ...audited.map(({ time, action, target, actor }): Change => ({ kind: 'setting', time: isoTime(time), subject: `${WORDS[action] ?? action} ${target === null ? '' : nameOf(target)}`.trim(), ...actor === null ? {} : { actor: actor.name } }))
  ].sort((a, b) => String(b.time).localeCompare(String(a.time)))
}
