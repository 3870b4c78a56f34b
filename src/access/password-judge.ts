import { Worker } from 'node:worker_threads'
import { AppError, type Fault } from '../core/errors.ts'
import { threadScript } from '../core/thread-script.ts'
import type { Question } from './guessing.ts'
import { normalPassword } from './passwords.ts'

interface Waiting {
  resolve: (reason: unknown) => void
  reject: (error: Error) => void
}

/** A thread, and who waits for its answers, in their order. */
interface Desk {
  thread: Worker
  waiting: Waiting[]
}

/** Long enough for who takes another password after a refusal, and for an admin who makes several users. */
const STAYS_MS = 60_000
const MOST_WAITING = 32
const RETRY_AFTER_SECONDS = 5

/**
 * Judges passwords in a thread, because the lists of what people take need a second to load and 100 MB to keep. The thread comes with the
 * first password, and goes when none has come for a minute.
 */
export class PasswordJudge {
  #desk: Desk | undefined
  #leaving: NodeJS.Timeout | undefined

  /** Says why a password that keeps the rules of `passwordFaults` is easily guessed, and what to do. Throws `overloaded` when too many wait. */
  async faultsOf (password: string, username: string, path = '/password'): Promise<Fault[]> {
    const reason = await this.#ask({ password: normalPassword(password), username })
    return typeof reason === 'string' ? [{ path, message: `is easily guessed. ${reason}` }] : []
  }

  /** Ends the thread; the next password starts another. */
  async close (): Promise<void> {
    clearTimeout(this.#leaving)
    const desk = this.#desk
    this.#desk = undefined
    await desk?.thread.terminate()
  }

  #ask (question: Question): Promise<unknown> {
    const { thread, waiting } = this.#desk ??= this.#open()
    if (waiting.length >= MOST_WAITING) throw unable('too many passwords are being set at the moment')
    clearTimeout(this.#leaving)
    thread.ref()
    return new Promise((resolve, reject) => {
      waiting.push({ resolve, reject })
      thread.postMessage(question)
    })
  }

  #open (): Desk {
    const desk: Desk = { thread: new Worker(threadScript('./guessing-thread', import.meta.url), { execArgv: [] }), waiting: [] }
    let cause: unknown
    desk.thread.on('message', (reason: unknown) => {
      desk.waiting.shift()?.resolve(reason)
      if (desk.waiting.length === 0) this.#rest(desk)
    })
    desk.thread.on('error', (error) => { cause = error })
    desk.thread.on('exit', () => {
      if (this.#desk === desk) this.#desk = undefined
      for (const { reject } of desk.waiting) reject(unable('passwords cannot be judged at the moment', cause))
    })
    return desk
  }

  /** A thread at rest keeps no process alive. */
  #rest ({ thread }: Desk): void {
    thread.unref()
    this.#leaving = setTimeout(() => { void this.close() }, STAYS_MS).unref()
  }
}

function unable (why: string, cause?: unknown): AppError {
  return new AppError('overloaded', `${why}: try again in a few seconds`, { retryAfterSeconds: RETRY_AFTER_SECONDS, cause })
}
