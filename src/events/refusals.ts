import type { Refusal } from '../../schemas/submission.ts'
import { type Clock, isoTime } from '../core/clock.ts'
import { redactText } from '../core/text/redact.ts'

interface Seen {
  time: number
  route: string
  code: string
  message: string
  count: number
}

const KEPT = 20
const MESSAGE_KEPT = 300

/** Remembers why the last deliveries were refused as a whole, for whoever wonders where their events are. */
export class Refusals {
  readonly #clock: Clock
  #seen: readonly Seen[] = []

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** The same again is counted, so that one sender does not push out all others. */
  note ({ route, code, message }: Pick<Seen, 'route' | 'code' | 'message'>): void {
    const kept = message.slice(0, MESSAGE_KEPT)
    const known = this.#seen.find((one) => one.route === route && one.message === kept)
    const seen = { time: this.#clock.now(), route, code, message: kept, count: (known?.count ?? 0) + 1 }
    this.#seen = [seen, ...this.#seen.filter((one) => one !== known)].slice(0, KEPT)
  }

  /** Since the start, the newest first. Nothing of their bodies, no secret: looked for here, since a service that is overloaded refuses thousands a second. */
  list (): Refusal[] {
    return this.#seen.map(({ time, message, ...seen }) => ({ time: isoTime(time), message: redactText(message).slice(0, MESSAGE_KEPT).toWellFormed(), ...seen }))
  }
}
