import type { EventFields, NewEvent } from '../../../../schemas/event.ts'
import { parseMeta } from '../../../query/meta.ts'

/** What of an event decides under which name its id is kept. */
export type SentId = Pick<NewEvent, 'clientId' | 'idHint' | 'meta'>

/** Row ids have 16 digits from 2000 to 2279: a sender's id of that form could be taken for one. */
const ROW_ID = /^[1-9]\d{15}$/

export function looksLikeRow (clientId: string): boolean {
  return ROW_ID.test(clientId)
}

/** The event as it is stored when it cannot be answered by its own id, which moves to meta. */
export function withoutName<E extends EventFields & SentId> (event: E): E {
  return { ...event, clientId: null, meta: metaWithId(event) }
}

/** Adds the id under the name that it was sent by, or the next free one. The rest of the text stays as it is: parsing would round numbers. */
export function metaWithId ({ clientId, idHint, meta }: SentId): string | null {
  if (clientId === null) return meta
  const value = idHint ?? JSON.stringify(clientId)
  const names = meta === null ? [] : Object.keys(parseMeta(meta) ?? {})
  const name = freeName(idHint === null ? 'event_id' : 'id', new Set(names))
  return `{${JSON.stringify(name)}:${value}${names.length === 0 ? '}' : `,${meta?.slice(1) ?? ''}`}`
}

function freeName (name: string, taken: ReadonlySet<string>): string {
  let free = name
  for (let number = 2; taken.has(free); number++) free = `${name}_${number}`
  return free
}
