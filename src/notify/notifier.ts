import type { DeliveryChannel } from '../../schemas/channel.ts'
import type { Notice } from '../../schemas/notice.ts'
import type { Post, PostResult } from './post.ts'
import type { Verdict } from './verdict.ts'

/** What is put into a request. */
export type Told = Pick<Notice, 'id' | 'body'>
export type Address = Pick<DeliveryChannel, 'url' | 'secret'>

/** One kind of channel: how a notice is put to it, and what its reply means. Neither sends nor retries. */
export interface Notifier {
  request: (notice: Told, channel: Address, now: number) => Post
  verdict: (result: PostResult, now: number) => Verdict
  /** Set where the receiver forgets: while an alert fires, its newest notice is told again so often. */
  repeatEveryMs?: number
  /** Left out where a program reads notices one by one. */
  group?: Group
}

/** How notices that are due at the same moment are told together: from `least` on, `most` with one request. */
export interface Group {
  least: number
  most: number
  request: (notices: readonly Told[], channel: Address, now: number) => Post
}

export const JSON_HEADERS: Readonly<Record<string, string>> = { accept: 'application/json', 'content-type': 'application/json' }
