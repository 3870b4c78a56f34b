import { test } from 'tap'
import type { NoticeBody } from '../../schemas/notice.ts'
import { alertmanager } from '../../src/notify/alertmanager.ts'
import { body, channel, notice, NOW } from './support.ts'

interface Alert { labels: Record<string, string>, annotations: Record<string, string>, startsAt: string, endsAt: string, generatorURL: string }

function sent (changes: Partial<NoticeBody> = {}, now = NOW): Alert[] {
  return JSON.parse(alertmanager.request(notice({ body: body(changes) }), channel(), now).body) as Alert[]
}

const ended = { type: 'alert.resolved', state: 'resolved', ended_at: '2026-11-22T12:00:00.000Z' } as const

test('a firing alert lasts for four minutes, and is to be told again each minute', async (t) => {
  t.same(sent({ annotations: { summary: 'busy' } }), [{
    labels: { host: 'db1', alertname: 'CPU', severity: 'critical', rule_id: 'builtin-cpu' },
    annotations: { summary: 'busy' },
    startsAt: '2026-11-22T11:59:00.000Z',
    endsAt: '2026-11-22T12:04:00.250Z',
    generatorURL: 'http://localhost:8080/alerts/alert_1'
  }])
  t.equal(alertmanager.repeatEveryMs, 60_000)
})

test('a link that acknowledges is an annotation, and no label', async (t) => {
  const [alert] = sent({ ack_url: 'http://localhost:8080/a/x', annotations: { ack_url: 'of the rule' } })

  t.same(alert?.annotations, { ack_url: 'http://localhost:8080/a/x', ack_url_2: 'of the rule' })
  t.notOk('ack_url' in (alert?.labels ?? {}))
})

test('a resolved alert has the labels of the one that fired, and its end', async (t) => {
  const [fired] = sent()
  const [resolved] = sent(ended)

  t.same(resolved?.labels, fired?.labels)
  t.equal(resolved?.endsAt, ended.ended_at)
})

test('an escalation ends the alert of the severity before, since severity is one of the labels', async (t) => {
  const alerts = sent({ type: 'alert.escalated' })

  t.match(alerts, [
    { labels: { severity: 'warning' }, endsAt: '2026-11-22T12:00:00.250Z' },
    { labels: { severity: 'critical' }, endsAt: '2026-11-22T12:04:00.250Z' }
  ])
})

test('an end never comes before the start, though the clock was turned back', async (t) => {
  const [before] = sent({ type: 'alert.escalated' }, NOW - 86_400_000)

  t.equal(before?.endsAt, before?.startsAt)
  const [resolved] = sent({ ...ended, ended_at: '2026-11-20T00:00:00.000Z' })
  t.equal(resolved?.endsAt, resolved?.startsAt)
})

test('an alert starts when it fires, and not when its limit was first crossed', async (t) => {
  const [alert] = sent({ started_at: '2026-11-22T11:00:00.000Z', fired_at: '2026-11-22T11:05:00.000Z' })

  t.equal(alert?.startsAt, '2026-11-22T11:05:00.000Z')
})

test('names of labels become what Prometheus allows, and none is lost', async (t) => {
  const [alert] = sent({ labels: { 'a.b': '1', 'a-b': '2', a_b: '3', '0x': '4', '': '5', alertname: 'mine' }, annotations: { 'run book': 'x' } })

  t.same(alert?.labels, { _: '5', _0x: '4', a_b: '2', a_b_2: '1', a_b_3: '3', alertname_2: 'mine', alertname: 'CPU', severity: 'critical', rule_id: 'builtin-cpu' })
  t.same(alert?.annotations, { run_book: 'x' })
  t.match(sent({ labels: { severity: 'page', 'rule-id': 'r7' } })[0]?.labels, { severity: 'critical', severity_2: 'page', rule_id: 'builtin-cpu', rule_id_2: 'r7' })
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
