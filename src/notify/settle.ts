import type { DeliveryChannel } from '../../schemas/channel.ts'
import type { Notice } from '../../schemas/notice.ts'
import type { Tried } from './attempt.ts'
import { notifiers } from './index.ts'
import type { HealthChange, NextStep, Settlement } from './outbox.ts'
import { fallbackOf, isBroken, type Channels } from './route.ts'
import { retryDelay, withJitter, type Schedule } from './schedule.ts'
import type { Verdict } from './verdict.ts'

/** A broken channel is asked so often whether it is well again. */
const PROBE_EVERY_MS = 20_000

export interface SettleParts extends Pick<Tried, 'attempt' | 'verdict'> {
  notice: Notice
  /** The channel that was used. */
  channel: DeliveryChannel
  channels: Channels
  schedule: Schedule
  now: number
}

/** Decides what follows from an attempt: for the notice and for the channel that was used. */
export function settlementOf (parts: SettleParts): Settlement {
  const { notice, attempt, channel, verdict } = parts
  const health = healthAfter(parts)
  const after = { ...channel, failures: channel.failures + (health.state === 'failing' ? 1 : 0) }
  const next = notice.isRepeat || verdict.kind === 'delivered' ? afterSuccess(parts) : afterFailure(parts, after)
  return { notice, attempt, next, health }
}

/** A repeat that fails is not retried: the next one comes soon enough. */
function afterSuccess ({ notice: { body }, channel, now }: SettleParts): NextStep {
  const { repeatEveryMs } = notifiers[channel.kind]
  const isRepeated = repeatEveryMs !== undefined && body.state === 'firing' && body.type !== 'test'
  return isRepeated ? { state: 'delivered', repeatAt: now + repeatEveryMs } : { state: 'delivered' }
}

/**
 * What the channel will never take goes to its fallback, once; so does what a broken channel could not take. What is left
 * follows the table, at the place where it was.
 */
function afterFailure ({ notice, verdict, channels, schedule, now }: SettleParts, channel: DeliveryChannel): NextStep {
  const delay = retryDelay(notice.attempts + 1, schedule)
  const fallback = channel.id === notice.channelId ? fallbackOf(channel, channels) : undefined
  const isRefused = verdict.kind !== 'retry' && channel.id === notice.via
  if (delay === undefined || isRefused) return fallback === undefined ? { state: 'failed' } : { state: 'waiting', dueAt: now, via: fallback.id }
  if (fallback !== undefined && isBroken(channel)) return { state: 'waiting', dueAt: now, via: notice.via }
  return { state: 'waiting', dueAt: now + Math.max(delay, waitOf(verdict)), via: notice.via }
}

function healthAfter ({ channel, channels, verdict, schedule, now }: SettleParts): HealthChange {
  const change = { channelId: channel.id, hastens: false }
  if (verdict.kind === 'delivered') return { ...change, state: 'well', hastens: isBroken(channel) }
  if (verdict.kind === 'gone') return { ...change, state: 'gone', hastens: true }
  if (verdict.kind === 'retry' && verdict.isThrottled) return { ...change, state: 'throttled', heldUntil: now + waitOf(verdict) }

  const isBrokenNow = isBroken({ failures: channel.failures + 1 })
  const holdMs = Math.max(waitOf(verdict), isBrokenNow ? withJitter(PROBE_EVERY_MS, schedule) : 0)
  const hastens = isBrokenNow && fallbackOf(channel, channels) !== undefined
  return { ...change, state: 'failing', hastens, ...(holdMs > 0 ? { heldUntil: now + holdMs } : {}) }
}

function waitOf (verdict: Verdict): number {
  return verdict.kind === 'retry' ? verdict.afterMs ?? 0 : 0
}
