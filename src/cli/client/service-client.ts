import { AppError, type Fault } from '../../core/errors.ts'
import { isRecord } from '../../core/is-record.ts'
import { CommandError, EXIT } from '../command.ts'

/** What the service answered in place of what was asked for. */
export class Refusal extends AppError {
  readonly status: number

  constructor (status: number, message: string, details: { faults: readonly Fault[], retryAfterSeconds?: number }) {
    super('invalid', message, details)
    this.status = status
  }
}

/** Thrown when no answer came, or half of one. */
export class Unreachable extends CommandError {
  /** Nobody was there to take a connection. */
  readonly isAbsent: boolean

  constructor (message: string, cause: unknown) {
    super(message, EXIT.unreachable, cause)
    this.isAbsent = ABSENT.includes(reasonOf(cause))
  }
}

export interface Asked {
  method?: 'GET' | 'POST'
  query?: Record<string, string | undefined>
  headers?: Record<string, string>
  body?: Uint8Array<ArrayBuffer> | string
  signal: AbortSignal
  /** No limit for what streams. */
  timeoutMs?: number
}

const ABSENT: readonly string[] = ['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH']
const SIGN_IN = 'give a token with --token-file or BELLWETHER_TOKEN (bellwether token create --name me --scope ingest,read makes one)'

/** Asks a running service. */
export class ServiceClient {
  /** Without a slash at its end. */
  readonly address: string
  readonly #token: string

  constructor (base: URL, token: string) {
    this.address = base.href.replace(/\/+$/, '')
    this.#token = token
  }

  /**
   * Answers what the service answered with success. Throws Refusal for what it refuses, CommandError with 4 for what needs another
   * token, Unreachable when no answer came; what `signal` was aborted with when it was.
   */
  async ask (path: string, { method = 'GET', query = {}, headers = {}, body, signal, timeoutMs }: Asked): Promise<Response> {
    const url = new URL(`${this.address}${path}`)
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value)
    const until = timeoutMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    const response = await this.#reached(() => fetch(url, {
      method, headers: { ...this.#who(), accept: 'application/json', ...headers }, redirect: 'manual', signal: until, ...(body === undefined ? {} : { body })
    }), signal)
    if (response.ok) return response
    throw await this.#refusalOf(response, signal)
  }

  /** As `ask`, and reads the answer as JSON. */
  async json (path: string, asked: Asked): Promise<unknown> {
    const response = await this.ask(path, { timeoutMs: 60_000, ...asked })
    const text = await this.#reached(() => response.text(), asked.signal)
    try {
      const value: unknown = JSON.parse(text)
      return value
    } catch (error) {
      throw this.notOurs(error)
    }
  }

  /** Says that something else answers there. */
  notOurs (cause?: unknown): CommandError {
    return new CommandError(`what answers at ${this.address} is no Bellwether: say where the service is with --url or BELLWETHER_URL`, EXIT.failed, cause)
  }

  async #reached<T> (attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await attempt()
    } catch (error) {
      signal.throwIfAborted()
      const why = error instanceof Error && error.name === 'TimeoutError' ? 'no answer in time' : reasonOf(error)
      throw new Unreachable(`nothing answers at ${this.address} (${why}): start it with bellwether serve, or say where it is with --url or BELLWETHER_URL`, error)
    }
  }

  #who (): Record<string, string> {
    return this.#token === '' ? {} : { authorization: `Bearer ${this.#token}` }
  }

  async #refusalOf (response: Response, signal: AbortSignal): Promise<Error> {
    const { status, headers } = response
    const location = headers.get('location')
    if (location !== null) return new CommandError(`${this.address} leads to ${location}: give that as --url`, EXIT.failed)
    const { detail, faults } = problemOf(await this.#reached(() => response.text(), signal))
    if (status === 401) return new CommandError(`not signed in at ${this.address}: ${this.#token === '' ? SIGN_IN : `the token is refused (${detail}); ${SIGN_IN}`}`, EXIT.notSignedIn)
    if (status === 403) return new CommandError(`${detail}: ${SIGN_IN}`, EXIT.notSignedIn)
    const retryAfter = Number(headers.get('retry-after') ?? 'none')
    return new Refusal(status, detail === '' ? `${this.address} answers ${status}` : detail, { faults, ...(Number.isFinite(retryAfter) ? { retryAfterSeconds: retryAfter } : {}) })
  }
}

/** What is told of a failure of the network. */
function reasonOf (error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (cause instanceof Error && 'code' in cause) return String(cause.code)
  return cause instanceof Error ? cause.message : String(cause)
}

/** Reads problem details; of anything else its beginning. */
function problemOf (text: string): { detail: string, faults: Fault[] } {
  try {
    const problem: unknown = JSON.parse(text)
    if (!isRecord(problem)) return { detail: '', faults: [] }
    const errors = Array.isArray(problem['errors']) ? problem['errors'].filter(isRecord) : []
    return { detail: String(problem['detail'] ?? ''), faults: errors.map(({ path, message }) => ({ path: String(path), message: String(message) })) }
  } catch {
    return { detail: '', faults: [] }
  }
}
