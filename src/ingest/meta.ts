import { EVENT_LIMITS } from '../../schemas/event.ts'
import type { Fault } from '../core/errors.ts'
import { addFault, isLongerThan, pointerStep, textFault } from '../core/faults.ts'
import { isFields, setField, type Fields } from './fields.ts'

/** What an event's meta is made of. */
export interface MetaParts {
  /** The sender's own meta. */
  sent: Fields | undefined
  /** Top-level fields that are no part of an event, under their own names. */
  kept: Fields | undefined
  /** The top-level type, which always has the name `type`. */
  type: string | null
  /** The environment that the token names, as `env`. */
  env: string | null
}

/** The shortest JSON text with one name too many: each takes `"":0,` or `{"":}`. */
const SHORTEST_WITH_TOO_MANY_KEYS = (EVENT_LIMITS.metaKeys + 1) * 5

function isSame (left: unknown, right: unknown): boolean {
  if (left === right) return true
  return typeof left === 'object' && typeof right === 'object' && JSON.stringify(left) === JSON.stringify(right)
}

function freeName (meta: Fields, name: string): string {
  let number = 2
  while (Object.hasOwn(meta, `${name}_${number}`)) number++
  return `${name}_${number}`
}

/** Adds all fields whose name is free, or taken by the same value already; returns the names of the others. */
function addFields (meta: Fields, fields: Fields): string[] {
  const taken: string[] = []
  for (const name of Object.keys(fields)) {
    if (!Object.hasOwn(meta, name)) setField(meta, name, fields[name])
    else if (!isSame(meta[name], fields[name])) taken.push(name)
  }
  return taken
}

/** Joins the parts. A name that is taken by another value goes to the sender's meta, and the field is kept as name_2, name_3... */
function joinParts (sent: Fields, kept: Fields, own: Fields): Fields {
  const meta = { ...own }
  const sentTaken = addFields(meta, sent)
  const keptTaken = addFields(meta, kept)
  // After all others, so that none takes a name that another field has by right.
  for (const name of sentTaken) setField(meta, freeName(meta, name), sent[name])
  for (const name of keptTaken) setField(meta, freeName(meta, name), kept[name])
  return meta
}

function joined ({ sent, kept, type, env }: MetaParts): Fields | undefined {
  if (type === null && env === null && (sent === undefined || kept === undefined)) return sent ?? kept
  return joinParts(sent ?? {}, kept ?? {}, { ...(type === null ? {} : { type }), ...(env === null ? {} : { env }) })
}

/**
 * So many names that joining them, with its search for free ones, would take seconds. Few above the limit are joined, to tell
 * their other faults too.
 */
function hasFarTooManyNames ({ sent, kept }: MetaParts): boolean {
  if (sent === undefined) return false
  const count = Object.keys(sent).length + (kept === undefined ? 0 : Object.keys(kept).length)
  return count > 4 * EVENT_LIMITS.metaKeys
}

interface Walk {
  faults: Fault[]
  /** How many names are left. */
  keys: number
}

function walkText (walk: Walk, text: string, path: string): void {
  const fault = textFault(text)
  if (fault !== undefined) addFault(walk.faults, path, fault)
}

function walkFields (walk: Walk, fields: Fields, path: string, depth: number): void {
  for (const name of Object.keys(fields)) {
    // What is refused for its number of names is not worth a longer look.
    if (--walk.keys < 0) return
    const valuePath = path + pointerStep(name)
    walkText(walk, name, valuePath)
    walkValue(walk, fields[name], valuePath, depth)
  }
}

function walkValue (walk: Walk, value: unknown, path: string, depth: number): void {
  if (typeof value === 'string') walkText(walk, value, path)
  const isList = Array.isArray(value)
  if (!isList && !isFields(value)) return
  if (depth > EVENT_LIMITS.metaDepth) return addFault(walk.faults, path, `nested deeper than ${EVENT_LIMITS.metaDepth} in meta`)
  if (!isList) return walkFields(walk, value, path, depth + 1)
  for (let index = 0; index < value.length && walk.keys >= 0; index++) walkValue(walk, value[index], `${path}/${index}`, depth + 1)
}

/** Looks at every name and value; the meta object itself has depth 1. */
function walkParts ({ sent, kept }: MetaParts, faults: Fault[]): void {
  const walk: Walk = { faults, keys: EVENT_LIMITS.metaKeys }
  const tooMany = `more than ${EVENT_LIMITS.metaKeys} names in meta and the fields kept there`
  if (sent !== undefined) walkValue(walk, sent, '/meta', 1)
  if (walk.keys < 0) return addFault(faults, '/meta', tooMany)
  if (kept !== undefined) walkValue(walk, kept, '', 1)
  if (walk.keys < 0) addFault(faults, '', tooMany)
}

function countOf (text: string, part: string, limit: number): number {
  let count = 0
  for (let at = text.indexOf(part); at !== -1 && count <= limit; at = text.indexOf(part, at + 1)) count++
  return count
}

/** Spares nearly all events the walk: a fault shows in the text, or needs one of this size. */
function mayHideFault (text: string): boolean {
  if (text.length >= SHORTEST_WITH_TOO_MANY_KEYS || text.includes('\\u')) return true
  const { metaDepth } = EVENT_LIMITS
  return text.length > 2 * metaDepth && countOf(text, '{', metaDepth) + countOf(text, '[', metaDepth) > metaDepth
}

/** Finds the part that takes most of the room. */
function largestPart ({ sent, kept }: MetaParts): string {
  if (kept === undefined) return '/meta'
  let path = '/meta'
  let longest = sent === undefined ? 0 : JSON.stringify(sent).length
  for (const name of Object.keys(kept)) {
    const { length } = JSON.stringify(kept[name])
    if (length <= longest) continue
    path = pointerStep(name)
    longest = length
  }
  return path
}

function addSizeFault (parts: MetaParts, text: string, faults: Fault[]): void {
  const limit = EVENT_LIMITS.metaBytes
  addFault(faults, largestPart(parts), `meta and the fields kept there take ${Buffer.byteLength(text)} bytes of JSON, at most ${limit}; this is the largest`)
}

/**
 * Joins the parts of an event's meta into the text of one JSON object; null when there is nothing in it.
 * Adds to `faults`, with paths as the sender wrote them, what is too large, too deep, too many, or no text.
 */
export function composeMeta (parts: MetaParts, faults: Fault[]): string | null {
  if (hasFarTooManyNames(parts)) {
    walkParts(parts, faults)
    return null
  }
  const meta = joined(parts)
  if (meta === undefined) return null
  const text = JSON.stringify(meta)
  if (text === '{}') return null
  if (isLongerThan(text, EVENT_LIMITS.metaBytes)) addSizeFault(parts, text, faults)
  if (mayHideFault(text)) walkParts(parts, faults)
  return text
}
