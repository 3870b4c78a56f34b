import { AppError, type ErrorCode, type Fault } from '../../core/errors.ts'
import { storeFault } from './store-fault.ts'

/** A call to a store thread and what comes back: plain values, since they cross between threads. */
export interface Call<Name extends string = string, Args = unknown> {
  id: number
  name: Name
  args: Args
  /** ms since the epoch after which the answer is of no use. */
  deadline?: number
}

type Functions = Record<string, (context: never, args: never) => Promise<unknown>>

/** What a thread answers by name, so typed that a name, its arguments and its answer go together. */
export type Handlers<Context, F extends Functions> = {
  readonly [Name in keyof F]: (context: Context, args: Parameters<F[Name]>[1]) => Promise<Awaited<ReturnType<F[Name]>>>
}

export type CallOf<F extends Functions> = { [Name in keyof F & string]: Call<Name, Parameters<F[Name]>[1]> }[keyof F & string]

/** Has a thread finish what it holds and end. */
export type Close = Call<'close', undefined>

export interface Cancel {
  cancel: number
}

/** The id of what a thread says unasked: first that it is ready, or why not; then, of the writer, each change of whether it can write. */
export const UNASKED = 0

export interface Answer {
  id: number
  value?: unknown
  error?: CrossedError
}

interface CrossedError {
  code: ErrorCode | undefined
  message: string
  stack: string | undefined
  faults: readonly Fault[]
  retryAfterSeconds: number | undefined
}

export function describeError (error: unknown): CrossedError {
  const told = error instanceof AppError ? error : storeFault(error) ?? error
  if (told instanceof AppError) {
    const { code, message, stack, faults, retryAfterSeconds } = told
    return { code, message, stack, faults, retryAfterSeconds }
  }
  const { message, stack } = told instanceof Error ? told : new Error(String(told))
  return { code: undefined, message, stack, faults: [], retryAfterSeconds: undefined }
}

/** Rebuilds the error on the caller's side: an AppError again where it was one, with the thread's stack. */
export function parseError ({ code, message, stack, faults, retryAfterSeconds }: CrossedError): Error {
  const trace = stack === undefined ? {} : { stack }
  if (code === undefined) return Object.assign(new Error(message), trace)
  const wait = retryAfterSeconds === undefined ? {} : { retryAfterSeconds }
  return Object.assign(new AppError(code, message, { faults, ...wait }), trace)
}
