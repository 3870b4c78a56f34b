import type { AlertState, Course } from '../../schemas/alert-state.ts'
import type { AlertPhase, Transition, TransitionReason } from '../../schemas/alert.ts'
import type { AlertLevel } from '../../schemas/rule.ts'
import { ALERT_LEVELS } from '../../schemas/words.ts'
import { isOver, type CompiledRule, type Limit } from './compile.ts'
import { BLIND, nextCourse, OFF } from './course.ts'
import type { Verdict } from './signals.ts'

type Courses = AlertState['courses']

export interface Step {
  state: AlertState
  transition?: Transition
}

export const INITIAL_STATE: AlertState = Object.freeze({
  phase: 'inactive',
  level: null,
  courses: Object.freeze({ warning: OFF, critical: OFF }),
  blindSince: null,
  flips: Object.freeze([]),
  isFlapping: false
})

type Cause = 'value' | 'no_data'

interface Moment {
  now: number
  value: number | null
  cause: Cause
}

/**
 * Takes a verdict and gives the next state, the same object when nothing changed, and the transition if there is one.
 *
 * - A level goes on when its limit has been crossed for `for`, and off when the value has been back behind `recover` for
 *   `keep_firing_for`. The alert fires at the gravest level that is on: it escalates and eases, it is never two alerts.
 * - Without data the timers stand still and nothing changes; after `no_data_for`, `alert` puts the lightest level on, and `ok` counts as
 *   a good value. `unjudged` stands still only.
 * - Flapping: at so many changes of level within the window the alert fires on, at the gravest level that it had, and is
 *   resolved only when the level has not changed for a whole window and is off.
 */
export function nextState (rule: CompiledRule, state: AlertState, verdict: Verdict, now: number): Step {
  if (verdict === 'unjudged') return { state: freeze(state, now) }
  if (verdict === 'no_data') return withoutData(rule, freeze(state, now), now)
  const awake = thaw(state, now)
  const courses = mapCourses(awake.courses, (course, level) => {
    const limit = rule.limits[level]
    return limit === undefined ? OFF : nextCourse(course, isWanted(limit, course, verdict), delayOf(rule, course), now)
  })
  return settle(rule, awake, courses, { now, value: verdict, cause: 'value' })
}

/** Ends whatever there is: somebody resolved the alert, or its rule is gone. It begins anew if the limit is still crossed. */
export function closeState (state: AlertState, { now, reason, isDraft }: { now: number, reason: 'operator' | 'rule_off', isDraft: boolean }): Step {
  const { phase: from, level, isFlapping } = state
  const to = closedPhase(from)
  const closed: Step = { state: { ...INITIAL_STATE, phase: to } }
  if (from !== 'firing' && from !== 'pending') return closed
  return { ...closed, transition: { from, to, level, value: null, at: now, reason, isFlapping, isDraft } }
}

/** Gives the phase in which an alert of phase `from` ends. */
export function closedPhase (from: AlertPhase): AlertPhase {
  return from === 'firing' ? 'resolved' : 'inactive'
}

/** Moves every timer by `ms`, which may be negative: that much time passed on the clock and does not count. */
export function shiftState (state: AlertState, ms: number): AlertState {
  const courses = mapCourses(state.courses, (course) => shiftCourse(course, ms))
  if (courses === state.courses && state.blindSince === null && state.flips.length === 0) return state
  return {
    ...state,
    courses,
    blindSince: state.blindSince === null ? null : state.blindSince + ms,
    flips: state.flips.map((at) => at + ms)
  }
}

/** Tells whether a state says no more than that nothing is wrong. */
export function isIdle (rule: CompiledRule, state: AlertState, now: number): boolean {
  const { phase, courses, flips } = state
  if (phase === 'pending' || phase === 'firing' || isPending(courses)) return false
  return rule.flap === null || now - (flips.at(-1) ?? -Infinity) >= rule.flap.windowMs
}

function isWanted ({ op, value: limit, recover }: Limit, { isOn, isBlind }: Course, value: number): boolean {
  return isOver(op, value, isOn && !isBlind ? recover : limit)
}

function delayOf (rule: CompiledRule, course: Course): number {
  return course.isOn ? rule.keepFiringForMs : rule.forMs
}

function freeze (state: AlertState, now: number): AlertState {
  return state.blindSince === null ? { ...state, blindSince: now } : state
}

