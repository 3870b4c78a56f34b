import { request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from '../http.ts'

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']
const PAUSE_MS = 500
const AT_ONCE = 16

/** Requests of all kinds, round after round until it is ended. */
export class Traffic {
  readonly #client: Client
  readonly #base: string
  readonly #token: string
  readonly #stopping = new AbortController()
  /** What went wrong, when it is over. */
  readonly #fault: Promise<unknown>

  constructor (base: string, token: string) {
    this.#base = base
    this.#token = token
    this.#client = new Client(base, token, AT_ONCE)
    this.#fault = this.#run().then(() => undefined, (error: unknown) => error)
  }

  /** Ends it. Throws when a request got no answer. */
  async close (): Promise<void> {
    this.#stopping.abort()
    const fault = await this.#fault
    this.#client.close()
    if (fault !== undefined) throw fault
  }

  async #run (): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await Promise.all([this.#reads(), this.#writes(), this.#faults(), this.#stream()])
      await delay(PAUSE_MS, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
    }
  }

  async #reads (): Promise<void> {
    for (const path of ['/', '/health', '/events?limit=10', '/events?q=level>=error', '/events/facets?field=service']) await this.#client.call({ path: encodeURI(path) })
  }

  /** Events of every level, some at once that crowd each other out, and some that cannot be stored. */
  async #writes (): Promise<void> {
    await this.#client.post('/events', LEVELS.map((level, index) => ({ level, service: `service-${index % 3}`, message: `a line of level ${level}` })))
    await this.#client.post('/log', { level: 'error', message: 'a line of its own' })
    await this.#client.post('/events', [{ message: 'good' }, { text: 'without a message' }])
    await Promise.all(Array.from({ length: AT_ONCE }, () => this.#client.post('/events', { message: 'one of many' })))
  }

  /** An unknown path, a bad body, a wrong query, no token. */
  async #faults (): Promise<void> {
    const stranger = new Client(this.#base)
    await Promise.all([
      this.#client.call({ path: '/no/such/path' }),
      this.#client.call({ path: '/events', body: '{' }),
      this.#client.call({ path: '/events?limit=none' }),
      stranger.call({ path: '/events' })
    ])
    stranger.close()
  }

  /** Opens the live stream and leaves it. */
  async #stream (): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const outgoing = request(new URL('/stream', this.#base), { headers: { authorization: `Bearer ${this.#token}` } })
      outgoing.once('response', (response) => {
        response.destroy()
        resolve()
      })
      outgoing.once('error', reject)
      outgoing.end()
    })
  }
}
