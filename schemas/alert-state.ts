import type { AlertPhase } from './alert.ts'
import type { AlertLevel } from './rule.ts'

/**
 * Whether one level of an alert is on. `since` is the time, in ms since the epoch, from which its condition has said
 * otherwise: while it is off, how long it has been pending; while it is on, how long it has been kept. Null when both agree.
 */
export interface Course {
  isOn: boolean
  since: number | null
  /** It went on because data were missing, not because a limit was crossed. */
  isBlind: boolean
}

/**
 * The alert of one rule for one label set, as a plain value: JSON and back is the same state. It changes only when
 * something happened, so that storing it on change is enough. All times are ms since the epoch.
 */
export interface AlertState {
  readonly phase: AlertPhase
  /** The level that it fires at; null in every other phase. */
  readonly level: AlertLevel | null
  readonly courses: Readonly<Record<AlertLevel, Course>>
  /** Since when there has been nothing to judge. Timers stand still meanwhile. */
  readonly blindSince: number | null
  /** The last changes of level, oldest first: what flapping is told by. */
  readonly flips: readonly number[]
  readonly isFlapping: boolean
}

/**
 * What the channels know of one alert, as a plain value that is kept with it. The channel is the key; the level is the gravest
 * that it was told, or that was held back from it.
 */
export interface Told {
  readonly announced: Readonly<Record<string, AlertLevel>>
  readonly held: Readonly<Record<string, AlertLevel>>
  /** When there was last something new to tell, and when something new or a reminder. */
  readonly newsAt: number | null
  readonly lastAt: number | null
}
