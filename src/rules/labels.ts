import type { Labels } from '../../schemas/rule.ts'
import { parseJsonExactly } from '../core/text/json-text.ts'

/** The key of what has no labels. */
export const NO_GROUP = '{}'

/** Names a label set: the JSON of `names` and their values, in that order. Give sorted names, so that equal sets have equal keys. */
export function groupKey (labels: Labels, names: readonly string[]): string {
  return names.length === 0 ? NO_GROUP : JSON.stringify(labels, [...names])
}

/** The labels of a key of `groupKey`. */
export function parseGroupKey (key: string): Labels {
  return parseJsonExactly(key) as Labels
}

/** The value of a label, empty when there is none: also of one that is called like a member of every object. */
export function labelOf (labels: Labels, name: string): string {
  return Object.hasOwn(labels, name) ? labels[name] ?? '' : ''
}

/** Tells whether two label sets may speak of the same thing: each label that both have is equal. */
export function labelsAgree (one: Labels, other: Labels): boolean {
  return Object.entries(one).every(([name, value]) => !Object.hasOwn(other, name) || other[name] === value)
}
