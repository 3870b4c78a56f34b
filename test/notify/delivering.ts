import type { Test } from 'tap'
import type { DeliveryChannel } from '../../schemas/channel.ts'
import { systemClock, type Clock } from '../../src/core/clock.ts'
import { Deliverer, type DelivererParts } from '../../src/notify/deliver/deliverer.ts'
import type { Outbox } from '../../src/notify/deliver/outbox.ts'
import { MemoryOutbox } from './memory-outbox.ts'
import type { Received } from './receiver.ts'
import { loopback, NOW } from './support.ts'

const EARLY_MS = 60_000
/** Makes seven hours of waits fit into a moment. */
export const HURRY = 1e-6

interface Delivery {
  outbox: MemoryOutbox
  deliverer: Deliverer
  /** Puts the clock forward and has the outbox looked at. */
  turn: (ms: number) => void
  told: string[]
  errors: unknown[]
}

/** A deliverer that is closed at the end of the test. */
export function open (t: Test, outbox: Outbox, parts: Partial<DelivererParts> = {}): Deliverer {
  const deliverer = new Deliverer({
    outbox,
    clock: systemClock,
    guard: loopback,
    schedule: { factor: 1, random: () => 0 },
    timeoutMs: EARLY_MS,
    pollMs: 5,
    onError: (error) => { throw error },
    ...parts
  })
  t.teardown(() => deliverer.close(0))
  return deliverer
}

/** A deliverer on a clock that stands still unless the test turns it. */
export function deliver (t: Test, channels: DeliveryChannel[], parts: Partial<DelivererParts> = {}): Delivery {
  let now = NOW - NOW % 1_000
  const clock: Clock = { now: () => now }
  const outbox = new MemoryOutbox(channels)
  const [told, errors]: [string[], unknown[]] = [[], []]
  const deliverer = open(t, outbox, {
    clock,
    onError: (error) => errors.push(error),
    onHealth: ({ id }, health) => told.push(`${id} ${health}`),
    ...parts
  })
  const turn = (ms: number): void => {
    now += ms
    deliverer.wake()
  }
  return { outbox, deliverer, turn, told, errors }
}

export const idsOf = (received: readonly Received[]): unknown[] => received.map(({ headers }) => headers['webhook-id'])
