import type { Told } from '../../schemas/alert-state.ts'
import type { NoticeBody } from '../../schemas/notice.ts'
import type { Rule } from '../../schemas/rule.ts'
import { groupName } from './alert-book.ts'
import type { CompiledRule } from '../rules/compile.ts'
import type { Change } from '../rules/evaluate.ts'
import { parseGroupKey } from '../rules/labels.ts'
import { isActive, subjectOf, type MutableAlert, type Mute } from '../rules/mutes.ts'
import { NOTHING_TOLD, planFiring, planResolved, type Acknowledgement, type FiringElsewhere, type Plan, type TellingAgain } from '../rules/suppress.ts'
import { advance, openAlert, type AlertRecord, type NewAlert, type NewTransition } from '../store/hot/alerts/alert-rows.ts'
import type { AlertMark } from '../store/hot/alerts/alerts.ts'
import type { HeldBack } from '../store/hot/alerts/held-back.ts'

/** A rule at one of its versions. */
export interface KnownRule {
  rule: Rule
  version: number
  compiled: CompiledRule
}

/** What a moment is judged by. */
export interface Situation {
  now: number
  /** The alerts that are open, by `groupName`. */
  alerts: ReadonlyMap<string, AlertRecord>
  ruleOf: (id: string) => KnownRule | undefined
  mutes: readonly Mute[]
  /** Of the names and ids of channels that a rule gives, in ids; of none those that are told without being named. */
  channelIds: (names: readonly string[]) => readonly string[]
}

/** Changes of alerts before they are stored. */
export interface Steps {
  opened: NewAlert[]
  transitions: NewTransition[]
  /** Alerts as they will be, those of before that do not change among them. */
  alerts: ReadonlyMap<string, AlertRecord>
  /** Ids of those that begin to fire. */
  crossed: ReadonlySet<string>
}

export interface NoticePlan {
  alert: AlertRecord
  /** Undefined for one that was removed before the start. */
  rule: Rule | undefined
  channelId: string
  type: Exclude<NoticeBody['type'], 'test'>
}

export interface Telling {
  notices: NoticePlan[]
  /** Entries of timelines that telling makes: somebody was reminded, or more were told since nobody acknowledged. */
  entries: NewTransition[]
  heldBack: HeldBack[]
  marks: AlertMark[]
}

/** Turns what the state machine says into entries of timelines: an alert begins with the first entry of its label set. */
export function stepsOf (changes: readonly Change[], { alerts: before, ruleOf }: Situation): Steps {
  const steps = { opened: new Array<NewAlert>(), transitions: new Array<NewTransition>(), alerts: new Map(before), crossed: new Set<string>() }
  for (const { ruleId, key, transition } of changes) {
    const known = ruleOf(ruleId)
    if (transition === undefined) continue
    const name = groupName(ruleId, key)
    const open = before.get(name)
    const begins = transition.to === 'pending' || transition.to === 'firing'
    if (open === undefined && !begins) continue
    const alert: NewAlert = open ?? {
      id: `alr_${crypto.randomUUID()}`, ruleId, ruleVersion: known?.version ?? 0, groupKey: key, labels: { ...known?.rule.labels, ...parseGroupKey(key) }
    }
    const entry: NewTransition = {
      ...transition, from: open === undefined ? 'inactive' : transition.from, id: `evt_${crypto.randomUUID()}`, alertId: alert.id, ruleVersion: known?.version ?? 0, limit: limitOf(known, transition), actor: null, note: null
    }
    if (open === undefined) steps.opened.push(alert)
    if (entry.to === 'firing' && entry.from !== 'firing') steps.crossed.add(alert.id)
    steps.transitions.push(entry)
    steps.alerts.set(name, advance(open ?? openAlert(alert, entry), entry))
  }
  return steps
}

/** Decides who is told what, of what fires and of what has just ended. */
export function tellingOf (alerts: Iterable<AlertRecord>, situation: Situation): Telling {
  const telling: Telling = { notices: [], entries: [], heldBack: [], marks: [] }
  const all = [...alerts]
  const firing = all.filter(({ state }) => state === 'firing').map(({ ruleId, labels, isDraft }): FiringElsewhere => ({ ruleId, labels, isDraft }))
  for (const alert of all) {
    if (alert.state === 'firing') tellFiring(telling, alert, { ...situation, firing })
    if (alert.state === 'resolved') tellResolved(telling, alert, situation)
  }
  return telling
}

