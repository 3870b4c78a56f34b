import type { Appended, Submission } from '../../schemas/submission.ts'
import type { Reads } from './hot/reads.ts'
import type { Writes } from './hot/writes.ts'

export type ReadArgs<K extends keyof Reads> = Parameters<Reads[K]>[1]
export type ReadValue<K extends keyof Reads> = Awaited<ReturnType<Reads[K]>>
export type WriteArgs<K extends keyof Writes> = Parameters<Writes[K]>[1]
export type WriteValue<K extends keyof Writes> = Awaited<ReturnType<Writes[K]>>

export interface ReadOptions {
  /** ms from now after which the query is cut. */
  timeoutMs?: number
  /** Ends the query when the caller leaves. */
  signal?: AbortSignal
}

/**
 * Where everything is kept. The contract suite in test/contract/ says what each implementation must do.
 * A promise of `append` resolves after the commit; in the durable mode the data is on the disk then.
 */
export interface Store {
  /** Why nothing can be written at the moment, by the last write or probe; undefined while all is well. */
  readonly fault: string | undefined
  append: (submission: Submission) => Promise<Appended>
  read: <K extends keyof Reads>(name: K, args: ReadArgs<K>, options?: ReadOptions) => Promise<ReadValue<K>>
  write: <K extends keyof Writes>(name: K, args: WriteArgs<K>) => Promise<WriteValue<K>>
  close: () => Promise<void>
}
