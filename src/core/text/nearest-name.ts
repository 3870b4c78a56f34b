/** Finds the known name that differs by the fewest letters; undefined when there is none at all. */
export function nearestName (name: string, known: readonly string[]): string | undefined {
  return known
    .map((candidate) => ({ candidate, far: letterDistance(name, candidate) }))
    .sort((a, b) => a.far - b.far)[0]?.candidate
}

/** Levenshtein distance: how many letters to insert, drop or change. */
export function letterDistance (from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...to].entries()) {
      const changed = (row[j] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
