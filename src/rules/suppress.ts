import type { Told } from '../../schemas/alert-state.ts'
import type { NoticeType } from '../../schemas/notice.ts'
import type { AlertLevel, Labels, Rule } from '../../schemas/rule.ts'
import { ALERT_LEVELS } from '../../schemas/words.ts'
import { parseDuration } from '../core/duration.ts'
import { labelsAgree } from './labels.ts'
import { isActive, type MutableAlert, type Mute } from './mutes.ts'

export const NOTHING_TOLD: Told = Object.freeze({ announced: Object.freeze({}), held: Object.freeze({}), newsAt: null, lastAt: null })

/** Moves the times of what was told by `ms`: the clock was set, and waits go on as they were. */
export function shiftTold (told: Told, ms: number): Told {
  const moved = (at: number | null): number | null => at === null ? null : at + ms
  return { ...told, newsAt: moved(told.newsAt), lastAt: moved(told.lastAt) }
}

/** Covers the alert at the level at which it was given: what gets worse afterwards is news. `until` null is for good. */
export interface Acknowledgement {
  id: string
  level: AlertLevel
  until: number | null
}

/** An alert that fires now, of a rule that others may depend on. */
export interface FiringElsewhere {
  ruleId: string
  labels: Labels
  isDraft: boolean
}

/** What may hold back notices at this moment. */
export interface Circumstances {
  mutes: readonly Mute[]
  acknowledgement: Acknowledgement | undefined
  firing: readonly FiringElsewhere[]
  now: number
}

export interface PlannedNotice {
  channel: string
  type: Exclude<NoticeType, 'test'>
}

/** Why somebody is told although the alert did not change: again, or others as well since nobody has acknowledged it. */
export type TellingAgain = 'reminded' | 'unanswered'

export interface Holder {
  kind: 'silence' | 'maintenance' | 'acknowledgement' | 'dependency'
  id: string
  /** Notices that it held back now, and had not held back before. */
  count: number
}

export interface Plan {
  notices: PlannedNotice[]
  held: Holder[]
  told: Told
  /** Set when a notice is due to time alone. */
  again?: TellingAgain
}

/**
 * Decides which notices a firing alert is due: to each channel of its level, and to each that knows of it already, one when it begins and one
 * when it gets worse; while nobody has acknowledged it, again every `renotify`, and to those of `escalate` when it is time. Asked again at
 * every tick it gives what is still owed: nothing, mostly, and what a silence held back when it ends while the alert still fires. A draft
 * is owed nothing.
 */
export function planFiring (rule: Rule, alert: MutableAlert, told: Told, circumstances: Circumstances): Plan {
  const due = rule.draft ? NOTHING_DUE : dueOf(rule, alert, told, circumstances)
  if (Object.values(due).every(({ length }) => length === 0)) return { notices: [], held: [], told }
  const holders = holdersOf(rule, alert, circumstances)
  const moment = { level: alert.level, told, now: circumstances.now }
  return holders.length === 0 ? announce(due, moment) : holdBack(due, holders, moment)
}

/** Decides who is told that an alert is over: who was told that it fires, and nobody else. Nothing holds this back. */
export function planResolved (told: Told): PlannedNotice[] {
  return Object.keys(told.announced).map((channel) => ({ channel, type: 'alert.resolved' }))
}

/** The channels of a level: its own, or those of the rule. */
function channelsOf ({ levels, channels }: Rule, level: AlertLevel): readonly string[] {
  return levels[level]?.channels ?? channels
}

/** What is owed: news, to those who know already again, and to further ones because nobody has acknowledged. */
interface Due {
  news: readonly PlannedNotice[]
  again: readonly PlannedNotice[]
  further: readonly PlannedNotice[]
}

interface Telling {
  level: AlertLevel
  told: Told
  now: number
}

const NOTHING_DUE: Due = { news: [], again: [], further: [] }

