import { letterDistance, nearestName } from '../core/text/nearest-name.ts'

/** Shorter names are near to too much. */
const LEAST_LETTERS = 7
const MOST_WRONG = 2
/** As in BELLWETHER_DATA_DIR. */
const PREFIX = /^(?:BELLWETHER|BW)_/
/** A second one of something is meant to be one. */
const NUMBERED = /_?\d+$/
/** Of other programs: what Python services call it, and where Kubernetes says that a service named bellwether is. */
const FOREIGN: ReadonlySet<string> = new Set(['LOGLEVEL', 'BELLWETHER_PORT'])

/** Finds which of the known names somebody meant who wrote this one; undefined when it is one of them, or far from all. */
export function meantName (name: string, known: readonly string[]): string | undefined {
  if ([name, name.replace(NUMBERED, '')].some((own) => known.includes(own)) || FOREIGN.has(name)) return undefined
  const word = name.toUpperCase().replaceAll(/[-.]/g, '_')
  const bare = word.replace(PREFIX, '')
  if (known.includes(bare)) return bare
  return closeName(word, known)
}

/** Finds the known name that differs by a slip or two. */
export function closeName (name: string, known: readonly string[]): string | undefined {
  // Each start looks at the whole environment: most names are of another length.
  const alike = known.filter(({ length }) => Math.min(length, name.length) >= LEAST_LETTERS && Math.abs(length - name.length) <= MOST_WRONG)
  const near = nearestName(name, alike)
  return near !== undefined && letterDistance(name, near) <= MOST_WRONG ? near : undefined
}
