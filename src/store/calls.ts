import { AppError, type ErrorCode, type Fault } from '../errors.ts'

/** A call to a store thread and what comes back: plain values, since they cross between threads. */
export interface Call {
  id: number
  name: string
  args: unknown
  /** ms since the epoch after which the answer is of no use. */
  deadline?: number
}

export interface Cancel {
  cancel: number
}

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

const RETRY_AFTER_FULL_SECONDS = 5
const RETRY_AFTER_FAULT_SECONDS = 1

export function describeError (error: unknown): CrossedError {
  const told = error instanceof AppError ? error : storeFault(error)
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

/** Faults of the disk are no bugs: the caller is told to come again. */
function storeFault (error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code.startsWith('SQLITE_FULL')) {
    return new AppError('no_space', 'the disk is full: nothing was stored', { retryAfterSeconds: RETRY_AFTER_FULL_SECONDS, cause: error })
  }
  if (/^SQLITE_(IOERR|READONLY|BUSY|CANTOPEN)/.test(code)) {
    return new AppError('overloaded', 'the store cannot write at the moment: nothing was stored', { retryAfterSeconds: RETRY_AFTER_FAULT_SECONDS, cause: error })
  }
  return error
}
