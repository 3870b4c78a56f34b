import type { LightMyRequestResponse } from 'fastify'
import t, { test, type Test } from 'tap'
import type { AlertFile, AlertsPage } from '../../schemas/alert.ts'
import type { AuditPage } from '../../schemas/audit.ts'
import type { NoticeBody } from '../../schemas/notice.ts'
import { buildTestApp } from '../helper.ts'
import { testFolder } from '../support/test-folder.ts'
import { until } from '../support/until.ts'
import { anyAddress } from './people.ts'
import { FORM_BODY } from './support.ts'
import { afresh, BUSY, makeRule, world, type World } from './world.ts'

const HOUR_MS = 3_600_000
const OWN = { 'sec-fetch-site': 'same-origin', origin: 'null' }
const NAME = '<img src=x onerror=alert(1)> & "quoted" \u202egnirts'

const shared = await world(t)

/** Looks at a link as somebody who is nobody. */
function look ({ app }: Pick<World, 'app'>, path: string, method: 'GET' | 'HEAD' = 'GET'): Promise<LightMyRequestResponse> {
  return app.inject({ method, url: path, remoteAddress: anyAddress() })
}

/** Presses a button of the page. */
function press ({ app }: Pick<World, 'app'>, path: string, choice = '1h', headers: Record<string, string> = OWN): Promise<LightMyRequestResponse> {
  return app.inject({ method: 'POST', url: path, payload: `until=${choice}`, headers: { ...FORM_BODY, ...headers }, remoteAddress: anyAddress() })
}

function pathOf (notice: NoticeBody | undefined): string {
  return new URL(notice?.ack_url ?? '').pathname
}

function flipped (path: string, at: number): string {
  const letter = path.at(at) === 'A' ? 'B' : 'A'
  return path.slice(0, at) + letter + path.slice(at + 1)
}

/** An alert that fires, and the link in its first notice. */
async function firing (all: World, rule: object = {}): Promise<{ id: string, path: string }> {
  await makeRule(all, { ...BUSY, ...rule })
  await all.measure(50)
  const [notice] = await all.arrived(1)
  await all.settled()
  return { id: notice?.alert_id ?? '', path: pathOf(notice) }
}

async function fileOf ({ ask }: World, id: string): Promise<AlertFile> {
  return (await ask('GET', `/alerts/${id}`)).json<AlertFile>()
}

test('the link of a notice acknowledges once, in the name of its channel; looking at it changes nothing', async (t) => {
  const all = await afresh(shared)
  const { id, path } = await firing(all)
  const before = await fileOf(all, id)

  const [page] = await Promise.all([look(all, path), look(all, path, 'HEAD')])
  t.match(path, /^\/a\/[\w-]{43}$/)
  t.equal(page.statusCode, 200)
  for (const text of ['Queue is long', 'Warning', '50, the limit is 10', 'queue=mail', before.started_at.slice(11, 19), 'Firing', 'default']) t.match(page.body, text)
  t.same(await fileOf(all, id), before)

  const done = await press(all, path, '4h')
  t.equal(done.statusCode, 200)
  t.match(done.body, 'Acknowledged for 4 h')
  const after = await fileOf(all, id)
  const end = new Date(all.clock.time + 4 * HOUR_MS).toISOString()
  t.match(after, { acknowledged_by: 'channel:default', acknowledged_until: end, note: 'for 4 h' })
  t.match(after.timeline.slice(1), [{ reason: 'acknowledged', actor: 'channel:default', note: 'for 4 h' }])

  const [again, seen] = [await press(all, path, '1h'), await look(all, path)]
  for (const { statusCode, body } of [again, seen]) {
    t.equal(statusCode, 409)
    t.match(body, /acknowledged for 4 h by it, on .* UTC\. Nothing was changed now/)
  }
  t.same(await fileOf(all, id), after)
  const { entries } = (await all.ask('GET', '/audit?action=alert.acknowledge')).json<AuditPage>()
  t.match(entries, [{ actor: { kind: 'channel', id: 'default', name: 'channel:default' }, target: id, detail: { until: '4h' }, from: /^10\./ }])
})

test('of many who press at once one acknowledges, and all are told what he chose', async (t) => {
  const all = await afresh(shared)
  const { id, path } = await firing(all)

  const answers = await Promise.all(['1h', '4h', 'recovery', '1h', '4h', 'recovery'].map((choice) => press(all, path, choice)))

  t.same(answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b), [200, 409, 409, 409, 409, 409])
  const { timeline, note } = await fileOf(all, id)
  t.equal(timeline.filter(({ reason }) => reason === 'acknowledged').length, 1)
  for (const { body } of answers) t.match(body, note ?? 'none')
})

