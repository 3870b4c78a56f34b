import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'

const NICE_OF_QUERIES = 19

/**
 * Lets the calling thread stand back behind ingest when the cores are busy. Linux gives each thread a
 * niceness of its own (setpriority(2), "C library/kernel differences"); elsewhere nothing is changed.
 */
export function lowerPriority (): void {
  if (process.platform !== 'linux') return
  const threadId = Number(readlinkSync('/proc/thread-self').split('/').at(-1))
  setPriority(threadId, NICE_OF_QUERIES)
}
