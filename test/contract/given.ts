import type { Test } from 'tap'
import type { EventFields, NewEvent } from '../../schemas/event.ts'
import type { Appended, Submission } from '../../schemas/submission.ts'
import { matcher } from '../../src/query/match.ts'
import { parseQuery } from '../../src/query/parse.ts'
import type { Store, ReadArgs, ReadOptions, ReadValue } from '../../src/store/store.ts'

/** Where a store keeps its data: opening the same folder again finds the same data. */
export interface Place {
  dataDir: string
  /** 1 makes each group of submissions begin a new partition. */
  partitionBytes?: number
}

/** Opens the store of a place; it is closed with the test. */
export type OpenStore = (t: Test, place: Place) => Promise<Store>

/** What each store must do: a sentence, and its proof. */
export type Cases = Record<string, (t: Test, store: Store) => Promise<void>>

/** Cases that share a store, since opening one is dear: each looks at its own events alone, or at whatever there is. */
export interface Group {
  partitionBytes: number
  given?: (store: Store) => Promise<unknown>
  cases: Cases
}

export type StoredEvent = ReadValue<'pageEvents'>['events'][number]
type PageArgs = ReadArgs<'pageEvents'>

export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

/** Begins the hour that the tests run in: what is sent now is neither late nor early. */
export const HOUR = Date.now() - Date.now() % HOUR_MS
export const EVER = { from: 0, to: Date.UTC(2201, 0, 1) }

export function newEvent (fields: Partial<NewEvent> = {}): NewEvent {
  return {
    time: HOUR,
    level: 'INFO',
    severity: 'LOW',
    service: null,
    type: null,
    host: null,
    traceId: null,
    clientId: null,
    message: 'something happened',
    meta: null,
    idHint: null,
    isTimed: true,
    ...fields
  }
}

let services = 0

/** A name that no other case uses. */
export function ownService (): string {
  return `own-${++services}`
}

export function newEvents (count: number, fieldsAt: (index: number) => Partial<NewEvent>): NewEvent[] {
  return Array.from({ length: count }, (_, index) => newEvent(fieldsAt(index)))
}

/** A new event as it comes out of the store again: what is only said on the way in is left out. */
export function fieldsOf ({ idHint: _hint, isTimed: _isTimed, ...fields }: NewEvent): EventFields {
  return fields
}

export function submission (events: readonly NewEvent[], more: Partial<Submission> = {}): Submission {
  return { tokenId: 'token', events, indexes: events.map((_, index) => index), rejections: [], ...more }
}

/** Stores groups of events one after the other: with `partitionBytes: 1` each in a partition of its own. */
export async function appendAll (store: Store, groups: ReadonlyArray<readonly NewEvent[]>): Promise<Appended[]> {
  const answers: Appended[] = []
  for (const group of groups) answers.push(await store.append(submission(group)))
  return answers
}

/** Cuts a list into at most `count` pieces of like size. */
export function cut<T> (list: readonly T[], count: number): T[][] {
  const size = Math.ceil(list.length / count)
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) => list.slice(index * size, (index + 1) * size))
}

export function pageArgs ({ q = '', ...args }: Partial<PageArgs> & { q?: string } = {}): PageArgs {
  return { where: parseQuery(q), range: EVER, order: 'desc', limit: 1_000, cursor: undefined, total: 'none', ...args }
}

export async function page (store: Store, args: Parameters<typeof pageArgs>[0] = {}, options?: ReadOptions): Promise<ReadValue<'pageEvents'>> {
  return store.read('pageEvents', pageArgs(args), options)
}

/** Follows the cursors to the end. Throws when that takes more than `most` pages. */
export async function allPages (
  store: Store, args: Parameters<typeof pageArgs>[0] = {}, { most = 2_000, ...options }: ReadOptions & { most?: number } = {}
): Promise<Array<ReadValue<'pageEvents'>>> {
  const pages: Array<ReadValue<'pageEvents'>> = []
  let cursor: PageArgs['cursor']
  do {
    const next = await page(store, { ...args, cursor }, options)
    pages.push(next)
    cursor = next.next
    if (pages.length > most) throw new Error(`the cursors have no end: ${JSON.stringify(pages.slice(-3).map(({ next }) => next))}`)
  } while (cursor !== undefined)
  return pages
}

export async function allEvents (store: Store, args: Parameters<typeof pageArgs>[0] = {}, options: ReadOptions & { most?: number } = {}): Promise<StoredEvent[]> {
  return (await allPages(store, args, options)).flatMap(({ events }) => events)
}

export function messagesOf (events: readonly StoredEvent[]): string[] {
  return events.map(({ message }) => message)
}

export function idsOf (events: readonly StoredEvent[]): number[] {
  return events.map(({ id }) => id)
}

export function oldestFirst (a: Pick<StoredEvent, 'time' | 'id'>, b: Pick<StoredEvent, 'time' | 'id'>): number {
  return a.time - b.time || a.id - b.id
}

/** All events there are in order of receipt; pages have no part in it. */
export async function everyEvent (store: Store): Promise<StoredEvent[]> {
  return store.read('eventsSince', { after: 0, where: undefined, limit: 100_000 })
}

/** What a query should find, by the matcher. */
export function wantedOf (events: readonly StoredEvent[], q: string): StoredEvent[] {
  const where = parseQuery(q)
  return where === undefined ? [...events] : events.filter(matcher(where))
}

export function countBy<T> (list: readonly T[], keyOf: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const item of list) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1
  return counts
}
