import type { Course } from '../../schemas/alert-state.ts'

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
