import type { NoticeBody } from '../../schemas/notice.ts'
import { clip } from './clip.ts'
import { JSON_HEADERS, type Notifier } from './notifier.ts'
import { chatVerdict } from './verdict.ts'
import { wordingOf, type Tone } from './wording.ts'

const MOST = { title: 1_024, text: 3_000 }
const SIGN: Readonly<Record<Tone, string>> = { good: ':large_green_circle:', warning: ':large_yellow_circle:', bad: ':red_circle:' }
const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

export const slack: Notifier = {
  request: ({ body }, { url }) => ({ url, headers: JSON_HEADERS, body: JSON.stringify(messageOf(body)) }),
  verdict: chatVerdict
}

/** Blocks are what is shown; `text` is what a notification on a phone says. `verbatim` keeps names in it from becoming mentions. */
function messageOf (body: NoticeBody): object {
  const { title, text, tone } = wordingOf(body)
  const heading = clip(title, MOST.title, escape)
  return {
    text: heading,
    blocks: [
      section(`${SIGN[tone]} *${clip(title, MOST.title, escape)}*`),
      section(clip(text, MOST.text, escape)),
      section(`<${escapeAll(body.url)}|Open the alert>`)
    ]
  }
}

function section (text: string): object {
  return { type: 'section', text: { type: 'mrkdwn', text, verbatim: true } }
}

/** Source: Slack, "Formatting text for app surfaces", escaping text. */
function escape (letter: string): string {
  return ESCAPES[letter] ?? letter
}

function escapeAll (text: string): string {
  return text.replace(/[&<>]/g, escape)
}