/** Goes on where `freeze` stopped: what was running then has not run meanwhile. */
function thaw (state: AlertState, now: number): AlertState {
  const { blindSince } = state
  if (blindSince === null) return state
  const shift = (course: Course) => course.since !== null && course.since < blindSince ? shiftCourse(course, now - blindSince) : course
  return { ...state, courses: mapCourses(state.courses, shift), blindSince: null }
}

function shiftCourse (course: Course, ms: number): Course {
  return course.since === null ? course : { ...course, since: course.since + ms }
}

function withoutData (rule: CompiledRule, state: AlertState, now: number): Step {
  const { then, afterMs } = rule.noData
  if (then === 'hold' || now - (state.blindSince ?? now) < afterMs) return { state }
  const lightest = ALERT_LEVELS.find((level) => rule.limits[level] !== undefined)
  const courses = mapCourses(state.courses, (course, level) => {
    if (then === 'ok') return nextCourse(course, false, delayOf(rule, course), now)
    return level === lightest && !course.isOn ? BLIND : course
  })
  return settle(rule, state, courses, { now, value: null, cause: 'no_data' })
}

/** Maps both levels; the same object when both stay the same. */
function mapCourses (courses: Courses, map: (course: Course, level: AlertLevel) => Course): Courses {
  const warning = map(courses.warning, 'warning')
  const critical = map(courses.critical, 'critical')
  return warning === courses.warning && critical === courses.critical ? courses : { warning, critical }
}

/** Draws the conclusion from the levels: flapping, phase, transition. */
function settle (rule: CompiledRule, before: AlertState, courses: Courses, moment: Moment): Step {
  const on = gravestOn(courses)
  const flips = on === gravestOn(before.courses) ? before.flips : noteFlip(rule, before.flips, moment.now)
  const isFlapping = isFlappingNow(rule, before, flips, moment.now)
  const level = isFlapping ? graver(on, before.level) : on
  const phase = phaseOf(before.phase, level, courses)
  if (courses === before.courses && isFlapping === before.isFlapping && phase === before.phase && level === before.level) return { state: before }
  const state: AlertState = { phase, level, courses, blindSince: before.blindSince, flips, isFlapping }
  const reason = reasonOf(before, state, moment.cause)
  if (reason === undefined) return { state }
  return {
    state,
    transition: {
      from: before.phase,
      to: phase,
      level: level ?? before.level ?? (phase === 'pending' ? gravestPending(courses) : null),
      value: moment.value,
      at: moment.now,
      reason,
      isFlapping,
      isDraft: rule.rule.draft
    }
  }
}

function noteFlip ({ flap }: CompiledRule, flips: readonly number[], now: number): readonly number[] {
  if (flap === null) return []
  return [...flips.filter((at) => now - at < flap.windowMs), now].slice(-flap.transitions)
}

/** It begins with a change that is one too many, and ends when the last change lies a window back. */
function isFlappingNow ({ flap }: CompiledRule, before: AlertState, flips: readonly number[], now: number): boolean {
  if (flap === null) return false
  if (before.isFlapping) return now - (flips.at(-1) ?? -Infinity) < flap.windowMs
  return flips !== before.flips && flips.length >= flap.transitions
}

function phaseOf (before: AlertPhase, level: AlertLevel | null, courses: Courses): AlertPhase {
  if (level !== null) return 'firing'
  if (before === 'firing') return 'resolved'
  if (isPending(courses)) return 'pending'
  return before === 'pending' ? 'inactive' : before
}

function reasonOf (before: AlertState, after: AlertState, cause: Cause): TransitionReason | undefined {
  if (after.phase !== before.phase) {
    if (after.phase === 'resolved' && before.isFlapping) return 'calm'
    if (cause === 'no_data') return 'no_data'
    return after.phase === 'pending' || after.phase === 'firing' ? 'crossed' : 'recovered'
  }
  if (after.level !== before.level) return after.level === graver(after.level, before.level) ? 'escalated' : 'eased'
  return after.isFlapping && !before.isFlapping ? 'flapping' : undefined
}

function gravestOn ({ warning, critical }: Courses): AlertLevel | null {
  if (critical.isOn) return 'critical'
  return warning.isOn ? 'warning' : null
}

function gravestPending ({ warning, critical }: Courses): AlertLevel | null {
  if (!critical.isOn && critical.since !== null) return 'critical'
  return !warning.isOn && warning.since !== null ? 'warning' : null
}

function isPending (courses: Courses): boolean {
  return gravestPending(courses) !== null
}

function graver (one: AlertLevel | null, other: AlertLevel | null): AlertLevel | null {
  return one === 'critical' || other === 'critical' ? 'critical' : one ?? other
}
