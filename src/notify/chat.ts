import type { Notifier } from './notifier.ts'
import type { Post } from './post.ts'
import { chatVerdict } from './verdict.ts'
import { groupWording, wordingOf, type Wording } from './wording.ts'

/** So many alerts at the same moment are a storm, in which nobody reads one message for each. */
const STORM = 5
const MOST_TOGETHER = 200

/** Makes a chat of what puts a message to it: one for each notice, and in a storm one for all that are due. */
export function chat (post: (wording: Wording, url: string) => Post): Notifier {
  return {
    request: ({ body }, { url }) => post(wordingOf(body), url),
    verdict: chatVerdict,
    group: { least: STORM, most: MOST_TOGETHER, request: (notices, { url }) => post(groupWording(notices.map(({ body }) => body)), url) }
  }
}
