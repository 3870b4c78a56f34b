import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { AppError } from '../../core/errors.ts'
import { parseError, UNASKED, type Answer, type Call, type Cancel } from './calls.ts'

interface Waiting {
  resolve: (value: unknown) => void
  reject: (error: Error) => void
}

interface Listeners {
  death: (error: Error) => void
  /** Told what the thread says unasked: what is wrong, or that nothing is any more. */
  trouble?: (fault: Error | undefined) => void
}

/** A thread that loads its code. */
export interface LoadingThread {
  /** Resolves when it is ready. Throws what it says went wrong. */
  open: (options: object, on: Listeners) => Promise<Thread>
  /** Ends it; also after it was opened, or failed. */
  discard: () => Promise<void>
}

export interface CallOptions {
  deadline?: number
  signal?: AbortSignal
}

/**
 * The caller's end of a store thread. Owns the worker; calls are answered in any order. All calls of one turn of the
 * event loop cross in one message, since a message costs more than what it carries.
 */
export class Thread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  readonly #on: Listeners
  #outbox: Array<Call | Cancel> = []
  #lastCall = 0
  #dead: Error | undefined

  private constructor (worker: Worker, on: Listeners) {
    this.#worker = worker
    this.#on = on
    worker.on('message', (answers: Answer[]) => { for (const answer of answers) this.#receive(answer) })
    worker.on('error', (error) => {
      this.#die(error)
      on.death(error)
    })
    worker.on('exit', () => this.#die(new AppError('overloaded', 'the store is closed')))
  }

  /** Starts the thread and waits until it says that it is ready. Throws what it says went wrong. */
  static start (script: URL, options: object, on: Listeners): Promise<Thread> {
    return Thread.load(script).open(options, on)
  }

  /**
   * Has a thread load its code, which takes most of its start; it touches nothing until it is opened. What the process was told to
   * import at its start is not for the thread, which would load it anew.
   */
  static load (script: URL): LoadingThread {
    const worker = new Worker(script, { execArgv: [] })
    const answered = once(worker, 'message')
    // Whoever opens it is told.
    answered.catch(() => {})
    return {
      open: async (options, on) => {
        worker.postMessage(options)
        const [[first]] = await answered as [Answer[]]
        if (first?.error !== undefined) {
          await worker.terminate()
          throw parseError(first.error)
        }
        return new Thread(worker, on)
      },
      discard: async () => { await worker.terminate() }
    }
  }

  call (name: string, args: unknown, { deadline, signal }: CallOptions = {}): Promise<unknown> {
    if (this.#dead !== undefined) return Promise.reject(this.#dead)
    if (signal?.aborted === true) return Promise.reject(new AppError('timeout', 'the caller left'))
    const id = ++this.#lastCall
    const call: Call = deadline === undefined ? { id, name, args } : { id, name, args, deadline }
    const cancel = (): void => this.#send({ cancel: id })
    signal?.addEventListener('abort', cancel, { once: true })
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
    this.#send(call)
    return signal === undefined ? answer : answer.finally(() => signal.removeEventListener('abort', cancel))
  }

  /** Lets the thread finish what it holds and ends it. */
  async close (): Promise<void> {
    if (this.#dead !== undefined) return
    const exited = once(this.#worker, 'exit')
    this.#send({ id: 0, name: 'close', args: undefined })
    await exited
  }

  #send (message: Call | Cancel): void {
    if (this.#outbox.push(message) > 1) return
    setImmediate(() => {
      const messages = this.#outbox
      this.#outbox = []
      this.#worker.postMessage(messages)
    })
  }

  #receive (message: Answer): void {
    if (message.id === UNASKED) return this.#on.trouble?.(message.error === undefined ? undefined : parseError(message.error))
    const waiting = this.#waiting.get(message.id)
    if (waiting === undefined) return
    this.#waiting.delete(message.id)
    if (message.error === undefined) waiting.resolve(message.value)
    else waiting.reject(parseError(message.error))
  }

  #die (error: Error): void {
    this.#dead ??= error
    for (const { reject } of this.#waiting.values()) reject(this.#dead)
    this.#waiting.clear()
  }
}
