import { test } from 'tap'
import type { NoticeBody } from '../../schemas/notice.ts'
import { alertmanager } from '../../src/notify/alertmanager.ts'
import { clip } from '../../src/notify/clip.ts'
import { discord } from '../../src/notify/discord.ts'
import type { Notifier } from '../../src/notify/notifier.ts'
import { slack } from '../../src/notify/slack.ts'
import { telex } from '../../src/notify/telex.ts'
import { body, channel, notice, NOW } from './support.ts'

interface SlackMessage { text: string, mrkdwn: boolean, blocks: Array<{ type: string, text: { type: string, text: string, emoji?: boolean } }> }
interface DiscordMessage { username: string, allowed_mentions: object, embeds: Array<{ title: string, description: string, url: string, color: number, timestamp: string }> }
interface TelexText { event_name: string, message: string, status: string, username: string }

function sent (notifier: Notifier, changes: Partial<NoticeBody> = {}): unknown {
  return JSON.parse(notifier.request(notice({ body: body(changes) }), channel(), NOW).body)
}

const sentTo = {
  slack: (changes?: Partial<NoticeBody>) => sent(slack, changes) as SlackMessage,
  discord: (changes?: Partial<NoticeBody>) => sent(discord, changes) as DiscordMessage,
  telex: (changes?: Partial<NoticeBody>) => sent(telex, changes) as TelexText
}

const letters = (text: string): number => [...text].length

test('Telex gets an event, a message, a status and a name', async (t) => {
  t.same(sentTo.telex(), {
    event_name: 'CRITICAL: CPU',
    message: 'The value is 97.25 %, the limit is 95 %.\nhost=db1\nSince 2026-11-22T11:59:00.000Z\nhttp://localhost:8080/alerts/alert_1',
    status: 'error',
    username: 'Bellwether'
  })
  t.match(telex.request(notice(), channel(), NOW).headers, { accept: 'application/json', 'content-type': 'application/json' })
})

test('what is told late says so, and since when nobody looked', async (t) => {
  const { message } = sentTo.telex({ late: { from: '2026-11-22T09:00:00.000Z', to: '2026-11-22T11:00:00.000Z' } })

  t.match(message, 'Since 2026-11-22T11:59:00.000Z\nTold late: no rule was evaluated from 2026-11-22T09:00:00.000Z to 2026-11-22T11:00:00.000Z\n')
})

test('each kind of notice says what it is, in words and in its status', async (t) => {
  const ended = { state: 'resolved', ended_at: '2026-11-22T12:00:00.000Z', value: 40 } as const
  const cases: Array<[changes: Partial<NoticeBody>, title: string, status: string]> = [
    [{}, 'CRITICAL: CPU', 'error'],
    [{ severity: 'warning' }, 'WARNING: CPU', 'warning'],
    [{ type: 'alert.escalated' }, 'ESCALATED, CRITICAL: CPU', 'error'],
    [{ type: 'alert.resolved', ...ended }, 'RESOLVED: CPU', 'success'],
    [{ type: 'test' }, 'TEST: CPU', 'success']
  ]
  for (const [changes, title, status] of cases) {
    t.match(sentTo.telex(changes), { event_name: title, status })
    t.equal(sentTo.slack(changes).text, title)
    t.equal(sentTo.discord(changes).embeds[0]?.title, title)
  }
  t.match(sentTo.telex({ type: 'alert.resolved', ...ended }).message, /is now 40 %.*From 2026-11-22T11:59:00.000Z to 2026-11-22T12:00:00.000Z/s)
})

test('the annotations of the rule are what a chat says, where it has some', async (t) => {
  const { message } = sentTo.telex({ annotations: { summary: 'The database is busy.', description: 'See the runbook.' } })

  t.match(message, /^The database is busy.\nSee the runbook.\nhost=db1\n/)
})

test('an alert without a value, a limit, a unit or labels reads well', async (t) => {
  const { message } = sentTo.telex({ value: 1234.5678, limit: null, unit: '', labels: {} })

  t.match(message, /^The value is 1235.\nSince /)
  t.match(sentTo.telex({ value: null, labels: {} }).message, /^Since /)
})

const ACK_URL = 'http://localhost:8080/a/AAAA-_AAAA'

test('a link that acknowledges stands behind the one to the alert, and in no group', async (t) => {
  const told = { ack_url: ACK_URL }

  t.match(sentTo.telex(told).message, /\nhttp:\/\/localhost:8080\/alerts\/alert_1\nAcknowledge: http:\/\/localhost:8080\/a\/AAAA-_AAAA$/)
  t.equal(sentTo.slack(told).blocks[2]?.text.text, `<http://localhost:8080/alerts/alert_1|Open the alert> · <${ACK_URL}|Acknowledge>`)
  t.match(sentTo.discord(told).embeds[0]?.description, new RegExp(`\n\\[Acknowledge\\]\\(${ACK_URL}\\)$`))
  for (const notifier of [telex, slack, discord]) {
    t.notMatch(notifier.group?.request([notice({ body: body(told) }), notice({ alertId: 'b', body: body(told) })], channel(), NOW).body, ACK_URL)
  }
})

