import type { Event } from '../../schemas/event.ts'
import type { Appended, ReceiptItem, Rejection } from '../../schemas/submission.ts'

export interface Part {
  appended: Appended
  /** The id that the sender gave the event at a place in `events`. */
  clientId: (at: number) => string | null
  indexes: readonly number[]
  rejections: readonly Rejection[]
  all: boolean
  /** What an event would be, to be shown with it. */
  eventOf?: (at: number) => Event | undefined
}

/** Lists what was not accepted (or all), in the order of the body. */
export function itemsOf ({ appended: { ids, ...appended }, clientId, indexes, rejections, all, eventOf }: Part): ReceiptItem[] {
  const [duplicates, conflicts, renamed] = [new Set(appended.duplicates), new Set(appended.conflicts), new Set(appended.renamed)]
  const listed = all ? Array.from(ids.keys()) : [...duplicates, ...conflicts]
  const stored = listed.map((at): ReceiptItem => {
    const own = clientId(at)
    if (conflicts.has(at)) return { index: indexes[at] ?? at, id: own ?? '', status: 'conflict', error: conflictMessage(own), errors: [{ path: '/event_id', message: conflictMessage(own) }] }
    const item: ReceiptItem = { index: indexes[at] ?? at, id: renamed.has(at) || own === null ? String(ids[at]) : own, status: duplicates.has(at) ? 'duplicate' : 'accepted' }
    const event = eventOf?.(at)
    return event === undefined ? item : { ...item, event }
  })
  const refused = rejections.map(({ index, faults }): ReceiptItem => (
    { index, status: 'rejected', error: faults.map(({ path, message }) => `${path}: ${message}`).join('; '), errors: [...faults] }))
  return stored.concat(refused).sort((a, b) => a.index - b.index)
}

export function conflictMessage (clientId: string | null): string {
  return `event_id ${JSON.stringify(clientId)} was sent before with another content: nothing was stored; give this event an id of its own`
}
