import type { DeliveryChannel } from '../../../schemas/channel.ts'
import type { Notice } from '../../../schemas/notice.ts'
import type { HealthChange, NextStep, Settlement } from '../../../schemas/outbox.ts'
import type { Tried } from './attempt.ts'
import { notifiers } from '../index.ts'
import { fallbackOf, isBroken, type Channels } from './route.ts'
import { retryDelay, withJitter, type Schedule } from './schedule.ts'
import type { Verdict } from '../verdict.ts'

/** A broken channel is asked so often whether it is well again. */
const PROBE_EVERY_MS = 20_000

export interface SettleParts extends Pick<Tried, 'attempt' | 'verdict'> {
  /** Those that the attempt told. */
  notices: readonly Notice[]
  /** The channel that was used. */
  channel: DeliveryChannel
  channels: Channels
  schedule: Schedule
  now: number
}

type StepParts = Omit<SettleParts, 'notices'> & { notice: Omit<Notice, 'body'> }

/** Decides what follows from an attempt: for each notice and for the channel that was used. */
export function settlementOf ({ notices, ...parts }: SettleParts): Settlement {
  const { attempt, channel, verdict } = parts
  const health = healthAfter(parts)
  const after = { ...channel, failures: channel.failures + (health.state === 'failing' ? 1 : 0) }
  const isRefusedTogether = notices.length > 1 && isRefusal(verdict)
  // What was told together waits equally long, to be told together again.
  const random = parts.schedule.random()
  const schedule = { ...parts.schedule, random: () => random }
  const steps = notices.map(({ body, ...notice }) => {
    if (notice.isRepeat || verdict.kind === 'delivered') return { notice, next: afterSuccess(body, { ...parts, notice }) }
    return { notice, next: isRefusedTogether ? again(parts, notice) : afterFailure({ ...parts, schedule, notice }, after) }
  })
  return { attempt, steps, health }
}

/** Trying again does not help. */
export function isRefusal ({ kind }: Verdict): boolean {
  return kind === 'failed' || kind === 'gone'
}

/**
 * A repeat that fails is not retried: the next one comes soon enough. It is the channel that the notice is for now that is told again,
 * not one that stood in for it.
 */
function afterSuccess ({ state, type }: Notice['body'], { notice: { via }, channel, channels, now }: StepParts): NextStep {
  const { repeatEveryMs } = notifiers[(channels.get(via) ?? channel).kind]
  const isRepeated = repeatEveryMs !== undefined && state === 'firing' && type !== 'test'
  return isRepeated ? { state: 'delivered', repeatAt: now + repeatEveryMs } : { state: 'delivered' }
}

/** One of them may be what the channel will never take, or the group itself: each is to be told alone. */
function again ({ now }: Pick<SettleParts, 'now'>, { via }: Pick<Notice, 'via'>): NextStep {
  return { state: 'waiting', dueAt: now, via }
}

/**
 * What the channel will never take goes to its fallback, once; so does what a broken channel could not take. What is left
 * follows the table, at the place where it was.
 */
function afterFailure ({ notice, verdict, channels, schedule, now }: StepParts, channel: DeliveryChannel): NextStep {
  const delay = retryDelay(notice.tries + 1, schedule)
  const fallback = channel.id === notice.channelId ? fallbackOf(channel, channels) : undefined
  const isRefused = verdict.kind !== 'retry' && channel.id === notice.via
  if (delay === undefined || isRefused) return fallback === undefined ? { state: 'failed' } : { state: 'waiting', dueAt: now, via: fallback.id }
  if (fallback !== undefined && isBroken(channel)) return { state: 'waiting', dueAt: now, via: notice.via }
  return { state: 'waiting', dueAt: now + Math.max(delay, waitOf(verdict)), via: notice.via }
}

function healthAfter ({ channel, channels, verdict, schedule, now }: Omit<SettleParts, 'notices'>): HealthChange {
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