test('Slack gets plain text under a header, a link, and a text for the phone', async (t) => {
  const { text, mrkdwn, blocks } = sentTo.slack()

  t.same([text, mrkdwn], ['CRITICAL: CPU', false])
  t.same(blocks, [
    { type: 'header', text: { type: 'plain_text', text: '🔴 CRITICAL: CPU', emoji: false } },
    { type: 'section', text: { type: 'plain_text', text: 'The value is 97.25 %, the limit is 95 %.\nhost=db1\nSince 2026-11-22T11:59:00.000Z', emoji: false } },
    { type: 'section', text: { type: 'mrkdwn', text: '<http://localhost:8080/alerts/alert_1|Open the alert>', verbatim: true } }
  ])
})

const HOSTILE = {
  rule: { id: 'r', name: '*bold* _it_ ~s~ `code` :fire: <!channel> & @everyone [x](http://evil.example)' },
  annotations: { summary: '<@U123> <http://evil.example|here> `@here` **b** ||spoiler||\n> quote\n# head\n- item\n  + item\n12. item\n-# small' },
  labels: { 'a\nb': 'c\u2028*d*' }
}

test('nothing that comes from outside is formatted by Slack, mentions anybody or hides a link', async (t) => {
  const { text, blocks } = sentTo.slack(HOSTILE)

  t.equal(text, 'CRITICAL: *bold* _it_ ~s~ `code` :fire: &lt;!channel&gt; &amp; @everyone [x](http://evil.example)')
  t.match(blocks[1]?.text.text, /^&lt;@U123&gt; &lt;http:\/\/evil.example\|here&gt;.*\n&gt; quote\n/)
  t.match(blocks[1]?.text.text, '\na b=c *d*\nSince ', 'a label has one line')
  const marked = blocks.filter(({ text: { type, emoji } }) => type !== 'plain_text' || emoji !== false)
  t.same(marked.map(({ text }) => text.text), ['<http://localhost:8080/alerts/alert_1|Open the alert>'], 'only what is our own is marked up')
})

test('nothing that comes from outside is formatted by Discord, mentions anybody or hides a link', async (t) => {
  const { allowed_mentions: mentions, embeds: [embed] } = sentTo.discord(HOSTILE)

  t.same(mentions, { parse: [] })
  t.equal(embed?.title, 'CRITICAL: \\*bold\\* \\_it\\_ \\~s\\~ \\`code\\` \\:fire: \\<!channel\\> & @everyone \\[x\\]\\(http://evil.example\\)')
  t.equal(embed?.description, [
    '\\<@U123\\> \\<http://evil.example\\|here\\> \\`@here\\` \\*\\*b\\*\\* \\|\\|spoiler\\|\\|',
    '\\> quote', '\\# head', '\\- item', '  \\+ item', '12\\. item', '\\-\\# small', 'a b=c \\*d\\*', 'Since 2026-11-22T11:59:00.000Z'
  ].join('\n'))
})

test('Discord gets one embed with the page of the alert, a colour and its time', async (t) => {
  const { username, embeds } = sentTo.discord()

  t.equal(username, 'Bellwether')
  t.match(embeds, [{ url: 'http://localhost:8080/alerts/alert_1', color: 0xd03a3a, timestamp: '2026-11-22T11:59:00.000Z' }])
})

test('each chat gets what it takes and no more, in code points, never with half an escape', async (t) => {
  for (const letter of ['x', '<', '&', '*', '\\', '😀']) {
    const long = { ack_url: ACK_URL, rule: { id: 'r', name: letter.repeat(5_000) }, annotations: { summary: letter.repeat(9_000) } }
    const { text, blocks } = sentTo.slack(long)
    const [embed] = sentTo.discord(long).embeds
    const { event_name: event, message } = sentTo.telex(long)

    t.ok(letters(text) <= 1_024 && letters(blocks[0]?.text.text ?? '') <= 150 && blocks.every((block) => letters(block.text.text) <= 3_000), `Slack, ${letter}`)
    t.ok(letters(embed?.title ?? '') <= 256 && letters(embed?.description ?? '') <= 4_096, `Discord, ${letter}`)
    t.ok(letters(event) <= 256 && letters(message) <= 4_100, `Telex, ${letter}`)
    const cuts = [text, ...blocks.slice(0, 2).map((block) => block.text.text), embed?.title ?? '', (embed?.description ?? '').replace(`\n[Acknowledge](${ACK_URL})`, '')]
    for (const cut of cuts) t.match(cut, /^(?:🔴 )?(?:CRITICAL: )?(?:x+|(?:&lt;)+|(?:&amp;)+|&+|(?:\\<)+|\*+|(?:\\\*)+|\\+|(?:\\\\)+|(?:😀)+)…$/u)
  }
})

