import { isRecord } from '../../core/is-record.ts'
import { idAt } from '../../core/row-ids.ts'
import { EXIT } from '../command.ts'
import { clientOf, commandLine, queryOf, readFlags, withService, type ServiceFlags } from './client-flags.ts'
import { FIELDS, type AnyEvent } from './event-lines.ts'
import { messagesOf, type StreamMessage } from './event-stream.ts'
import { printerOf } from './query-command.ts'
import { pointedOut } from './query-fault.ts'
import { isPassing, waitAfter } from './retry.ts'
import { Unreachable, type ServiceClient } from './service-client.ts'
import { tell, untilSignal } from './terminal.ts'

interface TailFlags extends ServiceFlags {
  fields?: string
  json?: true
}

interface FollowParts {
  client: ServiceClient
  query: string
  show: (events: readonly AnyEvent[]) => Promise<void>
  signal: AbortSignal
}

/** The service says each 15 s that it is still there. */
const SILENT_MS = 45_000

/** Follows what is stored, until Ctrl-C; returns the exit code. */
export async function tailEvents (args: readonly string[]): Promise<number> {
  const command = withService(commandLine('tail', 'Follows events as they come, across lost connections, each of them once. Ctrl-C ends it.'))
    .argument('[query...]')
    .option('--fields <names>', `with commas: ${FIELDS.join(',')}; also id, received_at, severity, type, host, trace_id, meta.x`)
    .option('--json', 'print each event as a line of JSON')
    .allowUnknownOption()
  const read = readFlags<TailFlags>(command, args)
  if (read === undefined) return EXIT.done
  const query = queryOf(command, read.words)
  const client = clientOf(read.flags)
  const show = printerOf(read.flags)
  try {
    return await untilSignal((signal) => new Follower({ client, query, show, signal }).follow())
  } catch (error) {
    throw pointedOut(error, query)
  }
}

/** Knows after which event to go on. */
class Follower {
  readonly #parts: FollowParts
  #place: string | undefined
  #isConnected = false
  #isHinted = false
  #attempt = 0

  constructor (parts: FollowParts) {
    this.#parts = parts
  }

  /** Rejects when the signal comes, and for what no repeat will change. */
  async follow (): Promise<never> {
    const { signal } = this.#parts
    for (;;) {
      const lost = await this.#connection()
      signal.throwIfAborted()
      const isAtAll = this.#place !== undefined
      if (!isPassing(lost) || (lost instanceof Unreachable && !isAtAll)) throw lost
      if (this.#attempt++ === 0) tell(`${isAtAll ? 'the connection is lost' : 'the service takes no stream now'} (${messageOf(lost)}): trying again`)
      this.#isConnected = false
      await waitAfter(lost, this.#attempt, signal)
    }
  }

  /** Follows one connection to its end; answers what ended it. */
  async #connection (): Promise<unknown> {
    const { client, query, signal } = this.#parts
    const silent = new AbortController()
    const watch = setTimeout(() => silent.abort(), SILENT_MS)
    try {
      const response = await client.ask('/stream', {
        query: { topics: 'events', ...(query === '' ? {} : { q: query }) },
        headers: { accept: 'text/event-stream', ...(this.#place === undefined ? {} : { 'last-event-id': this.#place }) },
        signal: AbortSignal.any([signal, silent.signal])
      })
      if (response.body === null || response.headers.get('content-type')?.startsWith('text/event-stream') !== true) return client.notOurs()
      this.#connected(response)
      for await (const message of messagesOf(response.body, () => watch.refresh())) await this.#take(message)
      return new Unreachable('the service ended the stream', undefined)
    } catch (error) {
      if (silent.signal.aborted) return new Unreachable('the service says nothing any more', error)
      return this.#isConnected ? new Unreachable(messageOf(error), error) : error
    } finally {
      clearTimeout(watch)
    }
  }

  #connected ({ headers }: Response): void {
    if (this.#attempt > 0) tell('connected again')
    this.#attempt = 0
    this.#isConnected = true
    // What comes between now and a lost connection, before there was any event, is not to be missed.
    const since = Date.parse(headers.get('date') ?? '')
    this.#place ??= Number.isNaN(since) ? undefined : String(idAt(since, 0))
  }

  async #take ({ id, event, data }: StreamMessage): Promise<void> {
    const value: unknown = JSON.parse(data)
    if (event === 'hints' && Array.isArray(value)) this.#hint(value)
    if (event === 'gap' && isRecord(value)) tell(gapText(value['missed']))
    if (event === 'events' && Array.isArray(value)) await this.#parts.show(value.filter(isRecord))
    this.#place = id ?? this.#place
  }

  /** Each connection begins with them. */
  #hint (hints: readonly unknown[]): void {
    if (!this.#isHinted) for (const hint of hints) process.stderr.write(`hint: ${String(hint)}\n`)
    this.#isHinted = true
  }
}

function gapText (missed: unknown): string {
  const many = typeof missed === 'number' ? `${missed} events were` : 'more events than are sent again were'
  return `${many} left out here: bellwether query finds them`
}

function messageOf (error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
