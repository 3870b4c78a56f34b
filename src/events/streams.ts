import type { Alert } from '../../schemas/alert.ts'
import type { Event } from '../../schemas/event.ts'
import type { Sample } from '../../schemas/sample.ts'
import { AppError } from '../core/errors.ts'
import type { RunLook } from '../pipeline/run/job.ts'
import type { LiveFeed } from './live-feed.ts'
import { queryHints } from '../query/hints.ts'
import { matcher } from '../query/match.ts'
import type { QueryNode } from '../query/node.ts'
import { parseQuery } from '../query/parse.ts'
import type { Store } from '../store/store.ts'
import { wireEvent, type IdentifiedEvent } from './wire-event.ts'
import { isoTime } from '../core/clock.ts'

const TOPICS = ['events', 'alerts', 'metrics', 'pipeline'] as const
type Topic = typeof TOPICS[number]

/** One message of a stream. `id` is the place to resume from; samples have none, since newer ones follow. */
export type StreamMessage =
  | { kind: 'events', id: string, events: Event[] }
  | { kind: 'gap', missed: number | null }
  | { kind: 'hints', hints: string[] }
  | { kind: 'alerts', alerts: Alert[] }
  | { kind: 'pipeline', look: RunLook }
  | { kind: 'metrics', time: string, samples: Array<Pick<Sample, 'name' | 'labels' | 'value'>> }

export interface StreamRequest {
  /** With commas. */
  topics: string
  q: string
  /** Place after which to resume; undefined begins with what comes next. */
  after: number | undefined
  /** The token or user that the stream is counted for. */
  owner: string
  signal: AbortSignal
  /** Returns false when the client is not reading; `resume` is called when it does again. */
  send: (message: StreamMessage) => boolean
}

/** What else is followed. `follow` answers how to stop. */
interface Followed<T> {
  follow: (deliver: (news: T) => void) => () => void
}

interface StreamsParts {
  store: Pick<Store, 'read'>
  live: LiveFeed
  samples: Followed<{ time: number, samples: ReadonlyArray<Pick<Sample, 'name' | 'labels' | 'value'>> }>
  alerts: Followed<Alert[]>
  pipeline: Followed<RunLook>
  mostOfOne: number
}

const BACKLOG_PAGE = 1_000
const BACKLOG_MOST = 10_000
const RETRY_AFTER_SECONDS = 5

/** Follows what is new: events, and first those that a returning client missed, alerts that change, and the service's own samples. */
export class Streams {
  readonly #parts: StreamsParts
  readonly #openOf = new Map<string, number>()

  constructor (parts: StreamsParts) {
    this.#parts = parts
  }

  /** Throws `invalid` for a bad query or topic, `quota` for one stream too many, before anything is sent. The stream ends with the signal. */
  open (request: StreamRequest): { resume: () => void, caughtUp: Promise<void> } {
    const topics = parseTopics(request.topics)
    this.#refuseSurplus(request.owner)
    const events = topics.includes('events') ? this.#followEvents(request) : { resume: () => {}, caughtUp: Promise.resolve() }
    this.#count(request)
    if (topics.includes('alerts')) this.#followAlerts(request)
    if (topics.includes('pipeline')) this.#followPipeline(request)
    const samples = topics.includes('metrics') ? this.#followSamples(request) : { resume: () => {} }
    return {
      resume: () => {
        events.resume()
        samples.resume()
      },
      caughtUp: events.caughtUp
    }
  }

  #refuseSurplus (owner: string): void {
    const limit = this.#parts.mostOfOne
    if ((this.#openOf.get(owner) ?? 0) < limit) return
    throw new AppError('quota', `${limit} streams of this token or user are open, which is the most: close one, or raise MAX_STREAMS`, { retryAfterSeconds: RETRY_AFTER_SECONDS, limit })
  }

  #count ({ owner, signal }: StreamRequest): void {
    this.#openOf.set(owner, (this.#openOf.get(owner) ?? 0) + 1)
    signal.addEventListener('abort', () => {
      const left = (this.#openOf.get(owner) ?? 0) - 1
      if (left > 0) this.#openOf.set(owner, left)
      else this.#openOf.delete(owner)
    }, { once: true })
  }

  /** Each change of an alert is sent, also to a client that reads slowly: they are few, and one that does not read at all is let go. */
  #followAlerts ({ signal, send }: StreamRequest): void {
    const stop = this.#parts.alerts.follow((alerts) => { send({ kind: 'alerts', alerts }) })
    signal.addEventListener('abort', stop, { once: true })
  }

