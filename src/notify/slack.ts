import { chat } from './chat.ts'
import { clip } from './clip.ts'
import { JSON_HEADERS } from './notifier.ts'
import { ACKNOWLEDGE, type Tone, type Wording } from './wording.ts'

/** Source: Slack, "Block Kit", header and section. */
const MOST = { phone: 1_024, header: 150, text: 3_000 }
const SIGN: Readonly<Record<Tone, string>> = { good: '🟢', warning: '🟡', bad: '🔴' }
const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

export const slack = chat((wording, url) => ({ url, headers: JSON_HEADERS, body: JSON.stringify(messageOf(wording)) }))

/**
 * Blocks are what is shown; `text` is what a notification on a phone says. Slack has no way to write a `*` or `_` of mrkdwn as
 * itself, so what comes from outside stands in plain text only.
 */
function messageOf ({ title, text, tone, url, link, ackUrl }: Wording): object {
  return {
    text: clip(title, MOST.phone, escaped),
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'header', text: plainText(`${SIGN[tone]} ${title}`, MOST.header) },
      { type: 'section', text: plainText(text, MOST.text) },
      { type: 'section', text: { type: 'mrkdwn', text: [marked(url, link), ...ackUrl === undefined ? [] : [marked(ackUrl, ACKNOWLEDGE)]].join(' · '), verbatim: true } }
    ]
  }
}

function marked (url: string, link: string): string {
  return `<${[...escaped(url)].join('')}|${link}>`
}

/** `emoji: false` leaves `:fire:` as it is. */
function plainText (text: string, most: number): object {
  return { type: 'plain_text', text: clip(text, most, escaped), emoji: false }
}

/** These are control characters in each kind of text. Source: Slack, "Formatting text for app surfaces", escaping text. */
function * escaped (text: string): Generator<string> {
  for (const letter of text) yield ESCAPES[letter] ?? letter
}
