import type { DeliveryChannel } from '../../schemas/channel.ts'
import type { Notice } from '../../schemas/notice.ts'
import type { Post, PostResult } from './post.ts'
import type { Verdict } from './verdict.ts'

/** One kind of channel: how a notice is put to it, and what its reply means. Neither sends nor retries. */
export interface Notifier {
  request: (notice: Pick<Notice, 'id' | 'body'>, channel: Pick<DeliveryChannel, 'url' | 'secret'>, now: number) => Post
  verdict: (result: PostResult, now: number) => Verdict
  /** Set where the receiver forgets: while an alert fires, its newest notice is told again so often. */
  repeatEveryMs?: number
}

export const JSON_HEADERS: Readonly<Record<string, string>> = { accept: 'application/json', 'content-type': 'application/json' }
