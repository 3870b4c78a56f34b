import { test } from 'tap'
import { notifiers } from '../../src/notify/index.ts'
import type { PostResult } from '../../src/notify/post.ts'
import { retryDelay, RETRY_DELAYS_MS, withJitter } from '../../src/notify/deliver/schedule.ts'
import { parseRetryAfter } from '../../src/notify/verdict.ts'
import { NOW } from './support.ts'

const DAY_MS = 86_400_000

function reply (status: number, headers: Record<string, string> = {}): PostResult {
  return { status, headers, replyText: '', ms: 1 }
}

function failure (reason: Extract<PostResult, { reason: unknown }>['reason']): PostResult {
  return { reason, detail: '', ms: 1 }
}

const chats = { telex: 'failed', slack: 'failed', discord: 'failed' } as const
const deleted = { telex: 'gone', slack: 'gone', discord: 'gone' } as const

/** What a status means everywhere, and where it means something else. */
const statuses: Array<[statuses: number[], usual: string, others?: Partial<Record<keyof typeof notifiers, string>>]> = [
  [[200, 201, 202, 204, 299], 'delivered'],
  [[300, 301, 302, 303, 304, 307, 308], 'retry'],
  [[410], 'gone'],
  [[404], 'retry', deleted],
  [[400, 422], 'retry', { ...chats, alertmanager: 'failed' }],
  [[401, 403, 405, 413], 'retry', chats],
  [[408, 425, 429], 'retry'],
  [[500, 502, 503, 504, 599], 'retry']
]

test('each kind of channel knows success, what makes no sense to retry, and when it is not wanted any more', async (t) => {
  for (const [codes, usual, others = {}] of statuses) {
    for (const code of codes) {
      const kinds = Object.entries(notifiers).map(([kind, { verdict }]) => [kind, verdict(reply(code), NOW).kind])

      t.same(Object.fromEntries(kinds), { webhook: usual, telex: usual, slack: usual, discord: usual, alertmanager: usual, canary: usual, ...others }, String(code))
    }
  }
})

test('no reply is retried, but for an address that is refused', async (t) => {
  for (const { verdict } of Object.values(notifiers)) {
    for (const reason of ['timeout', 'reset', 'unreachable', 'dns', 'tls', 'too_large_headers', 'malformed'] as const) {
      t.same(verdict(failure(reason), NOW), { kind: 'retry', isThrottled: false }, reason)
    }
    t.same(verdict(failure('refused_address'), NOW), { kind: 'failed' })
  }
})

test('a receiver that says when to come again is heard; one that throttles without a word gets five seconds', async (t) => {
  for (const code of [429, 502, 503, 504]) {
    t.same(notifiers.webhook.verdict(reply(code, { 'retry-after': '7' }), NOW), { kind: 'retry', afterMs: 7_000, isThrottled: code === 429 }, String(code))
  }
  t.same(notifiers.slack.verdict(reply(429), NOW), { kind: 'retry', afterMs: 5_000, isThrottled: true })
  t.same(notifiers.webhook.verdict(reply(503), NOW), { kind: 'retry', isThrottled: false })
})

test('Retry-After is seconds or an HTTP date, a day at most', async (t) => {
  const cases: Array<[text: string | undefined, ms: number | undefined]> = [
    ['0', 0], ['1', 1_000], ['0.35', 350], ['86400', DAY_MS], ['86401', DAY_MS], ['999999999', DAY_MS],
    ['Sun, 22 Nov 2026 12:00:10 GMT', 9_750], ['Sun, 22 Nov 2026 11:00:00 GMT', 0], ['Sun, 22 Nov 2099 12:00:00 GMT', DAY_MS],
    ['-1', undefined], ['soon', undefined], ['', undefined], ['1e3', undefined], ['2026-11-22', undefined], [undefined, undefined]
  ]
  for (const [text, ms] of cases) t.equal(parseRetryAfter(text, NOW), ms, String(text))
})

test('what fails is tried again within seconds, then by the table of Standard Webhooks, and at last no more', async (t) => {
  const plain = { factor: 1, random: () => 0 }

  t.same(RETRY_DELAYS_MS.map((_, attempts) => retryDelay(attempts, plain)), [0, 5e3, 15e3, 3e4, 6e4, 12e4, 3e5, 18e5, 72e5, 18e6, 36e6, 504e5, 72e6, 864e5])
  t.equal(retryDelay(14, plain), undefined)
})

test('jitter makes a wait up to a fifth longer and never shorter; a factor shortens all', async (t) => {
  for (const [random, ms] of [[0, 1_000], [0.5, 1_100], [0.999999, 1_200]] as const) {
    t.equal(withJitter(1_000, { factor: 1, random: () => random }), ms)
  }
  t.equal(retryDelay(6, { factor: 0.001, random: () => 0 }), 300)
})
