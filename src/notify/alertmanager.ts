import type { NoticeBody } from '../../schemas/notice.ts'
import { ALERT_LEVELS } from '../../schemas/words.ts'
import { JSON_HEADERS, type Address, type Notifier, type Told } from './notifier.ts'
import type { Post, PostResult } from './post.ts'
import { standardVerdict } from './verdict.ts'
import { clip } from './clip.ts'

const REPEAT_EVERY_MS = 60_000
/** As long as Prometheus gives: three repeats may be lost before Alertmanager takes the alert for resolved. */
const LASTS_MS = 4 * REPEAT_EVERY_MS
const PATH = '/api/v2/alerts'
const MOST_VALUE = 1_024

interface Alert {
  labels: Record<string, string>
  annotations: Record<string, string>
  startsAt: string
  endsAt: string
  generatorURL: string
}

/**
 * Alerts of Alertmanager's v2 API. The labels are its identity of an alert, and severity is one of them, for its routes: so
 * an alert that changed its severity is another one there, and the one before is ended with the same request.
 */
export const alertmanager: Notifier = {
  request: (notice, channel, now) => alertsPost([notice], channel, now),
  verdict: (result, now) => isRefused(result) ? { kind: 'failed' } : standardVerdict(result, now),
  repeatEveryMs: REPEAT_EVERY_MS,
  // As many as Prometheus sends at a time.
  group: { least: 2, most: 64, request: alertsPost }
}

function alertsPost (notices: readonly Told[], { url }: Address, now: number): Post {
  return { url: alertsUrl(url), headers: JSON_HEADERS, body: JSON.stringify(notices.flatMap(({ body }) => alertsOf(body, now))) }
}

/** 400 is a bad label, 422 a body that does not fit its schema: neither gets better. */
function isRefused (result: PostResult): boolean {
  return 'status' in result && (result.status === 400 || result.status === 422)
}

/** The channel's address may be that of the server or of its API. */
function alertsUrl (text: string): string {
  const url = new URL(text)
  if (!url.pathname.endsWith(PATH)) url.pathname = `${url.pathname.replace(/\/+$/, '')}${PATH}`
  return url.href
}

function alertsOf (body: NoticeBody, now: number): Alert[] {
  const end = body.ended_at === undefined ? now : Date.parse(body.ended_at)
  const alert = alertOf(body, body.severity, body.state === 'resolved' ? end : now + LASTS_MS)
  if (body.type !== 'alert.escalated') return [alert]
  const others = ALERT_LEVELS.filter((severity) => severity !== body.severity)
  return [...others.map((severity) => alertOf(body, severity, now)), alert]
}

/** An alert starts there when it fires. An end before the start is refused, and clocks may be turned back. */
function alertOf (body: NoticeBody, severity: string, end: number): Alert {
  const startsAt = body.fired_at ?? body.started_at
  return {
    labels: validNames(body.labels, { alertname: clip(body.rule.name, MOST_VALUE), severity, rule_id: body.rule.id }),
    annotations: validNames(body.annotations, ownAnnotations(body)),
    startsAt,
    endsAt: new Date(Math.max(end, Date.parse(startsAt))).toISOString(),
    generatorURL: body.url
  }
}

function ownAnnotations ({ late, ack_url: ackUrl }: NoticeBody): Record<string, string> {
  return {
    ...(late === undefined ? {} : { told_late: `no rule was evaluated from ${late.from} to ${late.to}` }),
    ...(ackUrl === undefined ? {} : { ack_url: ackUrl })
  }
}

/** Adds texts to our own, under names as Prometheus allows them; two that become the same are told apart by a number, in the order of the alphabet. */
function validNames (texts: Readonly<Record<string, string>>, own: Readonly<Record<string, string>>): Record<string, string> {
  const valid = { ...own }
  for (const [name, text] of Object.entries(texts).sort(([a], [b]) => a < b ? -1 : 1)) {
    const plain = name.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=\d|$)/, '_')
    valid[freeName(plain, valid)] = clip(text, MOST_VALUE)
  }
  return valid
}

function freeName (name: string, taken: Readonly<Record<string, string>>): string {
  let number = 2
  let free = name
  while (Object.hasOwn(taken, free)) free = `${name}_${number++}`
  return free
}
