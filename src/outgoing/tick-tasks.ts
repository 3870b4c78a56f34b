import { setTimeout as pause } from 'node:timers/promises'
import type { TickTask } from '../../schemas/integration.ts'
import type { Clock } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import type { Guard } from '../notify/guard.ts'
import { guardedPost, type Post, type PostResult } from '../notify/post.ts'
import { chatVerdict } from '../notify/verdict.ts'
import { newId } from '../core/secret-hash.ts'

interface TickTasksParts {
  clock: Clock
  guard: Guard
  onError: (error: unknown) => void
}

/** One post of an errand; made anew for each attempt, since its signature holds the time. */
export type MakePost = (id: string, now: number) => Post

/** Who asked for an errand, as a network, and the host that it goes to; undefined for what goes to our own channels. */
export interface Ends {
  from?: string
  to?: string
}

export interface TickTaskOptions {
  ends?: Ends
  /** 1 is not tried again. */
  mostAttempts?: number
}

type Task = Pick<TickTask, 'state' | 'attempts' | 'error'>

/** What was asked for a minute ago is no news any more, so nothing is tried for much longer. */
const WAITS_MS = [0, 1_000, 5_000, 25_000, 60_000]
const MOST_WAIT_MS = 60_000
const JITTER = 0.2
const TIMEOUT_MS = 15_000
const MOST_RUNNING = 200
/** Of one sender, and to one host, so that neither takes the places of all others. Telex sends from few addresses, to one. */
const MOST_OF = { from: 40, to: 100 } as const
const MOST_KEPT = 10_000
const RETRY_AFTER_SECONDS = 1
const WORDS = { from: 'of yours', to: 'to this host' } as const

/**
 * Makes posts in the background, each tried a few times, and remembers what came of them for as long as there is room. They live in
 * memory alone: what comes every minute is not worth a place in the outbox.
 */
export class TickTasks {
  readonly #parts: TickTasksParts
  readonly #tasks = new Map<string, Task>()
  readonly #running = new Map<Promise<void>, Ends>()
  /** Ends waiting for the next attempt. */
  readonly #closing = new AbortController()
  /** Ends attempts. */
  readonly #stopped = new AbortController()

  constructor (parts: TickTasksParts) {
    this.#parts = parts
  }

  /** Begins an errand and returns its id at once. Throws `overloaded` when too many are under way, `quota` when too many have an end in common with it. */
  start (postsOf: () => Promise<MakePost[]>, { ends = {}, mostAttempts = WAITS_MS.length }: TickTaskOptions = {}): string {
    if (this.#running.size >= MOST_RUNNING) throw new AppError('overloaded', 'too many ticks are under way: send it again a little later', { retryAfterSeconds: RETRY_AFTER_SECONDS })
    this.#refuseSurplus(ends)
    const id = newId()
    const task: Task = { state: 'queued', attempts: 0 }
    this.#keep(id, task)
    const run = this.#run({ id, task, mostAttempts }, postsOf).finally(() => this.#running.delete(run))
    this.#running.set(run, ends)
    return id
  }

  #refuseSurplus (ends: Ends): void {
    for (const end of ['from', 'to'] as const) {
      const limit = MOST_OF[end]
      const count = ends[end] === undefined ? 0 : this.#running.values().filter((other) => other[end] === ends[end]).toArray().length
      if (count >= limit) throw new AppError('quota', `${limit} ticks ${WORDS[end]} are under way: send it again when one has ended`, { retryAfterSeconds: RETRY_AFTER_SECONDS, limit })
    }
  }

  /** Throws `not_found` for an id that was never given or is forgotten. */
  task (id: string): TickTask {
    const task = this.#tasks.get(id)
    if (task === undefined) throw new AppError('not_found', `there is no task ${JSON.stringify(id)}; those before the last start and the oldest are forgotten`)
    return { task_id: id, ...task }
  }

  /** Waits for what is on its way; after `graceMs` it is broken off. What waits to be tried again is given up at once. */
  async close (graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.#stopped.abort(), graceMs)
    this.#closing.abort()
    await Promise.all(this.#running.keys())
    clearTimeout(timer)
  }

  #keep (id: string, task: Task): void {
    this.#tasks.set(id, task)
    const [oldest] = this.#tasks.keys()
    if (this.#tasks.size > MOST_KEPT && oldest !== undefined) this.#tasks.delete(oldest)
  }

  async #run ({ id, task, mostAttempts }: { id: string, task: Task, mostAttempts: number }, postsOf: () => Promise<MakePost[]>): Promise<void> {
    try {
      const posts = await postsOf()
      const outcomes = await Promise.all(posts.map((make) => this.#send(task, mostAttempts, () => make(id, this.#parts.clock.now()))))
      if (posts.length === 0) task.error = 'there is no Telex or webhook channel that is switched on'
      task.state = posts.length > 0 && outcomes.every((isDelivered) => isDelivered) ? 'delivered' : 'failed'
      if (task.state === 'delivered') delete task.error
    } catch (error) {
      this.#parts.onError(error)
      Object.assign(task, { state: 'failed', error: 'internal error' })
    }
  }

  async #send (task: Task, mostAttempts: number, make: () => Post): Promise<boolean> {
    const { clock, guard } = this.#parts
    let askedMs = 0
    for (const waitMs of WAITS_MS.slice(0, mostAttempts)) {
      if (!await this.#wait(Math.max(waitMs * (1 + JITTER * Math.random()), askedMs))) return false
      const result = await guardedPost(make(), { guard, timeoutMs: TIMEOUT_MS, signal: this.#stopped.signal })
      task.attempts++
      const verdict = isRedirect(result) ? { kind: 'failed' as const } : chatVerdict(result, clock.now())
      if (verdict.kind === 'delivered') return true
      task.error = 'status' in result ? `status ${result.status}` : result.reason
      if (verdict.kind !== 'retry') return false
      askedMs = Math.min(verdict.afterMs ?? 0, MOST_WAIT_MS)
    }
    return false
  }

  /** False when there is no time left to wait. */
  async #wait (ms: number): Promise<boolean> {
    if (ms > 0) await pause(ms, undefined, { signal: this.#closing.signal, ref: false }).catch(() => {})
    return ms === 0 || !this.#closing.signal.aborted
  }
}

/** It is never followed, and it does not get better by itself. */
function isRedirect (result: PostResult): boolean {
  return 'status' in result && result.status >= 300 && result.status < 400
}
