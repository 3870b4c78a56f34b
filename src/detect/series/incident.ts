import { Type, type Static } from '@sinclair/typebox'

/** What a series is telling: the worst score that was told, and when it last was over the threshold. */
export const Incident = Type.Object({
  worst: Type.Number(),
  at: Type.Number()
})
export type Incident = Static<typeof Incident>

/** Whether to tell: a new incident, one that got worse, or nothing that is not told already. */
export type Alarm = 'new' | 'worse'

const COOL_DOWN_MS = 3_600_000
const WORSE = 1.5

/** Judges a score over the threshold: within the cool-down it belongs to the incident before, and is told again only when it is half as bad again. */
export function nextIncident (before: Incident | null, score: number, at: number): { incident: Incident, alarm?: Alarm } {
  if (before === null || Math.abs(at - before.at) > COOL_DOWN_MS) return { incident: { worst: score, at }, alarm: 'new' }
  if (score >= WORSE * before.worst) return { incident: { worst: score, at }, alarm: 'worse' }
  return { incident: { worst: before.worst, at } }
}
