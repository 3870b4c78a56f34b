import { chat } from './chat.ts'
import { clip } from './clip.ts'
import { JSON_HEADERS } from './notifier.ts'
import { ACKNOWLEDGE, type Tone, type Wording } from './wording.ts'

const MOST = { title: 256, description: 4_096 }
const COLOUR: Readonly<Record<Tone, number>> = { good: 0x2e9e5b, warning: 0xe0a100, bad: 0xd03a3a }
/** What means something anywhere, what begins a list, and what begins the name of an emoji. */
const MARKDOWN = /[\\*_~`|>#()[\]<]|(?<=^[ \t]*)[-+]|(?<=^[ \t]*\d+)\.|:(?=(?:[a-z+-][\w+-]*|100|1234):)/gim
const LETTER = /\\.|./gsu

export const discord = chat((wording, url) => ({ url, headers: JSON_HEADERS, body: JSON.stringify(messageOf(wording)) }))

function messageOf ({ title, text, tone, url, at, ackUrl }: Wording): object {
  const ack = ackUrl === undefined ? '' : `\n[${ACKNOWLEDGE}](${ackUrl})`
  return {
    username: 'Bellwether',
    allowed_mentions: { parse: [] },
    embeds: [{
      title: clip(title, MOST.title, escaped),
      description: clip(text, MOST.description - ack.length, escaped) + ack,
      url,
      color: COLOUR[tone],
      timestamp: at
    }]
  }
}

/** A link whose words hide its address is made of Markdown, so nothing of it is left to what came from outside. */
function escaped (text: string): string[] {
  return text.replace(MARKDOWN, '\\$&').match(LETTER) ?? []
}
