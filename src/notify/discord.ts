import { chat } from './chat.ts'
import { clip } from './clip.ts'
import { JSON_HEADERS } from './notifier.ts'
import type { Tone, Wording } from './wording.ts'

const MOST = { title: 256, description: 4_096 }
const COLOUR: Readonly<Record<Tone, number>> = { good: 0x2e9e5b, warning: 0xe0a100, bad: 0xd03a3a }
const MARKDOWN = /[\\*_~`|>#()[\]<]/

export const discord = chat((wording, url) => ({ url, headers: JSON_HEADERS, body: JSON.stringify(messageOf(wording)) }))

function messageOf ({ title, text, tone, url, at }: Wording): object {
  return {
    username: 'Bellwether',
    allowed_mentions: { parse: [] },
    embeds: [{
      title: clip(title, MOST.title, escape),
      description: clip(text, MOST.description, escape),
      url,
      color: COLOUR[tone],
      timestamp: at
    }]
  }
}

/** A link whose words hide its address is made of Markdown, so nothing of it is left to what came from outside. */
function escape (letter: string): string {
  return MARKDOWN.test(letter) ? `\\${letter}` : letter
}
