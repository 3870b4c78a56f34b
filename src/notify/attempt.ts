import type { DeliveryChannel } from '../../schemas/channel.ts'
import type { Attempt, Notice } from '../../schemas/notice.ts'
import type { Clock } from '../clock.ts'
import { notifiers } from './index.ts'
import { guardedPost, type Post, type PostOptions, type PostResult } from './post.ts'
import type { Verdict } from './verdict.ts'

/** An attempt that was made: what was sent, what the ledger keeps of it, and what it means. */
export interface Tried {
  request: Post
  attempt: Attempt
  verdict: Verdict
}

export interface TryOptions extends PostOptions {
  clock: Clock
}

/**
 * Sends a notice to a channel once, and judges what came of it. Resolves to undefined when it was broken off by the signal:
 * then nobody knows what came of it, and it counts as not made.
 */
export async function tryOnce (notice: Pick<Notice, 'id' | 'body'>, channel: DeliveryChannel, { clock, ...options }: TryOptions): Promise<Tried | undefined> {
  const notifier = notifiers[channel.kind]
  const startedAt = clock.now()
  const request = notifier.request(notice, channel, startedAt)
  const result = await guardedPost(request, options)
  if ('reason' in result && result.reason === 'aborted') return undefined

  const verdict = notifier.verdict(result, clock.now())
  const attempt = { channel: channel.id, time: new Date(startedAt).toISOString(), ms: result.ms, result: verdict.kind, ...outcome(result) }
  return { request, attempt, verdict }
}

function outcome (result: PostResult): Partial<Attempt> {
  return 'status' in result
    ? { status: result.status, reply: result.replyText }
    : { reason: result.reason, detail: result.detail }
}
