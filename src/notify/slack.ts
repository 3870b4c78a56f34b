import { chat } from './chat.ts'
import { clip } from './clip.ts'
import { JSON_HEADERS } from './notifier.ts'
import type { Tone, Wording } from './wording.ts'

const MOST = { title: 1_024, text: 3_000 }
const SIGN: Readonly<Record<Tone, string>> = { good: ':large_green_circle:', warning: ':large_yellow_circle:', bad: ':red_circle:' }
const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

export const slack = chat((wording, url) => ({ url, headers: JSON_HEADERS, body: JSON.stringify(messageOf(wording)) }))

/** Blocks are what is shown; `text` is what a notification on a phone says. `verbatim` keeps names in it from becoming mentions. */
function messageOf ({ title, text, tone, url, link }: Wording): object {
  const heading = clip(title, MOST.title, escape)
  return {
    text: heading,
    blocks: [
      section(`${SIGN[tone]} *${clip(title, MOST.title, escape)}*`),
      section(clip(text, MOST.text, escape)),
      section(`<${escapeAll(url)}|${link}>`)
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
