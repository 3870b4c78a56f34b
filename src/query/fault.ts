import { AppError } from '../core/errors.ts'

const SHOWN_LENGTH = 60

/** Says what is wrong in the query text and where. Columns count code points from 1. */
export function queryFault (column: number, message: string): AppError {
  const text = `column ${column}: ${message}`
  return new AppError('invalid', `q, ${text}`, { faults: [{ path: 'q', message: text }] })
}

/** Writes a text as the query language quotes it, so that a suggestion can be pasted; a long one is cut. */
export function quoted (text: string): string {
  const letters = [...text]
  const shown = letters.length > SHOWN_LENGTH ? [...letters.slice(0, SHOWN_LENGTH), '…'].join('') : text
  return `"${shown.replace(/["\\]/g, '\\$&')}"`
}
