import { SEVERITIES } from '../../schemas/words.ts'
import { levelNumber } from '../core/levels.ts'
import { matcher, type Matchable } from '../query/match.ts'
import type { CompareOp, LeafNode, QueryNode } from '../query/node.ts'
import { words } from '../query/words.ts'

/** Gives the places, in the list that was indexed, of the queries that an event matches; in no order, each once. */
export type QueryIndex = (event: Matchable) => number[]

/** What an event must have for a query to match: one of these keys is enough. */
interface Anchors {
  keys: readonly string[]
  /** How many queries ask for these keys, and much more for levels, which too many events share to tell them apart. */
  cost: number
}

/** Says how many queries ask for a key. */
type Demand = (key: string) => number

interface Indexed {
  tests: ReadonlyArray<(event: Matchable) => boolean>
  /** The queries by what an event must have. */
  anchored: ReadonlyMap<string, readonly number[]>
  /** Those that have to be asked for each event. */
  free: readonly number[]
  hasWords: boolean
}

const WEIGHTS = { level: 6, severity: SEVERITIES.length } as const
const WORD = 'word'
const WEIGHT_COST = 1e9

/**
 * Indexes queries, so that an event is tested against those only that it may match: queries are found by the rarest service, host, type,
 * trace, pattern or word that they ask for, else by level or severity. Undefined is the query that matches every event.
 */
export function indexQueries (queries: ReadonlyArray<QueryNode | undefined>): QueryIndex {
  const indexed = arrange(queries)
  const lastEvent = new Float64Array(queries.length)
  let serial = 0
  return (event) => {
    serial++
    const found: number[] = []
    const ask = (places: readonly number[]): void => {
      for (const place of places) {
        if (lastEvent[place] === serial) continue
        lastEvent[place] = serial
        if (indexed.tests[place]?.(event) === true) found.push(place)
      }
    }
    ask(indexed.free)
    for (const key of keysOf(event, indexed.hasWords)) {
      const places = indexed.anchored.get(key)
      if (places !== undefined) ask(places)
    }
    return found
  }
}

function arrange (queries: ReadonlyArray<QueryNode | undefined>): Indexed {
  const demand = demandOf(queries)
  const anchored = new Map<string, number[]>()
  const free: number[] = []
  for (const [place, query] of queries.entries()) {
    const anchors = query === undefined ? undefined : anchorsOf(query, demand)
    if (anchors === undefined) free.push(place)
    for (const key of new Set(anchors?.keys)) placesOf(anchored, key).push(place)
  }
  return {
    tests: queries.map((query) => query === undefined ? () => true : matcher(query)),
    anchored,
    free,
    hasWords: anchored.keys().some((key) => key.startsWith(WORD))
  }
}

function placesOf (anchored: Map<string, number[]>, key: string): number[] {
  const places = anchored.get(key) ?? []
  anchored.set(key, places)
  return places
}

/** A word that a thousand queries ask for tells them apart no more than a level does, so keys are weighed by all queries first. */
function demandOf (queries: ReadonlyArray<QueryNode | undefined>): Demand {
  const counts = new Map<string, number>()
  for (const key of queries.flatMap((query) => query === undefined ? [] : leafKeys(query))) counts.set(key, (counts.get(key) ?? 0) + 1)
  return (key) => counts.get(key) ?? 0
}

function leafKeys (node: QueryNode): string[] {
  switch (node.kind) {
    case 'and':
    case 'or': return node.nodes.flatMap(leafKeys)
    case 'not': return []
    default: return alternatives(node).flat()
  }
}

function anchorsOf (node: QueryNode, demand: Demand): Anchors | undefined {
  switch (node.kind) {
    case 'and': return cheapest(node.nodes.map((part) => anchorsOf(part, demand)))
    case 'or': return together(node.nodes.map((part) => anchorsOf(part, demand)))
    case 'not': return undefined
    default: return cheapest(alternatives(node).map((keys) => ({ keys, cost: costOf(keys, demand) })))
  }
}

function costOf (keys: readonly string[], demand: Demand): number {
  const isWeight = keys.length === 0 || keys.some((key) => key.startsWith('level=') || key.startsWith('severity='))
  return keys.reduce((sum, key) => sum + demand(key), isWeight ? WEIGHT_COST : 0)
}

/** The sets of keys by any of which a leaf could be found. */
function alternatives (node: LeafNode): string[][] {
  if (node.kind === 'words') return (node.prefix ? node.words.slice(0, -1) : node.words).map((word) => [keyOf(WORD, word)])
  if (node.kind !== 'compare') return []
  const { field: { name }, op, value } = node
  if (name === 'meta' || name === 'message' || name === 'anomaly') return []
  if (name === 'level' || name === 'severity') return typeof value === 'number' ? [weightKeys(name, op, value)] : []
  return [[keyOf(name, String(value))]]
}

function weightKeys (name: keyof typeof WEIGHTS, op: CompareOp, limit: number): string[] {
  const weights = Array.from({ length: WEIGHTS[name] }, (_, index) => index + 1)
  return weights.filter((weight) => (op.startsWith('<') && weight < limit) || (op.startsWith('>') && weight > limit) || (op.endsWith('=') && weight === limit))
    .map((weight) => keyOf(name, String(weight)))
}

function cheapest (choices: ReadonlyArray<Anchors | undefined>): Anchors | undefined {
  return choices.reduce((best, choice) => best === undefined || (choice !== undefined && choice.cost < best.cost) ? choice : best, undefined)
}

/** An event may match by any branch, so each must have its anchors. */
function together (branches: ReadonlyArray<Anchors | undefined>): Anchors | undefined {
  const anchored = branches.filter((branch) => branch !== undefined)
  if (anchored.length < branches.length) return undefined
  return { keys: anchored.flatMap(({ keys }) => keys), cost: anchored.reduce((sum, { cost }) => sum + cost, 0) }
}

function keysOf (event: Matchable, hasWords: boolean): string[] {
  const { level, severity, service, type, host, traceId, patternId, message } = event
  const names = { service, type, host, trace_id: traceId, pattern: patternId }
  const keys = [keyOf('level', String(levelNumber(level))), keyOf('severity', String(SEVERITIES.indexOf(severity) + 1))]
  for (const [name, value] of Object.entries(names)) {
    if (value !== null) keys.push(keyOf(name, value))
  }
  if (hasWords) keys.push(...words(message).map((word) => keyOf(WORD, word)))
  return keys
}

function keyOf (name: string, value: string): string {
  return `${name}=${value}`
}
