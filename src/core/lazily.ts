/** Has `make` called when its outcome is first asked for, and keeps that for all who ask later; after a failure the next one has it called again. */
export function lazily<T> (make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}
