import type { AckLink } from '../../schemas/ack-link.ts'
import type { Page } from './page-bundle.ts'
import type { Theme } from './page-html.ts'

/** What a small page says. Texts are plain; `main` is markup. */
interface Told {
  title: string
  text?: string
  main?: string
}

/** Makes the page that the link of a notice opens, which works without a script; or, given a text, one that says why it does not. */
export type SmallPage = (told: AckLink | { kind: 'fault', text: string }, theme: Theme) => Promise<string>

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const STYLE = /^main-\w+\.css$/
const SHAPES = { critical: 'M5 1h6l4 4v6l-4 4H5l-4-4V5z', warning: 'M8 1.5 15.5 15H.5z' } as const
const OVER = {
  expired: { title: 'This link has expired', text: 'A link in a notice is good for 24 hours. A newer notice of the alert has a newer one.' },
  ended: { title: 'The alert has ended', text: 'There is nothing left to acknowledge.' },
  closed: { title: 'This link is switched off', text: 'The channel that it came on takes no acknowledgements any more.' }
} as const

export function openSmallPage (page: Page): SmallPage {
  return async (told, theme) => {
    const style = Array.from((await page()).keys()).find((name) => STYLE.test(name)) ?? ''
    const { title, text, main = '' } = contentOf(told)
    return `<!doctype html>
<html lang="en" data-theme="${theme}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(title)} · Bellwether</title>
<link rel="icon" href="/logo.svg">
<link rel="stylesheet" href="/dashboard/assets/${style}">
</head>
<body>
<main class="small-page">
<h1><bdi>${escaped(title)}</bdi></h1>
${text === undefined ? '' : `<p>${escaped(text)}</p>`}${main}
</main>
</body>
</html>
`
  }
}

function contentOf (told: Parameters<SmallPage>[0]): Told {
  switch (told.kind) {
    case 'open': return question(told)
    case 'done': return { title: `Acknowledged ${told.note}`, text: 'Nobody is told more of the alert meanwhile, unless it gets worse. The link was good once and does nothing more.' }
    case 'used': return { title: 'This link was used before', text: `The alert was acknowledged ${told.note} by it, on ${timeText(told.at)}. Nothing was changed now.` }
    case 'over': return OVER[told.why]
    case 'unknown': return { title: 'There is no such link', text: 'It may have been cut off on its way. Open it from the notice again.' }
    case 'fault': return { title: 'This did not work', text: told.text }
  }
}

function question ({ alert, measured, channel, expiresAt }: Extract<AckLink, { kind: 'open' }>): Told {
  const severity = alert.severity ?? 'warning'
  const labels = Object.entries(alert.labels).map(([name, value]) => `${name}=${value}`).join(', ')
  const facts: Array<[name: string, value: string]> = [
    ['Value', measured],
    ['Labels', labels],
    ['Since', timeText(alert.started_at)],
    ['Now', stateText(alert)],
    ['Told on', channel]
  ]
  const shown = facts.filter(([, value]) => value !== '').map(([name, value]) => `<div><dt>${name}</dt><dd><bdi>${escaped(value)}</bdi></dd></div>`)
  return {
    title: alert.rule.name,
    main: `<p><span class="badge ${severity}"><svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path fill="currentColor" d="${SHAPES[severity]}"/></svg>${severity === 'critical' ? 'Critical' : 'Warning'}</span></p>
<dl>${shown.join('')}</dl>
<form method="post">
<p id="acknowledge">Acknowledge it, and nobody is told more of it meanwhile, unless it gets worse:</p>
<div class="row" role="group" aria-labelledby="acknowledge">
<button class="button primary" name="until" value="1h">For 1 h</button>
<button class="button" name="until" value="4h">For 4 h</button>
<button class="button" name="until" value="recovery">Until it recovers</button>
</div>
</form>
<p class="muted small">This link is good once, without signing in, until ${timeText(expiresAt)}. <a href="/dashboard/alerts/${encodeURIComponent(alert.id)}">Open the alert</a></p>`
  }
}

function stateText ({ acknowledged_by: by, acknowledged_until: until, silenced_by: silence }: Extract<AckLink, { kind: 'open' }>['alert']): string {
  const acknowledged = by === null ? [] : [`acknowledged by ${by}${until === null ? '' : ` until ${timeText(until)}`}`]
  return ['Firing', ...acknowledged, ...silence === null ? [] : ['silenced']].join(', ')
}

function timeText (iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`
}

function escaped (text: string): string {
  return text.replace(/[&<>"']/g, (letter) => ESCAPES[letter] ?? letter)
}
