import type { TelexMessage } from '../../schemas/integration.ts'
import type { NoticeBody } from '../../schemas/notice.ts'
import { clip } from './clip.ts'
import { JSON_HEADERS, type Notifier } from './notifier.ts'
import type { Post } from './post.ts'
import type { Tone } from './wording.ts'
import { wordingOf } from './wording.ts'
import { chatVerdict } from './verdict.ts'

export const TELEX_NAME = 'Bellwether'
const MOST = { title: 256, message: 4_000 }
const STATUS: Readonly<Record<Tone, TelexMessage['status']>> = { good: 'success', warning: 'warning', bad: 'error' }

export const telex: Notifier = {
  request: ({ body }, { url }) => telexPost(messageOf(body), url),
  verdict: chatVerdict
}

export function telexPost (message: TelexMessage, url: string): Post {
  return { url, headers: JSON_HEADERS, body: JSON.stringify(message) }
}

function messageOf (body: NoticeBody): TelexMessage {
  const { title, text, tone } = wordingOf(body)
  return {
    event_name: clip(title, MOST.title),
    message: `${clip(text, MOST.message)}\n${body.url}`,
    status: STATUS[tone],
    username: TELEX_NAME
  }
}
