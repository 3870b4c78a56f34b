import type { TelexMessage } from '../../schemas/integration.ts'
import { chat } from './chat.ts'
import { clip } from './clip.ts'
import { JSON_HEADERS } from './notifier.ts'
import type { Post } from './post.ts'
import { ACKNOWLEDGE, type Tone, type Wording } from './wording.ts'

export const TELEX_NAME = 'Bellwether'
const MOST = { title: 256, message: 4_000 }
const STATUS: Readonly<Record<Tone, TelexMessage['status']>> = { good: 'success', warning: 'warning', bad: 'error' }

export const telex = chat((wording, url) => telexPost(messageOf(wording), url))

export function telexPost (message: TelexMessage, url: string): Post {
  return { url, headers: JSON_HEADERS, body: JSON.stringify(message) }
}

function messageOf ({ title, text, tone, url, ackUrl }: Wording): TelexMessage {
  return {
    event_name: clip(title, MOST.title),
    message: [clip(text, MOST.message), url, ...ackUrl === undefined ? [] : [`${ACKNOWLEDGE}: ${ackUrl}`]].join('\n'),
    status: STATUS[tone],
    username: TELEX_NAME
  }
}
