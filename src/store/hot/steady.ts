import type { ReadContext } from './contexts.ts'
import { PARTITION_KINDS } from './days/partitions.ts'

type Read<A, V> = (context: ReadContext, args: A) => Promise<V>

const ATTEMPTS = 3
const GONE = new RegExp(`^no such table: (${PARTITION_KINDS.join('|')})_\\d+$`)

/** Makes a query begin anew when retention dropped a partition that it had listed: it answers as if it had come later. */
export function steady<A, V> (read: Read<A, V>): Read<A, V> {
  return async (context, args) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await read(context, args)
      } catch (error) {
        if (attempt === ATTEMPTS || !(error instanceof Error && GONE.test(error.message))) throw error
      }
    }
  }
}
