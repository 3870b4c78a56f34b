import type { NoticeBody } from '../../schemas/notice.ts'
import { clip } from './clip.ts'
import { JSON_HEADERS, type Notifier } from './notifier.ts'
import { chatVerdict } from './verdict.ts'
import { wordingOf, type Tone } from './wording.ts'

const MOST = { title: 256, description: 4_096 }
const COLOUR: Readonly<Record<Tone, number>> = { good: 0x2e9e5b, warning: 0xe0a100, bad: 0xd03a3a }
const MARKDOWN = /[\\*_~`|>#()[\]<]/

export const discord: Notifier = {
  request: ({ body }, { url }) => ({ url, headers: JSON_HEADERS, body: JSON.stringify(messageOf(body)) }),
  verdict: chatVerdict
}

function messageOf (body: NoticeBody): object {
  const { title, text, tone } = wordingOf(body)
  return {
    username: 'Bellwether',
    allowed_mentions: { parse: [] },
    embeds: [{
      title: clip(title, MOST.title, escape),
      description: clip(text, MOST.description, escape),
      url: body.url,
      color: COLOUR[tone],
      timestamp: body.ended_at ?? body.started_at
    }]
  }
}

/** A link whose words hide its address is made of Markdown, so nothing of it is left to what came from outside. */
function escape (letter: string): string {
  return MARKDOWN.test(letter) ? `\\${letter}` : letter
}
