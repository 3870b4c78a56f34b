import type { Problem } from '../../schemas/common.ts'
import { signal } from '@preact/signals'

/** A refusal, or no answer at all: then `status` is 0. */
export class ApiError extends Error {
  readonly status: number
  readonly requestId: string | undefined
  /** By their paths. */
  readonly faults: ReadonlyArray<{ path: string, message: string }>

  constructor (message: string, status: number, { requestId, faults = [] }: { requestId?: string | undefined, faults?: ReadonlyArray<{ path: string, message: string }> } = {}) {
    super(message)
    this.status = status
    this.requestId = requestId
    this.faults = faults
  }
}

/** The session ended while the page was open. */
export const isSignedOut = signal(false)

interface Options {
  body?: unknown
  signal?: AbortSignal
  /** Tells a 401 as an error only: of signing in, and of asking who is signed in. */
  isQuiet?: boolean
}

type Query = Record<string, string | number | boolean | undefined>

export function get<T> (path: string, query: Query = {}, options: Options = {}): Promise<T> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '').map(([name, value]) => [name, String(value)])
  const text = new URLSearchParams(given).toString()
  return call('GET', text === '' ? path : `${path}?${text}`, options)
}

/** Throws ApiError. An answer without a body is undefined. */
export async function call<T> (method: string, path: string, { body, signal, isQuiet = false }: Options = {}): Promise<T> {
  const response = await send(method, path, body, signal)
  if (response.ok) return response.status === 204 ? undefined as T : await response.json()
  if (response.status === 401 && !isQuiet) isSignedOut.value = true
  throw await refusal(response)
}

async function send (method: string, path: string, body: unknown, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(path, {
      method,
      credentials: 'same-origin',
      headers: { accept: 'application/json', ...body === undefined ? {} : { 'content-type': 'application/json' } },
      ...body === undefined ? {} : { body: JSON.stringify(body) },
      ...signal === undefined ? {} : { signal }
    })
  } catch (error) {
    if (signal?.aborted === true) throw error
    throw new ApiError('the service does not answer', 0)
  }
}

async function refusal (response: Response): Promise<ApiError> {
  const requestId = response.headers.get('x-request-id') ?? undefined
  try {
    const { detail, title, errors }: Problem = await response.json()
    return new ApiError(detail ?? title, response.status, { requestId, faults: errors ?? [] })
  } catch {
    return new ApiError(`the service answered ${response.status}`, response.status, { requestId })
  }
}
