export type ErrorCode =
  | 'invalid'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'unsupported'
  | 'mismatch'
  | 'quota'
  | 'overloaded'
  | 'timeout'
  | 'no_space'
  | 'internal'

/** One fault of one place in an input. `path` is a JSON pointer; the empty string is the whole. */
export interface Fault {
  path: string
  message: string
}

export interface ErrorDetails {
  faults?: readonly Fault[]
  /** Seconds after which trying again makes sense; sent as Retry-After. */
  retryAfterSeconds?: number
  /** How many were allowed; sent as RateLimit-Limit. */
  limit?: number
  cause?: unknown
}

/**
 * Says what is wrong, and with which value, to the person who can mend it.
 * Everything else that is thrown is a bug and is answered as "internal error".
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly faults: readonly Fault[]
  readonly retryAfterSeconds: number | undefined
  readonly limit: number | undefined

  constructor (code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause })
    this.name = 'AppError'
    this.code = code
    this.faults = details.faults ?? []
    this.retryAfterSeconds = details.retryAfterSeconds
    this.limit = details.limit
  }
}

/** What only a setting, or a change at a place that a setting names, can mend. No start and no command goes on: the exit code is 3. */
export class ConfigurationError extends AppError {
  constructor (message: string, details: ErrorDetails = {}) {
    super('invalid', message, details)
  }
}

/** Marks a `switch` branch that the types exclude. Throws when data got past them. */
export function unreachable (value: never): never {
  throw new AppError('internal', `unexpected value ${JSON.stringify(value)}`)
}
