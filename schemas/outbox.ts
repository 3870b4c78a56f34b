import type { Attempt, Notice } from './notice.ts'

/** What may be sent now. Asked for each channel, so that one for which much waits takes nothing from the others. */
export interface DueQuestion {
  now: number
  channels: readonly DueChannel[]
  /** Lanes that are busy, each as `<alert id>/<channel id>`. */
  exceptLanes: readonly string[]
}

/** So many of the notices whose `via` is this channel. */
export interface DueChannel {
  id: string
  limit: number
  /** Those that are to be told again, too: not while its fallback stands in for it, which is never told again for it. */
  withRepeats: boolean
}

/** What an attempt came to, for each notice that it told and for the channel that was used. */
export interface Settlement {
  attempt: Attempt
  steps: readonly Step[]
  health: HealthChange
}

/** A notice as it was before the attempt, and what becomes of it. */
export interface Step {
  notice: Omit<Notice, 'body'>
  next: NextStep
}

/** `repeatAt` asks for a delivered notice again, unless a later one exists for its alert and channel. */
export type NextStep =
  | { state: 'delivered', repeatAt?: number }
  | { state: 'waiting', dueAt: number, via: string }
  | { state: 'failed' }

export interface HealthChange {
  channelId: string
  /** `well` sets its failures to 0, `failing` adds one, `throttled` leaves them, `gone` switches the channel off. */
  state: 'well' | 'failing' | 'throttled' | 'gone'
  /** Nothing may be sent to it before; an earlier word to wait longer still holds. */
  heldUntil?: number
  /** All notices that wait for it are due at once: it is back, or its fallback takes over. */
  hastens: boolean
}
