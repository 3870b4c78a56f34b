import { groupName } from './alert-book.ts'
import type { Change } from '../rules/evaluate.ts'
import type { NoticePlan, Steps, Telling } from './tick-plan.ts'

/** A part of what a moment changed: some alerts, each with everything that became of it. */
export interface TickPiece extends Pick<Steps, 'opened' | 'transitions'>, Pick<Telling, 'heldBack' | 'marks'> {
  changes: readonly Change[]
  planned: readonly NoticePlan[]
}

/**
 * Cuts what a moment changed into pieces of `most` label sets, in the order of the changes, so that each can be stored for itself: what
 * belongs to one alert is in one piece. Gives one piece at least.
 */
export function piecesOf (steps: Steps, telling: Telling, changes: readonly Change[], most: number): TickPiece[] {
  const places = new Map<string, number>()
  const names = new Map(Array.from(steps.alerts, ([name, { id }]) => [id, name]))
  const cut = <T>(members: readonly T[], nameOf: (member: T) => string): Map<number, T[]> => Map.groupBy(members, (member) => {
    const name = nameOf(member)
    const place = places.get(name) ?? places.size
    places.set(name, place)
    return Math.floor(place / most)
  })
  const byAlert = <T extends { alertId: string }>(members: readonly T[]) => cut(members, ({ alertId }) => names.get(alertId) ?? alertId)

  const changed = cut(changes, ({ ruleId, key }) => groupName(ruleId, key))
  const opened = cut(steps.opened, ({ ruleId, groupKey }) => groupName(ruleId, groupKey))
  const transitions = byAlert([...steps.transitions, ...telling.entries])
  const [marks, heldBack] = [byAlert(telling.marks), byAlert(telling.heldBack)]
  const planned = cut(telling.notices, ({ alert: { ruleId, groupKey } }) => groupName(ruleId, groupKey))
  return Array.from({ length: Math.max(1, Math.ceil(places.size / most)) }, (_, at) => ({
    changes: changed.get(at) ?? [],
    opened: opened.get(at) ?? [],
    transitions: transitions.get(at) ?? [],
    marks: marks.get(at) ?? [],
    heldBack: heldBack.get(at) ?? [],
    planned: planned.get(at) ?? []
  }))
}
