/** How often an id came in one session: the fewest and the most of all sessions learned. */
export interface Range {
  fewest: number
  most: number
}

/** What was learned of sessions that are taken as healthy. A plain value. */
export interface SessionModel {
  sessions: number
  ranges: Map<string, Range>
}

export interface SessionVerdict {
  anomalous: boolean
  /** In words, one an id. */
  reasons: string[]
}

export function emptyModel (): SessionModel {
  return { sessions: 0, ranges: new Map() }
}

/** Takes one session into `model`: the ids of its patterns in any order. */
export function learnSession (model: SessionModel, ids: readonly string[]): void {
  const counts = countsOf(ids)
  for (const [id, count] of counts) {
    // An id that is new now was in none of the sessions before.
    const { fewest, most } = model.ranges.get(id) ?? { fewest: model.sessions === 0 ? count : 0, most: count }
    model.ranges.set(id, { fewest: Math.min(fewest, count), most: Math.max(most, count) })
  }
  for (const [id, range] of model.ranges) {
    if (!counts.has(id)) range.fewest = 0
  }
  model.sessions++
}

/** Judges a session at its end: an id never seen, or one that came more or less often than in any session learned. */
export function judgeSession ({ sessions, ranges }: SessionModel, ids: readonly string[]): SessionVerdict {
  if (sessions === 0) return { anomalous: false, reasons: [] }
  const counts = countsOf(ids)
  const unseen = [...counts.keys()].filter((id) => !ranges.has(id)).map((id) => `${id} was never seen`)
  const outside = [...ranges].flatMap(([id, range]) => reasonsOf(id, counts.get(id) ?? 0, range))
  const reasons = [...unseen, ...outside]
  return { anomalous: reasons.length > 0, reasons }
}

function reasonsOf (id: string, count: number, { fewest, most }: Range): string[] {
  if (count > most) return [`${id} came ${times(count)}, at most ${times(most)} before`]
  if (count < fewest) return [count === 0 ? `${id} is missing, at least ${times(fewest)} before` : `${id} came ${times(count)}, at least ${times(fewest)} before`]
  return []
}

function times (count: number): string {
  return count === 1 ? 'once' : `${count} times`
}

function countsOf (ids: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1)
  return counts
}
