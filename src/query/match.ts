import type { Level, Severity } from '../../schemas/event.ts'
import { SEVERITIES } from '../../schemas/words.ts'
import { unreachable } from '../core/errors.ts'
import { levelNumber } from '../core/levels.ts'
import { metaEquals, metaValue, parseMeta } from './meta.ts'
import type { CompareOp, Field, FieldName, QueryNode, TextFieldName } from './node.ts'
import { words } from './words.ts'

/** What a query can ask of an event. `meta` is the text of a JSON object. */
export interface Matchable {
  level: Level
  severity: Severity
  service: string | null
  type: string | null
  host: string | null
  traceId: string | null
  message: string
  meta: string | null
  patternId: string | null
  anomaly: number | null
}

type Test = (event: Matchable) => boolean

/** Taken once for an event, however many queries look at it. */
const messageWords = new WeakMap<Matchable, string>()
const metaObjects = new WeakMap<Matchable, object | null>()

/**
 * Makes the test of a query. An event must not change between tests.
 *
 * What a translation into SQL has to mirror:
 * - a field that is missing or null makes every comparison false, and the `not` of it true;
 * - `=` and prefix on text are exact and case-sensitive; contains takes A-Z for a-z and nothing more;
 * - a path in meta is a way through objects (own members, no arrays); only when it ends nowhere, the member "a.b.c" is taken;
 * - meta `=` text: a JSON string that is the text; a JSON number of the same value (as doubles) when the text is a JSON
 *   number; true, false and null when the text says so; never an object or array;
 * - meta ranges see JSON numbers only, meta prefix and contains JSON strings only; exists sees everything but null;
 * - anomaly `=` true is a score of at least 1, `=` false everything else, no score included.
 */
export function matcher (node: QueryNode): Test {
  switch (node.kind) {
    case 'and': return allOf(node.nodes.map(matcher))
    case 'or': return anyOf(node.nodes.map(matcher))
    case 'not': return not(matcher(node.node))
    case 'words': return wordsTest(node.words, node.prefix)
    case 'compare': return compareTest(node.field, node.op, node.value)
    case 'prefix': return textTest(node.field, (text) => text.startsWith(node.value))
    case 'contains': return containsTest(node.field, node.value)
    case 'exists': return existsTest(node.field)
    default: return unreachable(node)
  }
}

function allOf (tests: Test[]): Test {
  return (event) => tests.every((test) => test(event))
}

function anyOf (tests: Test[]): Test {
  return (event) => tests.some((test) => test(event))
}

function not (test: Test): Test {
  return (event) => !test(event)
}

function wordsTest (wanted: string[], prefix: boolean): Test {
  const sought = ` ${wanted.join(' ')}${prefix ? '' : ' '}`
  return (event) => spacedWords(event).includes(sought)
}

/** The words of the message with a blank around each, so that a phrase is a substring. */
function spacedWords (event: Matchable): string {
  const known = messageWords.get(event)
  if (known !== undefined) return known
  const found = ` ${words(event.message).join(' ')} `
  messageWords.set(event, found)
  return found
}

function metaOf (event: Matchable): object | null {
  const known = metaObjects.get(event)
  if (known !== undefined) return known
  const found = parseMeta(event.meta)
  metaObjects.set(event, found)
  return found
}

function compareTest (field: Field, op: CompareOp, value: string | number | boolean): Test {
  if (typeof value === 'boolean') return (event) => isAnomalous(event) === value
  if (typeof value === 'number') return numberTest(field, op, value)
  if (field.name === 'meta') return (event) => metaEquals(metaValue(metaOf(event), field.path), value)
  return textTest(field, (text) => text === value)
}

function isAnomalous (event: Matchable): boolean {
  return event.anomaly !== null && event.anomaly >= 1
}

function numberTest (field: Field, op: CompareOp, limit: number): Test {
  const holds = comparison(op)
  return (event) => {
    const found = valueOf(event, field)
    return typeof found === 'number' && holds(found, limit)
  }
}

function comparison (op: CompareOp): (found: number, limit: number) => boolean {
  switch (op) {
    case '=': return (found, limit) => found === limit
    case '<': return (found, limit) => found < limit
    case '<=': return (found, limit) => found <= limit
    case '>': return (found, limit) => found > limit
    case '>=': return (found, limit) => found >= limit
    default: return unreachable(op)
  }
}

function textTest (field: Field, holds: (text: string) => boolean): Test {
  return (event) => {
    const found = valueOf(event, field)
    return typeof found === 'string' && holds(found)
  }
}

function containsTest (field: Field, text: string): Test {
  const sought = lowerAscii(text)
  return textTest(field, (found) => lowerAscii(found).includes(sought))
}

/** As SQLite's lower(): `É` stays. */
export function lowerAscii (text: string): string {
  return text.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase())
}

function existsTest (field: Field): Test {
  return (event) => valueOf(event, field) !== null
}

/** Gives the value as queries compare it, null when there is none: level and severity are numbers. */
function valueOf (event: Matchable, field: Field): unknown {
  if (field.name === 'meta') return metaValue(metaOf(event), field.path) ?? null
  return fieldValue(event, field.name)
}

function fieldValue (event: Matchable, name: FieldName): string | number | null {
  switch (name) {
    case 'message': return event.message
    case 'level': return levelNumber(event.level)
    case 'severity': return SEVERITIES.indexOf(event.severity) + 1
    case 'anomaly': return event.anomaly
    default: return textValue(event, name)
  }
}

function textValue (event: Matchable, name: TextFieldName): string | null {
  switch (name) {
    case 'service': return event.service
    case 'type': return event.type
    case 'host': return event.host
    case 'trace_id': return event.traceId
    case 'pattern': return event.patternId
    default: return unreachable(name)
  }
}
