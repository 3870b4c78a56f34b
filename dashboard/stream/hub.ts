import type { Event } from '../../schemas/event.ts'
import type { Stats } from '../../schemas/pipeline.ts'
import { matcher, type Matchable } from '../../src/query/match.ts'
import { parseQuery } from '../../src/query/parse.ts'
import { StreamConnection } from './connection.ts'
import type { Connection, FromWorker, ToWorker } from './messages.ts'
import type { ServerEvent } from './sse.ts'

const STREAM = '/stream?topics=events,alerts'
/** Apart from the other, since few pages want it. */
const PIPELINE_STREAM = '/stream?topics=pipeline'
const RATE_MS = 1_000

/** One page that follows. */
export interface Follower {
  tell: (message: FromWorker) => void
  matches: ((event: Matchable) => boolean) | undefined
  mostASecond: number
  wantsPipeline: boolean
  /** What it may still be shown in this second. */
  room: number
}

/**
 * Shares one stream among all pages of a browser: browsers allow six connections to one address. Each page gets the events that its own
 * query matches, judged by the code that the service judges by. The stream is closed while nobody follows.
 */
export class StreamHub {
  readonly #followers = new Set<Follower>()
  readonly #connection = new StreamConnection(STREAM, {
    onEvent: (event) => this.#take(event),
    onChange: (connection) => this.#change(connection)
  })

  readonly #pipeline = new StreamConnection(PIPELINE_STREAM, {
    onEvent: (event) => this.#takePipeline(event),
    onChange: () => {}
  })

  #last: Connection = { state: 'connecting' }
  #received = 0

  constructor () {
    setInterval(() => this.#tick(), RATE_MS)
  }

  join (tell: Follower['tell']): Follower {
    const follower: Follower = { tell, matches: undefined, mostASecond: 0, wantsPipeline: false, room: 0 }
    this.#followers.add(follower)
    tell({ kind: 'connection', connection: this.#last })
    this.#connection.open()
    return follower
  }

  hear (follower: Follower, message: ToWorker): void {
    if (message.kind === 'connect') return this.#connection.open()
    if (message.kind === 'leave') return this.#leave(follower)
    if (message.kind === 'pipeline') return this.#wantPipeline(follower, message.isWanted)
    follower.mostASecond = message.mostASecond
    follower.room = message.mostASecond
    follower.matches = message.q === undefined ? undefined : testOf(message.q)
  }

  #leave (follower: Follower): void {
    this.#followers.delete(follower)
    this.#wantPipeline(follower, false)
    if (this.#followers.size === 0) this.#connection.close()
  }

  #wantPipeline (follower: Follower, isWanted: boolean): void {
    follower.wantsPipeline = isWanted
    if ([...this.#followers].some(({ wantsPipeline }) => wantsPipeline)) this.#pipeline.open()
    else this.#pipeline.close()
  }

  #takePipeline ({ event, data }: ServerEvent): void {
    if (event !== 'pipeline') return
    const stats: Stats = JSON.parse(data)
    for (const { wantsPipeline, tell } of this.#followers) if (wantsPipeline) tell({ kind: 'pipeline', stats })
  }

  #change (connection: Connection): void {
    this.#last = connection
    this.#tell({ kind: 'connection', connection })
  }

  #tell (message: FromWorker): void {
    for (const { tell } of this.#followers) tell(message)
  }

  #tick (): void {
    this.#tell({ kind: 'rate', received: this.#received, ms: RATE_MS })
    this.#received = 0
    for (const follower of this.#followers) follower.room = follower.mostASecond
  }

  #take ({ event, data }: ServerEvent): void {
    if (event === 'events') return this.#takeEvents(JSON.parse(data))
    if (event === 'alerts') return this.#tell({ kind: 'alerts', alerts: JSON.parse(data) })
    if (event === 'gap') this.#tell({ kind: 'gap', ...JSON.parse(data) })
  }

  #takeEvents (events: Event[]): void {
    this.#received += events.length
    const newest = events.toReversed().map((event) => ({ event, matchable: matchableOf(event) }))
    for (const follower of this.#followers) {
      const { matches } = follower
      if (matches === undefined) continue
      const matched = newest.filter(({ matchable }) => matches(matchable)).map(({ event }) => event)
      const shown = matched.slice(0, follower.room)
      follower.room -= shown.length
      if (matched.length > 0) follower.tell({ kind: 'events', events: shown, dropped: matched.length - shown.length })
    }
  }
}

/** A query that cannot be read matches nothing: the page says what is wrong with it. */
function testOf (q: string): (event: Matchable) => boolean {
  try {
    const query = parseQuery(q)
    return query === undefined ? () => true : matcher(query)
  } catch {
    return () => false
  }
}

function matchableOf (event: Event): Matchable {
  return {
    level: event.level,
    severity: event.severity,
    service: event.service,
    type: event.type,
    host: event.host,
    traceId: event.trace_id,
    message: event.message,
    meta: JSON.stringify(event.meta),
    patternId: event.pattern_id,
    anomaly: event.anomaly.score
  }
}
