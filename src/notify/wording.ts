import { unreachable } from '../core/errors.ts'
import type { NoticeBody } from '../../schemas/notice.ts'
import { clip } from './clip.ts'
import { formatNumber } from './fields.ts'

export type Tone = 'good' | 'warning' | 'bad'

/** What every chat says of a notice, as plain text: each channel escapes and cuts it in its own way. */
export interface Wording {
  title: string
  text: string
  tone: Tone
  /** When it happened last, ISO 8601. */
  at: string
  /** Where to read on, and what that is called. */
  url: string
  link: string
  /** Where it can be acknowledged. */
  ackUrl?: string | undefined
}

/** What a link is called that acknowledges. */
export const ACKNOWLEDGE = 'Acknowledge'
/** Of a group so many are named. */
const MOST_NAMED = 20
/** In code points, so that all the lines of a group fit into each chat. */
const MOST_LINE = 140
/** In a name or a label they would pass for lines of our own. */
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu
const TONES: readonly Tone[] = ['bad', 'warning', 'good']

/** Puts a notice into words. The rule's annotation `summary` is the text where there is one, `description` follows it. */
export function wordingOf (body: NoticeBody): Wording {
  const { annotations } = body
  const lines = [annotations['summary'] ?? sentence(body), annotations['description'], labelsText(body), timesText(body), lateText(body)]
  const text = lines.filter((line) => line !== undefined && line !== '').join('\n')
  return { title: title(body), text, tone: tone(body), at: timeOf(body), url: body.url, link: 'Open the alert', ackUrl: body.ack_url }
}

/** Puts a group of notices into words, the gravest first, then by their start: how many there are, and what the first of them are. */
export function groupWording (notices: readonly NoticeBody[]): Wording {
  // A channel that stands in for another may be told the same twice.
  const bodies = [...new Map(notices.map((body) => [body.event_id, body])).values()]
  const sorted = bodies.toSorted((a, b) => TONES.indexOf(tone(a)) - TONES.indexOf(tone(b)) || Date.parse(a.started_at) - Date.parse(b.started_at))
  const lines = sorted.slice(0, MOST_NAMED).map((body) => clip([title(body), labelsText(body)].filter((text) => text !== '').join(' · '), MOST_LINE))
  const more = bodies.length > MOST_NAMED ? [`and ${bodies.length - MOST_NAMED} more`] : []
  const counts = (['firing', 'resolved'] as const).map((state) => ({ state, count: bodies.filter((body) => body.state === state).length }))
  return {
    title: `${bodies.length} alerts: ${counts.filter(({ count }) => count > 0).map(({ state, count }) => `${count} ${state}`).join(', ')}`,
    text: [...lines, ...more].join('\n'),
    tone: TONES.find((one) => sorted.some((body) => tone(body) === one)) ?? 'good',
    at: bodies.map(timeOf).reduce((a, b) => Date.parse(a) > Date.parse(b) ? a : b),
    url: sorted[0] === undefined ? '' : sorted[0].url.slice(0, sorted[0].url.lastIndexOf('/')),
    link: 'Open the alerts'
  }
}

function timeOf ({ started_at: startedAt, ended_at: endedAt }: NoticeBody): string {
  return endedAt ?? startedAt
}

function title ({ type, rule, severity }: NoticeBody): string {
  const name = oneLine(rule.name)
  switch (type) {
    case 'alert.firing': return `${severity.toUpperCase()}: ${name}`
    case 'alert.escalated': return `ESCALATED, ${severity.toUpperCase()}: ${name}`
    case 'alert.resolved': return `RESOLVED: ${name}`
    case 'test': return `TEST: ${name}`
    default: return unreachable(type)
  }
}

/** What was measured, against what; empty when there was no value. */
export function measuredText ({ value, limit, unit }: Pick<NoticeBody, 'value' | 'limit' | 'unit'>): string {
  if (value === null) return ''
  return `${quantity(value, unit)}${limit === null ? '' : `, the limit is ${quantity(limit, unit)}`}`
}

function sentence ({ value, limit, unit, state }: NoticeBody): string | undefined {
  if (value === null) return undefined
  return `The value ${state === 'firing' ? 'is' : 'is now'} ${measuredText({ value, limit, unit })}.`
}

function quantity (value: number, unit: string): string {
  return unit === '' ? formatNumber(value) : `${formatNumber(value)} ${unit}`
}

function labelsText ({ labels }: NoticeBody): string {
  return Object.entries(labels).map(([name, value]) => oneLine(`${name}=${value}`)).join(', ')
}

function oneLine (text: string): string {
  return text.replace(BREAKS, ' ')
}

function timesText ({ started_at: startedAt, ended_at: endedAt }: NoticeBody): string {
  return endedAt === undefined ? `Since ${startedAt}` : `From ${startedAt} to ${endedAt}`
}

function lateText ({ late }: NoticeBody): string | undefined {
  return late === undefined ? undefined : `Told late: no rule was evaluated from ${late.from} to ${late.to}`
}

function tone ({ type, state, severity }: NoticeBody): Tone {
  if (type === 'test' || state === 'resolved') return 'good'
  return severity === 'critical' ? 'bad' : 'warning'
}
