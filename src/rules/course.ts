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

export const OFF: Course = Object.freeze({ isOn: false, since: null, isBlind: false })
const ON: Course = Object.freeze({ isOn: true, since: null, isBlind: false })
export const BLIND: Course = Object.freeze({ isOn: true, since: null, isBlind: true })

/** Follows the condition once it has said the same for `delayMs`. Returns the same course where nothing changed. */
export function nextCourse (course: Course, isWanted: boolean, delayMs: number, now: number): Course {
  if (isWanted === course.isOn) return course.since === null && !(isWanted && course.isBlind) ? course : settled(isWanted)
  const since = course.since ?? now
  if (now - since >= delayMs) return settled(isWanted)
  return course.since === null ? { ...course, since } : course
}

function settled (isOn: boolean): Course {
  return isOn ? ON : OFF
}
