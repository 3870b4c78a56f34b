import { Worker } from 'node:worker_threads'
import { threadScript } from '../../core/thread-script.ts'
import type { FromRun, RunDetails, RunJob, RunLook, ToRun } from './job.ts'

export interface RunEnd {
  look: RunLook
  details: RunDetails
  /** The reader of the output went away. */
  isReaderGone: boolean
}

const OLD_MB = 512
/** For what dies young: so much that little of it is moved, and so little that it is all in use early, so that 10 million lines take the memory of one. */
const YOUNG_MB = 12
/** Where every line is traced the newest batches live on, and would be moved again and again. */
const TRACED_YOUNG_MB = 24

interface Answer {
  look: RunLook
  details?: RunDetails
}

/** Starts a run in a thread of its own, so that whoever looks at it never waits for it. */
export class RunHandle {
  readonly #worker: Worker
  readonly #asked = new Map<number, (answer: Answer) => void>()
  readonly #listeners: Array<(look: RunLook) => void> = []
  readonly ended: Promise<RunEnd>
  #latest: RunLook | undefined
  #end: RunEnd | undefined
  #lastId = 0

  constructor (job: RunJob) {
    this.#worker = new Worker(threadScript('./run-thread', import.meta.url), { workerData: job, resourceLimits: { maxYoungGenerationSizeMb: job.trace === 'all' ? TRACED_YOUNG_MB : YOUNG_MB, maxOldGenerationSizeMb: OLD_MB }, execArgv: [] })
    this.ended = new Promise((resolve, reject) => {
      this.#worker.on('error', reject)
      this.#worker.on('message', (message: FromRun) => { this.#hear(message, resolve) })
    })
    this.ended.catch(() => {})
  }

  /** The newest look that came by itself, at most 200 ms old; undefined before the first. */
  get latest (): RunLook | undefined {
    return this.#latest
  }

  /** Has `listener` called with each look that comes by itself. */
  onLook (listener: (look: RunLook) => void): void {
    this.#listeners.push(listener)
  }

  /** Looks at the run now, between two of its batches. */
  async look (): Promise<RunLook> {
    return (await this.#ask(false)).look
  }

  /** Traces and errors of now. */
  async details (): Promise<RunDetails> {
    return (await this.#ask(true)).details ?? { traces: [], errors: [] }
  }

  /** Has it end with the lines that it has taken; `ended` tells when it did. */
  stop (): void {
    this.#tell({ kind: 'stop' })
  }

  #hear (message: FromRun, resolve: (end: RunEnd) => void): void {
    this.#latest = message.look
    if (message.kind === 'look') for (const listener of this.#listeners) listener(message.look)
    if (message.kind === 'answer') {
      this.#asked.get(message.id)?.(message)
      this.#asked.delete(message.id)
    }
    if (message.kind !== 'end') return
    this.#end = message
    for (const listener of this.#listeners) listener(message.look)
    resolve(message)
  }

  async #ask (wantsDetails: boolean): Promise<Answer> {
    if (this.#end !== undefined) return this.#end
    const id = ++this.#lastId
    const answer = new Promise<Answer>((resolve) => { this.#asked.set(id, resolve) })
    this.#tell({ kind: 'ask', id, wantsDetails })
    return Promise.race([answer, this.ended])
  }

  #tell (message: ToRun): void {
    this.#worker.postMessage(message)
  }
}