test('each notice has its own link, a repeat the same, and the end of an alert none', async (t) => {
  const all = await afresh(shared)
  const { id, path } = await firing(all)
  await press(all, path, 'recovery')
  await all.measure(500)
  const [, escalated] = await all.arrived(2)
  await all.settled()
  const { deliveries } = await fileOf(all, id)
  await all.ask('POST', `/notifications/${deliveries[1]?.notice}/redeliver`)
  const repeated = (await all.arrived(3))[2]

  t.not(pathOf(escalated), path)
  t.equal(repeated?.ack_url, escalated?.ack_url)
  t.equal((await press(all, pathOf(escalated), 'recovery')).statusCode, 200, 'what was acknowledged before got worse')
  t.match(await fileOf(all, id), { acknowledged_until: null, note: 'until it recovers' })
  await all.measure(1)
  t.notOk('ack_url' in ((await all.arrived(4))[3] ?? {}))
  for (const link of [path, pathOf(escalated)]) {
    const { statusCode, body } = await look(all, link)
    t.equal(statusCode, 410)
    t.match(body, 'The alert has ended')
    t.notMatch(body, 'Queue is long')
    t.equal((await press(all, link)).statusCode, 410)
  }
})

test('a token that is altered anywhere, cut, longer or made up is 404, and tells nothing', async (t) => {
  const all = await afresh(shared)
  const { id, path } = await firing(all)
  const wrong = [
    ...Array.from({ length: 43 }, (_, at) => flipped(path, 3 + at)), path.slice(0, -1), `${path}A`, `${path}=`, '/a/%00', '/a/alr_1', `/a/${'A'.repeat(43)}`, `/a/${encodeURIComponent('ü'.repeat(43))}`
  ]

  for (const link of wrong) {
    for (const { statusCode, body } of [await look(all, link), await press(all, link)]) {
      t.equal(statusCode, 404, link)
      t.match(body, 'There is no such link')
      t.notMatch(body, /Queue|queue|mail|default/)
    }
  }
  t.equal((await fileOf(all, id)).timeline.length, 1)
})

/** That a link is 410 with these words, however it is asked, and tells nothing of the alert. */
async function isOver (t: Test, all: World, { path, words }: { path: string, words: string }): Promise<void> {
  for (const { statusCode, body } of [await look(all, path), await press(all, path)]) {
    t.equal(statusCode, 410, words)
    t.match(body, words)
    t.notMatch(body, 'Queue is long')
  }
}

test('a link ends with its channel, and with the switch of the channel', async (t) => {
  const all = await afresh(shared)
  const { url, ask } = all
  await ask('POST', '/channels', { name: 'team', kind: 'webhook', url })
  const { id, path } = await firing(all, { channels: ['team'] })
  for (const field of ['enabled', 'ack_links']) {
    await ask('PATCH', '/channels/team', { [field]: false })
    await isOver(t, all, { path, words: 'switched off' })
    await ask('PATCH', '/channels/team', { [field]: true })
    t.equal((await look(all, path)).statusCode, 200)
  }
  await ask('PATCH', `/rules/${(await fileOf(all, id)).rule.id}`, { channels: [] })
  t.equal((await ask('DELETE', '/channels/team')).statusCode, 204)
  await isOver(t, all, { path, words: 'switched off' })
  t.equal((await fileOf(all, id)).acknowledged_by, null)
})

test('a link ends 24 hours after its notice was made, used or not', async (t) => {
  const all = await world(t)
  const { path } = await firing(all)
  await all.measure(50, 'other')
  const used = pathOf((await all.arrived(2))[1])
  await press(all, used)
  all.clock.time += 24 * HOUR_MS - 1_001
  t.equal((await look(all, path)).statusCode, 200)
  all.clock.time += 1_001

  for (const link of [path, used]) await isOver(t, all, { path: link, words: 'expired' })
})

test('a channel that is to have no links has none, and says so', async (t) => {
  const all = await afresh(shared)
  const { url, ask } = all
  const made = await ask('POST', '/channels', { name: 'quiet', kind: 'webhook', url, ack_links: false })
  await makeRule(all, { ...BUSY, channels: ['quiet'] })
  await all.measure(50)
  const [notice] = await all.arrived(1)

  t.match(made.json(), { ack_links: false })
  t.match(notice, { type: 'alert.firing' })
  t.notOk('ack_url' in (notice ?? {}))
  t.match((await ask('PATCH', '/channels/quiet', { ack_links: true })).json(), { ack_links: true, enabled: true })
  t.match((await ask('GET', '/audit?action=channel.update')).json<AuditPage>().entries[0]?.detail, { ack_links: true })
})

test('WEBHOOK_ACK_LINKS leaves them out of what goes to WEBHOOK_URL', async (t) => {
  const all = await world(t, { WEBHOOK_ACK_LINKS: 'false' })
  await makeRule(all)
  await all.measure(50)

  t.notOk('ack_url' in ((await all.arrived(1))[0] ?? {}))
  t.match((await all.ask('GET', '/channels/default')).json(), { ack_links: false })
})

