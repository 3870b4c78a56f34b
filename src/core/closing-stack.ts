interface Closable {
  close: () => void | Promise<void>
}

/** What was opened, closed in reverse order: each part still has what it was made with while it closes. */
export class ClosingStack {
  readonly #parts: Closable[] = []

  /** Has `part` closed with the rest, and hands it on. */
  keep<T extends Closable>(part: T): T {
    this.#parts.push(part)
    return part
  }

  /** Closes all, the last one first. One that fails keeps no other open; the first fault is thrown when all are closed. */
  async close (): Promise<void> {
    const faults: unknown[] = []
    for (const part of this.#parts.splice(0).reverse()) {
      try {
        await part.close()
      } catch (error) {
        faults.push(error)
      }
    }
    if (faults.length > 0) throw faults[0]
  }
}

/** Opens something of many parts. When that fails in the middle, what was kept until then is closed, and the fault of opening is thrown. */
export async function opening<T> (open: (closing: ClosingStack) => Promise<T>): Promise<T & { close: () => Promise<void> }> {
  const closing = new ClosingStack()
  try {
    return { ...await open(closing), close: () => closing.close() }
  } catch (error) {
    await closing.close().catch(() => {})
    throw error
  }
}
