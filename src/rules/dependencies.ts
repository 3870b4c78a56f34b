import type { Rule } from '../../schemas/rule.ts'

/**
 * Finds rules that depend on each other in a circle: when all of them fired, each would hold back the others and nobody would be told.
 * Returns one circle, the first id again at its end, or undefined.
 */
export function dependencyCircle (rules: readonly Rule[]): string[] | undefined {
  const dependencies = new Map(rules.map(({ id, depends_on: ids = [] }) => [id, ids]))
  const done = new Set<string>()
  const walk = (id: string, way: readonly string[]): string[] | undefined => {
    const start = way.indexOf(id)
    if (start >= 0) return [...way.slice(start), id]
    if (done.has(id)) return undefined
    done.add(id)
    for (const next of dependencies.get(id) ?? []) {
      const circle = walk(next, [...way, id])
      if (circle !== undefined) return circle
    }
    return undefined
  }
  for (const { id } of rules) {
    const circle = walk(id, [])
    if (circle !== undefined) return circle
  }
  return undefined
}
