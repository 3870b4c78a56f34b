import { TypeCompiler, type TypeCheck } from '@sinclair/typebox/compiler'
import type { TSchema } from '@sinclair/typebox'
import type { ValueError } from '@sinclair/typebox/value'
import type { FastifySchemaCompiler } from 'fastify'
import { nearestErrors, parseChoices } from '../schemas/nearest-errors.ts'
import { AppError, type Fault } from '../src/core/errors.ts'

const MOST_FAULTS = 20

/**
 * Checks a part of a request against its schema. Query and path are text, so numbers are read there; a body is taken as it is.
 * Compiled for the first request: a service that starts has some hundred schemas, and most are asked for much later.
 */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  let compiled: TypeCheck<TSchema> | undefined
  const isText = httpPart === 'querystring' || httpPart === 'params'
  return (data: unknown) => {
    const value = isText ? readTexts(schema, data) : data
    const check = compiled ??= TypeCompiler.Compile(schema)
    if (check.Check(value)) return { value }
    const faults = Array.from(nearestErrors(check.Errors(value))).slice(0, MOST_FAULTS)
      .map((error): Fault => ({ path: isText ? error.path.slice(1) : error.path, message: plain(error) }))
    return { error: new AppError('invalid', `${faults[0]?.path ?? ''}: ${faults[0]?.message ?? 'invalid'}`, { faults }) }
  }
}

/** Reads the numbers and flags of a query or path; a text that is neither stays as it is, to be refused. */
function readTexts ({ properties }: TSchema, data: unknown): unknown {
  if (typeof data !== 'object' || data === null) return data
  return Object.fromEntries(Object.entries(data).map(([name, text]) => [name, readText(properties?.[name]?.type, text)]))
}

function readText (type: unknown, text: unknown): unknown {
  if (typeof text !== 'string') return text
  if (type === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text)
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
}

function plain ({ message, schema }: ValueError): string {
  const choices = parseChoices(schema)
  if (choices.length > 0) return `must be one of ${choices.join(', ')}`
  return message === 'Unexpected property' ? 'is not known here' : message
}
