import type { LookupAddress } from 'node:dns'
import type { DeliveryChannel } from '../../schemas/channel.ts'
import type { Notice, NoticeBody } from '../../schemas/notice.ts'
import type { Guard, Lookup } from '../../src/notify/guard.ts'
import { parseHosts } from '../../src/core/net/host-list.ts'

export const NOW = Date.parse('2026-11-22T12:00:00.250Z')
export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

export function body (changes: Partial<NoticeBody> = {}): NoticeBody {
  return {
    type: 'alert.firing',
    event_id: 'evt_1',
    alert_id: 'alert_1',
    sequence: 1,
    rule: { id: 'builtin-cpu', name: 'CPU' },
    state: 'firing',
    severity: 'critical',
    value: 97.25,
    limit: 95,
    unit: '%',
    labels: { host: 'db1' },
    annotations: {},
    started_at: '2026-11-22T11:59:00.000Z',
    evidence: {},
    url: 'http://localhost:8080/alerts/alert_1',
    ...changes
  }
}

export function notice (changes: Partial<Notice> = {}): Notice {
  const { alertId = 'alert_1', channelId = 'main', sequence = 1 } = changes
  return {
    id: `msg_${channelId}_${alertId}_${sequence}`,
    alertId,
    channelId,
    via: channelId,
    sequence,
    attempts: 0,
    tries: 0,
    isRepeat: false,
    createdAt: NOW,
    body: body({ alert_id: alertId, sequence }),
    ...changes
  }
}

export function channel (changes: Partial<DeliveryChannel> = {}): DeliveryChannel {
  const { id = 'main' } = changes
  return {
    id,
    name: id,
    kind: 'webhook',
    url: 'http://127.0.0.1:9/hook',
    secret: null,
    fallback: null,
    enabled: true,
    ackLinks: true,
    failures: 0,
    heldUntil: 0,
    ...changes
  }
}

/** A resolver that knows these names; each look-up of a name takes its next answer, and stays with the last one. */
function resolver (names: Record<string, string[][]>): Lookup & { asked: string[] } {
  const asked: string[] = []
  const lookup: Lookup = (host, found) => {
    const answers = names[host] ?? []
    const addresses = answers[Math.min(asked.filter((name) => name === host).length, answers.length - 1)]
    asked.push(host)
    if (addresses === undefined) found(Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' }), [])
    else found(null, addresses.map(addressOf))
  }
  return Object.assign(lookup, { asked })
}

function addressOf (address: string): LookupAddress {
  return { address, family: address.includes(':') ? 6 : 4 }
}

/** A guard that lets through what is named, and knows no name but those given. */
export function guard (allowed: string[], names: Record<string, string[][]> = {}): Guard {
  return { allow: parseHosts(allowed, 'WEBHOOK_ALLOW'), lookup: resolver(names) }
}

/** Loopback by name, which is what the receivers of the tests listen on. */
export const loopback = guard(['127.0.0.1'])