/** An alert as silences see it. */
export function mutable ({ ruleId, labels, severity }: Pick<AlertRecord, 'ruleId' | 'labels' | 'severity'>, known: Pick<KnownRule, 'rule' | 'compiled'> | undefined): MutableAlert {
  const about = known === undefined ? undefined : subjectOf(known.compiled, labels)
  return { ruleId, ruleName: known?.rule.name ?? ruleId, level: severity ?? 'warning', labels, about }
}

function tellFiring (telling: Telling, alert: AlertRecord, { firing, ...situation }: Situation & { firing: readonly FiringElsewhere[] }): void {
  const { now, mutes, ruleOf, channelIds } = situation
  const known = ruleOf(alert.ruleId)
  if (known === undefined) return
  const rule = byIds(known.rule, channelIds)
  const seen = mutable(alert, known)
  const plan = planFiring(rule, seen, toldOf(alert), { now, mutes, acknowledgement: acknowledgementOf(alert), firing })
  const entry = plan.again === undefined ? undefined : entryOf(alert, known, { reason: plan.again, now })
  const told = entry === undefined ? alert : advance(alert, entry)
  if (entry !== undefined) telling.entries.push(entry)
  telling.notices.push(...plan.notices.map(({ channel, type }) => ({ alert: told, rule: known.rule, channelId: channel, type })))
  telling.heldBack.push(...plan.held.map(({ kind, id, count }) => ({ alertId: alert.id, cause: kind, causeId: id, count })))
  const silencedBy = mutes.find((mute) => isActive(mute, now) && mute.isAbout(seen))?.id ?? null
  note(telling, alert, { plan, silencedBy })
}

/** Leaves the alert as it is: what is told again is a chapter of its story, with a number and an id of its own. */
function entryOf ({ id, severity, value, limit, isFlapping, isDraft }: AlertRecord, { version }: KnownRule, { reason, now }: { reason: TellingAgain, now: number }): NewTransition {
  return {
    id: `evt_${crypto.randomUUID()}`, alertId: id, ruleVersion: version, from: 'firing', to: 'firing', level: severity, value, limit, at: now, reason, isFlapping, isDraft, actor: null, note: null
  }
}

function note ({ marks }: Telling, alert: AlertRecord, { plan, silencedBy }: { plan: Plan, silencedBy: string | null }): void {
  const isToldMore = plan.notices.length > 0 || plan.held.length > 0
  if (!isToldMore && silencedBy === alert.silencedBy) return
  marks.push({ alertId: alert.id, silencedBy, ...(isToldMore ? { told: plan.told } : {}) })
}

/** A channel that was removed since can be told nothing more: what was made for it would wait for ever. */
function tellResolved ({ notices }: Telling, alert: AlertRecord, { ruleOf, channelIds }: Situation): void {
  const rule = ruleOf(alert.ruleId)?.rule
  const planned = planResolved(toldOf(alert)).filter(({ channel }) => channelIds([channel]).includes(channel))
  notices.push(...planned.map(({ channel, type }) => ({ alert, rule, channelId: channel, type })))
}

function limitOf (known: KnownRule | undefined, { level }: { level: AlertRecord['severity'] }): number | null {
  return level === null ? null : known?.rule.levels[level]?.value ?? null
}

/** The rule with channels by their ids: two names of one channel are one notice. */
function byIds (rule: Rule, channelIds: Situation['channelIds']): Rule {
  const unique = (names: readonly string[]): string[] => [...new Set(channelIds(names))]
  const levels = Object.entries(rule.levels).map(([name, level]) => [name, level.channels === undefined ? level : { ...level, channels: unique(level.channels) }])
  const { channels, escalate } = rule
  return {
    ...rule, channels: unique(channels), levels: Object.fromEntries(levels), ...(escalate === undefined ? {} : { escalate: { ...escalate, channels: unique(escalate.channels) } })
  }
}

function acknowledgementOf ({ id, acknowledgement }: AlertRecord): Acknowledgement | undefined {
  return acknowledgement === null ? undefined : { id, level: acknowledgement.severity, until: acknowledgement.until }
}

function toldOf ({ told }: AlertRecord): Told {
  return told ?? NOTHING_TOLD
}
