import type { DeliveryChannel } from '../../../schemas/channel.ts'
import type { Attempt } from '../../../schemas/notice.ts'
import type { Clock } from '../../core/clock.ts'
import { notifiers } from '../index.ts'
import type { Told } from '../notifier.ts'
import { guardedPost, type Post, type PostOptions, type PostResult } from '../post.ts'
import type { Verdict } from '../verdict.ts'

/** One notice; more of them only for a channel that can tell a group. */
export type Batch<T extends Told = Told> = readonly [T, ...T[]]

/** An attempt that was made: what was sent, what the ledger keeps of it, and what it means. */
export interface Tried {
  request: Post
  attempt: Attempt
  verdict: Verdict
}

export interface TryOptions extends PostOptions {
  clock: Clock
}

const NOWHERE_TO_CALL: PostResult = { status: 204, headers: {}, replyText: '', ms: 0 }

/**
 * Sends notices to a channel once, with one request, and judges what came of it. Resolves to undefined when it was broken off by the
 * signal: then nobody knows what came of it, and it counts as not made.
 */
export async function tryOnce (batch: Batch, channel: DeliveryChannel, { clock, ...options }: TryOptions): Promise<Tried | undefined> {
  const notifier = notifiers[channel.kind]
  const startedAt = clock.now()
  const request = requestOf(batch, channel, startedAt)
  const result = request.url === '' ? NOWHERE_TO_CALL : await guardedPost(request, options)
  if ('reason' in result && result.reason === 'aborted') return undefined

  const verdict = notifier.verdict(result, clock.now())
  const grouped = batch.length > 1 ? { grouped: batch.length } : {}
  const attempt = { channel: channel.id, time: new Date(startedAt).toISOString(), ms: result.ms, ...grouped, result: verdict.kind, ...outcome(result) }
  return { request, attempt, verdict }
}

function requestOf (batch: Batch, channel: DeliveryChannel, now: number): Post {
  const { request, group } = notifiers[channel.kind]
  if (batch.length === 1) return request(batch[0], channel, now)
  if (group === undefined) throw new Error(`a channel of the kind ${channel.kind} takes one notice at a time`)
  return group.request(batch, channel, now)
}

function outcome (result: PostResult): Partial<Attempt> {
  return 'status' in result
    ? { status: result.status, reply: result.replyText }
    : { reason: result.reason, detail: result.detail }
}
