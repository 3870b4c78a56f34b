import { EVENT_LIMITS, type Level, type Severity } from '../../schemas/event.ts'
import type { TokenRules } from '../../schemas/token.ts'
import type { NotedPart } from '../../schemas/submission.ts'
import type { Fault } from '../core/errors.ts'
import { isFields, setField, type Fields } from './fields.ts'
import { knownName, valueAt, type Meaning, type Name, type Part } from './names.ts'

/** What the query string says of every event of a request, used where the event itself says nothing. Already checked by the caller. */
export interface Stamp {
  service?: string
  level?: Level
  type?: string
  host?: string
}

export interface NormaliseContext {
  /** ms since the epoch: the time of an event that has none. */
  now: number
  stamp: Stamp
  /** What the token says of every event, whatever the event says. */
  rules?: TokenRules
  severityOf: (level: Level) => Severity
}

/** What was not understood, where. */
export interface Note extends Fault {
  part: NotedPart
}

/** An event while it is read. */
export interface Draft {
  input: Fields
  context: NormaliseContext
  /** The names of each part that the input has, the surest first. */
  found: Array<Name[] | undefined>
  /** What goes to meta. */
  kept: Fields | undefined
  faults: Fault[]
  /** What was not understood, and is kept nevertheless. */
  notes: Note[] | undefined
}

/** Takes a value for its part, or leaves it (`undefined`) for meta and the next name. May add faults and notes. */
export type Take<T> = (draft: Draft, name: Name, value: unknown) => T | undefined

function keep (draft: Draft, name: string, value: unknown): void {
  draft.kept ??= {}
  setField(draft.kept, name, value)
}

/** Leaves a value to meta. What is inside an object is kept with the object. */
export function leave (draft: Draft, { outer }: Name): void {
  keep(draft, outer, draft.input[outer])
}

/** Few names may be noted of one event, so that these need no bound. */
export function note (draft: Draft, note: Note): void {
  draft.notes ??= []
  draft.notes.push(note)
}

function find (draft: Draft, { part, name }: Meaning): void {
  const found = draft.found[part]
  if (found === undefined) {
    draft.found[part] = [name]
    return
  }
  let at = found.length
  while (at > 0 && (found[at - 1]?.rank ?? 0) > name.rank) at--
  found.splice(at, 0, name)
}

function findInside (draft: Draft, inner: ReadonlyMap<string, Meaning[]>, value: Fields): void {
  for (const [key, meanings] of inner) {
    if (!Object.hasOwn(value, key)) continue
    for (const meaning of meanings) find(draft, meaning)
  }
}

/** Looks at each field once. Keeps one name more than meta may have, which is enough to be refused for. */
export function sortFields (draft: Draft): void {
  const { input } = draft
  let kept = 0
  for (const key of Object.keys(input)) {
    const known = knownName(key)
    if (known?.own !== undefined) find(draft, known.own)
    else if (kept++ <= EVENT_LIMITS.metaKeys) keep(draft, key, input[key])
    if (known === undefined || known.inner.size === 0) continue
    const value = input[key]
    if (isFields(value)) findInside(draft, known.inner, value)
  }
}

/** One place for each of PARTS; written out, so that it is made as fast as any other array. */
export function nothingFound (): Draft['found'] {
  return [undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined]
}

export function isAbsent (value: unknown): boolean {
  return value === null || value === ''
}

/** Takes the first value of a part that is there and is understood, keeps the others in meta. */
export function pick<T> (draft: Draft, part: Part, take: Take<T>): T | undefined {
  const found = draft.found[part]
  if (found === undefined) return undefined
  let picked: T | undefined
  for (const name of found) {
    const value = valueAt(draft.input, name)
    if (isAbsent(value)) continue
    const taken = picked === undefined ? take(draft, name, value) : undefined
    if (taken === undefined || name.kind === 'loose') leave(draft, name)
    picked ??= taken
  }
  return picked
}
