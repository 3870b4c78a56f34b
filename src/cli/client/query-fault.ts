import { AppError } from '../../core/errors.ts'
import { CommandError, EXIT } from '../command.ts'
import { printable } from './event-lines.ts'

/** Shows where in a query its mistake is, when that is what was thrown: with a caret under the column. */
export function pointedOut (error: unknown, query: string): unknown {
  if (!(error instanceof AppError)) return error
  const fault = error.faults.find(({ path }) => path === 'q')
  const [, column, message] = /^column (\d+): (.*)$/s.exec(fault?.message ?? '') ?? []
  if (column === undefined) return error
  // Each letter is one column, whatever it is shown as.
  const letters = [...query].map((letter) => /\s/.test(letter) ? ' ' : printable(letter))
  const before = letters.slice(0, Number(column) - 1).join('')
  return new CommandError(`the query has a mistake at column ${column}: ${message}\n  ${letters.join('')}\n  ${before.replace(/./gu, ' ')}^`, EXIT.usage, error)
}
