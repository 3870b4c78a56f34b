import { AppError } from '../core/errors.ts'

export interface AdmissionLimits {
  /** Bytes of bodies that may be held at once. */
  bytes: number
  /** Events that may be on their way into the store at once. */
  events: number
}

interface Load {
  bytes: number
  events: number
}

const SHARE_OF_ONE_SENDER = 0.75
const RETRY_AFTER_SECONDS = 1
const NOTHING: Load = { bytes: 0, events: 0 }
/** How a body is counted before it is read: by the size of a usual event, a slice of the body at most. */
const USUAL_EVENT_BYTES = 256
const SLICE_EVENTS = 500

/**
 * Decides before a body is read whether there is room for it. Of what is let in, the bytes that arrived and the events
 * they hold are counted until the answer is sent: all together up to the limits (`overloaded` beyond), one sender up to
 * three quarters of them (`quota`), so that a noisy one cannot lock the others out. A request that finds nobody before
 * it is always let in.
 */
export class Admission {
  readonly #limits: AdmissionLimits
  readonly #share: AdmissionLimits
  readonly #total: Load = { bytes: 0, events: 0 }
  readonly #senders = new Map<string, Load>()
  #waiting: Array<() => void> = []

  constructor (limits: AdmissionLimits) {
    this.#limits = limits
    this.#share = { bytes: limits.bytes * SHARE_OF_ONE_SENDER, events: limits.events * SHARE_OF_ONE_SENDER }
  }

  get load (): Readonly<Load> {
    return this.#total
  }

  /** `bytes` is what the request announces. */
  enter (sender: string, bytes: number): Ticket {
    this.#refuse(sender, { bytes, events: expectedEvents(bytes) }, NOTHING)
    return new Ticket({
      add: (load) => this.#add(sender, load),
      refuse: (load, held) => this.#refuse(sender, load, held),
      hasRoom: () => this.#total.events < this.#limits.events,
      change: () => new Promise((resolve) => this.#waiting.push(resolve))
    })
  }

  /** `held` is what the request has already: it does not stand in its own way. */
  #refuse (sender: string, more: Load, held: Load): void {
    if (exceeds({ load: this.#total, held, more }, this.#limits)) {
      throw new AppError('overloaded', 'more is on its way into the store than it can take: send it again a little later', { retryAfterSeconds: RETRY_AFTER_SECONDS })
    }
    const own = this.#senders.get(sender)
    const isShared = own !== undefined && own.bytes + own.events < this.#total.bytes + this.#total.events
    if (isShared && exceeds({ load: own, held, more }, this.#share)) {
      throw new AppError('quota', 'this token uses its share of the queue while others wait: send it again a little later', { retryAfterSeconds: RETRY_AFTER_SECONDS })
    }
  }

  #add (sender: string, { bytes, events }: Load): void {
    const own = this.#senders.get(sender) ?? { bytes: 0, events: 0 }
    for (const load of [this.#total, own]) {
      load.bytes += bytes
      load.events += events
    }
    if (own.bytes === 0 && own.events === 0) this.#senders.delete(sender)
    else this.#senders.set(sender, own)
    if (bytes < 0 || events < 0) this.#wake()
  }

  #wake (): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

interface Gate {
  add: (load: Load) => void
  refuse: (load: Load, held: Load) => void
  /** For further events of bodies that are already being stored. */
  hasRoom: () => boolean
  /** Resolves when something was given back. */
  change: () => Promise<void>
}

/**
 * One request's place in the queue; `leave` gives it back whatever happened. The work on a request whose client went away
 * goes on for a moment: from then on nothing is counted, since nobody would give it back.
 */
export class Ticket {
  readonly #gate: Gate
  #held: Load = NOTHING
  #hasLeft = false

  constructor (gate: Gate) {
    this.#gate = gate
  }

  /** Counts what has arrived of the body. Throws as `enter` does when others have taken the room meanwhile. */
  receive (bytes: number): void {
    if (this.#hasLeft) return
    this.#gate.refuse({ bytes: bytes - this.#held.bytes, events: 0 }, this.#held)
    this.#hold({ bytes, events: this.#held.events })
  }

  /** The body is whole and takes so many bytes: it waits to be read. */
  arrive (bytes: number): void {
    this.#hold({ bytes, events: expectedEvents(bytes) })
  }

  /** The first events were read from the body: what was expected is known now. */
  begin (events: number): void {
    this.#hold({ bytes: this.#held.bytes, events })
  }

  /** Waits for room for further events of the body. */
  async goOn (events: number): Promise<void> {
    // Looked at again by each that waits, right before it counts: otherwise all would find the room that is there for one.
    while (!this.#gate.hasRoom()) await this.#gate.change()
    this.#hold({ bytes: this.#held.bytes, events: this.#held.events + events })
  }

  /** So many events were stored. */
  finish (events: number): void {
    this.#hold({ bytes: this.#held.bytes, events: this.#held.events - events })
  }

  leave (): void {
    this.#hold(NOTHING)
    this.#hasLeft = true
  }

  #hold (load: Load): void {
    if (this.#hasLeft) return
    const { bytes, events } = this.#held
    this.#held = load
    this.#gate.add({ bytes: load.bytes - bytes, events: load.events - events })
  }
}

function expectedEvents (bytes: number): number {
  return Math.min(SLICE_EVENTS, Math.ceil(bytes / USUAL_EVENT_BYTES))
}

interface Claim {
  load: Load
  /** Of `load`, what the one who asks holds itself. */
  held: Load
  more: Load
}

function exceeds ({ load, held, more }: Claim, limits: AdmissionLimits): boolean {
  const isBytesOver = load.bytes > held.bytes && load.bytes + more.bytes > limits.bytes
  const isEventsOver = load.events > held.events && load.events + more.events > limits.events
  return (more.bytes > 0 && isBytesOver) || (more.events > 0 && isEventsOver)
}
