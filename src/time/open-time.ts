import type { Logger } from 'pino'
import type { Clock } from '../core/clock.ts'
import type { ClosingStack } from '../core/closing-stack.ts'
import type { Store } from '../store/store.ts'
import { ClockWatch } from './clock-watch.ts'
import { RetentionTime } from './retention-time.ts'

interface Parts {
  store: Store
  clock: Clock
  log: Logger
  closing: ClosingStack
}

/** What is known of a clock that somebody sets. */
export interface Time {
  clockWatch: ClockWatch
  retentionTime: RetentionTime
}

export async function openTime ({ closing, ...parts }: Parts): Promise<Time> {
  return { clockWatch: closing.keep(await ClockWatch.open(parts)), retentionTime: await RetentionTime.open(parts) }
}