test('a link that was broken on its way is answered by a page with a sentence, never by a problem document', async (t) => {
  for (const path of ['/a/%E0%A4%A', '/a/%zz', `/a/${'A'.repeat(300)}`, '/a/abc/def', '/a/', '/a/abc?x=%zz']) {
    const answer = await shared.app.inject({ url: path, headers: { accept: 'text/html' }, remoteAddress: anyAddress() })

    t.match(answer, { statusCode: 404, headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', 'x-request-id': /^[0-9a-f-]{36}$/, 'content-security-policy': /^default-src 'none'; style-src 'self'/ } }, path)
    t.match(answer.body, '<h1><bdi>There is no such link</bdi></h1>', path)
  }
  t.match((await shared.app.inject('/events/%zz')).headers['content-type'], 'application/problem+json')
})

test('only its own page may send the form, and only what the form offers', async (t) => {
  const all = await afresh(shared)
  const { id, path } = await firing(all)
  const foreign = [
    { origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site', origin: 'null' }, { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:8080' }
  ]
  for (const headers of foreign) t.match(await press(all, path, '1h', headers), { statusCode: 403, body: /from this page only/ })
  for (const choice of ['', '2h', '1h&until=4h&x=1', '1h&note=x']) t.match(await press(all, path, choice), { statusCode: 400, body: /one of the three buttons/ }, choice)
  t.equal((await all.app.inject({ method: 'POST', url: path, payload: { until: '1h' } })).statusCode, 415)
  t.equal((await fileOf(all, id)).acknowledged_by, null)

  t.equal((await press(all, path, '1h', { origin: all.app.service.config.baseUrl ?? '' })).statusCode, 200, 'a browser that says no more than its origin')
})

test('the page runs nothing, is kept nowhere and shows a hostile name as it is, in the theme of the browser', async (t) => {
  const all = await afresh(shared)
  const { path } = await firing(all, { name: NAME })
  const page = await all.app.inject({ url: path, headers: { cookie: 'bw_theme=dark' } })

  t.match(page.headers, {
    'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY'
  })
  t.match(page.headers['content-security-policy'], /^default-src 'none'; style-src 'self'; .*form-action 'self'; frame-ancestors 'none'/)
  t.match(page.body, '<h1><bdi>&lt;img src=x onerror=alert(1)&gt; &amp; &quot;quoted&quot; \u202egnirts</bdi></h1>')
  t.notMatch(page.body, /<script|<style|style=|<img|\son[a-z]+="/)
  t.match(page.body, '<html lang="en" data-theme="dark"')
  t.match((await look(all, path)).body, 'data-theme="system"')
  const style = /href="(\/dashboard\/assets\/[^"]+\.css)"/.exec(page.body)?.[1] ?? ''
  t.match(await all.app.inject(style), { statusCode: 200, body: /small-page/ })
})

test('one address asks sixty times a minute, and is told when to come again', async (t) => {
  const all = await afresh(shared)
  const { path } = await firing(all)
  const ask = () => all.app.inject({ url: path, remoteAddress: '198.51.100.7' })
  for (let n = 0; n < 60; n++) t.equal((await ask()).statusCode, 200)

  const refused = await ask()
  t.match(refused, { statusCode: 429, body: /try again in \d+ s/, headers: { 'content-type': 'text/html; charset=utf-8', 'retry-after': /^\d+$/ } })
  t.notMatch(refused.body, 'Queue is long')
  all.clock.time += 60_000
  t.equal((await ask()).statusCode, 200)
})

test('a link is good after a restart, and while JWT_SECRET is changed for another', async (t) => {
  const DATA_DIR = testFolder(t)
  const [old, fresh] = ['an-old-secret-of-32-bytes-or-more', 'a-fresh-secret-of-32-bytes-or-more']
  const all = await world(t, { DATA_DIR, JWT_SECRET: old })
  const { path } = await firing(all)
  const statusWith = async (settings: Record<string, string>): Promise<number> => {
    const app = await buildTestApp(t, { DATA_DIR, EVALUATE_INTERVAL: '1h', WEBHOOK_URL: all.url, WEBHOOK_ALLOW: '127.0.0.1', ...settings }, all.clock)
    const { statusCode } = await look({ app }, path)
    await app.close()
    await app.service.close()
    return statusCode
  }
  await all.app.close()
  await all.app.service.close()

  t.equal(await statusWith({ JWT_SECRET: old }), 200)
  t.equal(await statusWith({ JWT_SECRET: fresh, JWT_SECRET_PREVIOUS: old }), 200)
  t.equal(await statusWith({ JWT_SECRET: fresh }), 404)
})

test('a notice that goes to the fallback has the link of the channel that is told', async (t) => {
  const all = await afresh(shared)
  const { url, ask } = all
  await ask('POST', '/channels', { name: 'spare', kind: 'webhook', url })
  await ask('POST', '/channels', { name: 'main', kind: 'webhook', url, fallback: 'spare', enabled: false })
  const { id, path } = await firing(all, { channels: ['main'] })

  t.equal((await press(all, path)).statusCode, 200)
  t.match(await fileOf(all, id), { acknowledged_by: 'channel:spare' })
  await until(async () => (await ask('GET', '/alerts?state=firing')).json<AlertsPage>().alerts.some(({ acknowledged_by: by }) => by === 'channel:spare'))
})