  /** What pipelines did, each second in which something came. */
  #followPipeline ({ signal, send }: StreamRequest): void {
    const stop = this.#parts.pipeline.follow((look) => { send({ kind: 'pipeline', look }) })
    signal.addEventListener('abort', stop, { once: true })
  }

  /** Samples that come while the client does not read are left out. */
  #followSamples ({ signal, send }: StreamRequest): { resume: () => void } {
    let isBlocked = false
    const stop = this.#parts.samples.follow(({ time, samples }) => {
      if (isBlocked) return
      isBlocked = !send({ kind: 'metrics', time: isoTime(time), samples: samples.map(({ name, labels, value }) => ({ name, labels, value })) })
    })
    signal.addEventListener('abort', stop, { once: true })
    return { resume: () => { isBlocked = false } }
  }

  /** Sends every event once: those that were missed, then those that come. */
  #followEvents ({ q, after, signal, send }: StreamRequest): { resume: () => void, caughtUp: Promise<void> } {
    const where = parseQuery(q)
    const accepts = where === undefined ? () => true : matcher(where)
    const hints = queryHints(q)
    if (hints.length > 0) send({ kind: 'hints', hints })
    let last = after ?? 0
    let isCaughtUp = after === undefined
    const following = this.#parts.live.follow({
      accepts,
      deliver: ({ events, missed }) => {
        if (missed > 0) send({ kind: 'gap', missed })
        const fresh = events.filter(({ id }) => id > last)
        last = fresh.at(-1)?.id ?? last
        return fresh.length === 0 || send(eventsMessage(fresh))
      }
    }, { isBlocked: after !== undefined })
    signal.addEventListener('abort', following.stop, { once: true })
    const caughtUp = after === undefined
      ? Promise.resolve()
      : this.#catchUp({ where, after, signal, send }).then((reached) => {
        last = Math.max(last, reached)
        isCaughtUp = true
        following.resume()
      })
    // A client that reads again must not let new events in before those that it missed.
    const resume = (): void => { if (isCaughtUp) following.resume() }
    return { resume, caughtUp }
  }

  /** Sends what was stored after the place; returns the place reached. More than the most is told as a gap. */
  async #catchUp ({ where, after, signal, send }: { where: QueryNode | undefined, after: number } & Pick<StreamRequest, 'signal' | 'send'>): Promise<number> {
    let place = after
    for (let sent = 0; sent < BACKLOG_MOST; sent += BACKLOG_PAGE) {
      const events: IdentifiedEvent[] = await this.#parts.store.read('eventsSince', { after: place, where, limit: BACKLOG_PAGE }, { signal })
      if (events.length === 0) return place
      place = events.at(-1)?.id ?? place
      send(eventsMessage(events))
      if (events.length < BACKLOG_PAGE) return place
    }
    send({ kind: 'gap', missed: null })
    return place
  }
}

/** Reads `events,metrics`. Throws `invalid` for a topic that there is not. */
function parseTopics (text: string): Topic[] {
  return [...new Set(text.split(','))].map((name) => {
    const topic = TOPICS.find((known) => known === name.trim())
    if (topic !== undefined) return topic
    const message = `${JSON.stringify(name)} is no topic: there are ${TOPICS.join(', ')}`
    throw new AppError('invalid', `topics: ${message}`, { faults: [{ path: 'topics', message }] })
  })
}

function eventsMessage (events: readonly IdentifiedEvent[]): StreamMessage {
  return { kind: 'events', id: String(events.at(-1)?.id ?? 0), events: events.map(wireEvent) }
}
