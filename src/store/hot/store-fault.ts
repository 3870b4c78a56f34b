import { AppError } from '../../core/errors.ts'

const RETRY_AFTER_FULL_SECONDS = 5
const RETRY_AFTER_SECONDS = 1

const FULL = /^(SQLITE_FULL|ENOSPC|EDQUOT)/
const HELD = /^SQLITE_(BUSY|LOCKED|PROTOCOL)/
const DAMAGED = /^SQLITE_(CORRUPT|NOTADB)/
const FAILING = /^(SQLITE_(IOERR|READONLY|CANTOPEN|PERM|NOLFS)|EIO|EROFS|EACCES|EPERM|EMFILE|ENFILE|ESTALE|EFBIG)/

/** Faults of the disk or the file are no bugs: the caller is told to come again. Undefined for every other error. */
export function storeFault (error: unknown): AppError | undefined {
  const code = codeOf(error)
  const told = (what: string): AppError => new AppError('overloaded', what, { retryAfterSeconds: RETRY_AFTER_SECONDS, cause: error })
  if (FULL.test(code)) return new AppError('no_space', 'the disk is full: nothing was stored', { retryAfterSeconds: RETRY_AFTER_FULL_SECONDS, cause: error })
  if (HELD.test(code)) return told('another program holds the store: try again')
  if (DAMAGED.test(code)) return told(`the store is damaged (${String(error)})`)
  if (FAILING.test(code)) return told(`the disk of the store fails (${String(error)})`)
  return undefined
}

/** Whether another one may do what failed for this: a page that cannot be read is not met by all. */
export function isOfOne (error: unknown): boolean {
  return storeFault(error) === undefined || DAMAGED.test(codeOf(error))
}

function codeOf (error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