function dueOf (rule: Rule, alert: MutableAlert, told: Told, { acknowledgement, now }: Circumstances): Due {
  const { level } = alert
  const isAnswered = acknowledgement !== undefined && covers(acknowledgement, alert, now)
  const known = Object.keys(told.announced)
  const news = [...new Set([...channelsOf(rule, level), ...known])].filter((channel) => !wasTold(told.announced, channel, level))
    .map((channel): PlannedNotice => ({ channel, type: known.includes(channel) ? 'alert.escalated' : 'alert.firing' }))
  if (isAnswered) return { news, again: [], further: [] }
  const isUnanswered = news.length === 0 && isEscalationDue(rule, told, now)
  const further = isUnanswered ? rule.escalate?.channels.filter((channel) => !known.includes(channel)) ?? [] : []
  const again = isReminderDue(rule, told, now) ? known.filter((channel) => wasTold(told.announced, channel, level)) : []
  return {
    news,
    again: again.map((channel) => ({ channel, type: 'alert.firing' })),
    further: further.map((channel) => ({ channel, type: 'alert.escalated' }))
  }
}

function isEscalationDue ({ escalate }: Rule, { newsAt }: Told, now: number): boolean {
  return escalate !== undefined && newsAt !== null && now - newsAt >= parseDuration(escalate.after)
}

function isReminderDue ({ renotify }: Rule, { lastAt }: Told, now: number): boolean {
  return renotify !== undefined && lastAt !== null && now - lastAt >= parseDuration(renotify)
}

function announce ({ news, again, further }: Due, { level, told, now }: Telling): Plan {
  const reason = further.length > 0 ? 'unanswered' : again.length > 0 ? 'reminded' : undefined
  return {
    notices: [...news, ...again, ...further],
    held: [],
    told: { ...told, announced: mark(told.announced, [...news, ...further], level), ...timesOf({ news, again }, { told, now }) },
    ...(reason === undefined ? {} : { again: reason })
  }
}

/** What is owed anew counts once for as long as it is held back, a reminder each time that it would have come. */
function holdBack ({ news, again, further }: Due, holders: ReadonlyArray<Omit<Holder, 'count'>>, { level, told, now }: Telling): Plan {
  const fresh = [...news, ...further].filter(({ channel }) => !wasTold(told.held, channel, level))
  const count = fresh.length + again.length
  if (count === 0) return { notices: [], held: [], told }
  const held = holders.map((holder) => ({ ...holder, count }))
  return { notices: [], held, told: { ...told, held: mark(told.held, fresh, level), ...timesOf({ news, again }, { told, now }) } }
}

function timesOf ({ news, again }: Pick<Due, 'news' | 'again'>, { told, now }: Omit<Telling, 'level'>): Pick<Told, 'newsAt' | 'lastAt'> {
  return {
    newsAt: news.length > 0 ? now : told.newsAt,
    lastAt: news.length + again.length > 0 ? now : told.lastAt
  }
}

function mark (levels: Told['announced'], notices: readonly PlannedNotice[], level: AlertLevel): Told['announced'] {
  return { ...levels, ...Object.fromEntries(notices.map(({ channel }) => [channel, level])) }
}

function wasTold (levels: Told['announced'], channel: string, level: AlertLevel): boolean {
  const known = Object.hasOwn(levels, channel) ? levels[channel] : undefined
  return known !== undefined && reaches(known, level)
}

function reaches (one: AlertLevel, other: AlertLevel): boolean {
  return ALERT_LEVELS.indexOf(one) >= ALERT_LEVELS.indexOf(other)
}

function holdersOf (rule: Rule, alert: MutableAlert, { mutes, acknowledgement, firing, now }: Circumstances): Array<Omit<Holder, 'count'>> {
  return [
    ...mutes.filter((mute) => isActive(mute, now) && mute.isAbout(alert)).map(({ kind, id }) => ({ kind, id })),
    ...(acknowledgement !== undefined && covers(acknowledgement, alert, now) ? [{ kind: 'acknowledgement' as const, id: acknowledgement.id }] : []),
    ...causesOf(rule, alert, firing).map((id) => ({ kind: 'dependency' as const, id }))
  ]
}

function covers ({ level, until }: Acknowledgement, alert: MutableAlert, now: number): boolean {
  return reaches(level, alert.level) && (until === null || now < until)
}

/** The rules depended on that fire for the same thing. Nobody hears of a draft, so it explains nothing. */
function causesOf ({ depends_on: ids = [] }: Rule, { labels }: MutableAlert, firing: readonly FiringElsewhere[]): string[] {
  return ids.filter((id) => firing.some((other) => other.ruleId === id && !other.isDraft && labelsAgree(other.labels, labels)))
}