test('a text is cut at its limit and not before', async (t) => {
  for (const [text, cut] of [['abc', 'abc'], ['abcd', 'abcd'], ['abcde', 'abc…'], ['😀😀😀😀', '😀😀😀😀'], ['😀😀😀😀😀', '😀😀😀…'], ['', '']] as const) {
    t.equal(clip(text, 4), cut)
  }
  t.equal(clip('a<b', 4, (text) => [...text].map((letter) => letter === '<' ? '&lt;' : letter)), 'a…')
  t.equal(clip('a\uD83D', 4), 'a\uFFFD', 'the half of a letter is none')
})

interface Alert { labels: Record<string, string>, annotations: Record<string, string>, startsAt: string, endsAt: string, generatorURL: string }

function alertsSent (changes: Partial<NoticeBody> = {}, now = NOW): Alert[] {
  return JSON.parse(alertmanager.request(notice({ body: body(changes) }), channel(), now).body) as Alert[]
}

const ended = { type: 'alert.resolved', state: 'resolved', ended_at: '2026-11-22T12:00:00.000Z' } as const

test('a firing alert lasts for four minutes, and is to be told again each minute', async (t) => {
  t.same(alertsSent({ annotations: { summary: 'busy' } }), [{
    labels: { host: 'db1', alertname: 'CPU', severity: 'critical', rule_id: 'builtin-cpu' },
    annotations: { summary: 'busy' },
    startsAt: '2026-11-22T11:59:00.000Z',
    endsAt: '2026-11-22T12:04:00.250Z',
    generatorURL: 'http://localhost:8080/alerts/alert_1'
  }])
  t.equal(alertmanager.repeatEveryMs, 60_000)
})

test('a link that acknowledges is an annotation, and no label', async (t) => {
  const [alert] = alertsSent({ ack_url: 'http://localhost:8080/a/x', annotations: { ack_url: 'of the rule' } })

  t.same(alert?.annotations, { ack_url: 'http://localhost:8080/a/x', ack_url_2: 'of the rule' })
  t.notOk('ack_url' in (alert?.labels ?? {}))
})

test('a resolved alert has the labels of the one that fired, and its end', async (t) => {
  const [fired] = alertsSent()
  const [resolved] = alertsSent(ended)

  t.same(resolved?.labels, fired?.labels)
  t.equal(resolved?.endsAt, ended.ended_at)
})

test('an escalation ends the alert of the severity before, since severity is one of the labels', async (t) => {
  const alerts = alertsSent({ type: 'alert.escalated' })

  t.match(alerts, [
    { labels: { severity: 'warning' }, endsAt: '2026-11-22T12:00:00.250Z' },
    { labels: { severity: 'critical' }, endsAt: '2026-11-22T12:04:00.250Z' }
  ])
})

test('an end never comes before the start, though the clock was turned back', async (t) => {
  const [before] = alertsSent({ type: 'alert.escalated' }, NOW - 86_400_000)

  t.equal(before?.endsAt, before?.startsAt)
  const [resolved] = alertsSent({ ...ended, ended_at: '2026-11-20T00:00:00.000Z' })
  t.equal(resolved?.endsAt, resolved?.startsAt)
})

test('an alert starts when it fires, and not when its limit was first crossed', async (t) => {
  const [alert] = alertsSent({ started_at: '2026-11-22T11:00:00.000Z', fired_at: '2026-11-22T11:05:00.000Z' })

  t.equal(alert?.startsAt, '2026-11-22T11:05:00.000Z')
})

test('names of labels become what Prometheus allows, and none is lost', async (t) => {
  const [alert] = alertsSent({ labels: { 'a.b': '1', 'a-b': '2', a_b: '3', '0x': '4', '': '5', alertname: 'mine' }, annotations: { 'run book': 'x' } })

  t.same(alert?.labels, { _: '5', _0x: '4', a_b: '2', a_b_2: '1', a_b_3: '3', alertname_2: 'mine', alertname: 'CPU', severity: 'critical', rule_id: 'builtin-cpu' })
  t.same(alert?.annotations, { run_book: 'x' })
  t.match(alertsSent({ labels: { severity: 'page', 'rule-id': 'r7' } })[0]?.labels, { severity: 'critical', severity_2: 'page', rule_id: 'builtin-cpu', rule_id_2: 'r7' })
})

test('the address may be that of the server, of a path in front of it, or of its API', async (t) => {
  for (const [given, url] of [
    ['http://am:9093', 'http://am:9093/api/v2/alerts'],
    ['http://am:9093/', 'http://am:9093/api/v2/alerts'],
    ['http://am/alertmanager/?a=1', 'http://am/alertmanager/api/v2/alerts?a=1'],
    ['http://am:9093/api/v2/alerts', 'http://am:9093/api/v2/alerts']
  ] as const) {
    t.equal(alertmanager.request(notice(), channel({ url: given }), NOW).url, url)
  }
})
