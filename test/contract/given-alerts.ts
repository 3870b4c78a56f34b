import type { NoticeBody } from '../../schemas/notice.ts'
import type { DueChannel, DueQuestion, HealthChange, NextStep, Settlement } from '../../schemas/outbox.ts'
import type { Rule } from '../../schemas/rule.ts'
import type { ReadValue, Store, WriteArgs } from '../../src/store/store.ts'

export type Changes = WriteArgs<'applyAlerts'>
export type NewTransition = NonNullable<Changes['transitions']>[number]
export type NewNotice = NonNullable<Changes['notices']>[number]
export type DueNotice = ReadValue<'dueNotices'>[number]
export type ChannelInsert = WriteArgs<'insertChannel'>

export const NOW = Date.UTC(2026, 10, 22, 12)
const PHASES = { firing: 'alert.firing', resolved: 'alert.resolved' } as const

let last = 0

/** An id that no other case uses. */
export function ownId (kind: string): string {
  return `${kind}-${++last}`
}

export function newRule (id: string, changes: Partial<Rule> = {}): Rule {
  return {
    id,
    name: id,
    signal: { events: 'level>=error' },
    levels: { critical: { op: '>', value: 10 } },
    for: '1m',
    keep_firing_for: '0s',
    no_data: 'hold',
    labels: {},
    annotations: {},
    channels: ['main'],
    enabled: true,
    draft: false,
    flap: null,
    ...changes
  }
}

export function newTransition (alertId: string, to: NewTransition['to'], changes: Partial<NewTransition> = {}): NewTransition {
  return {
    id: ownId('evt'),
    alertId,
    ruleVersion: 1,
    from: to === 'resolved' ? 'firing' : 'inactive',
    to,
    level: 'critical',
    value: 12.5,
    limit: 10,
    at: NOW,
    reason: to === 'resolved' ? 'recovered' : 'crossed',
    isFlapping: false,
    isDraft: false,
    actor: null,
    note: null,
    ...changes
  }
}

/** The changes that open an alert and take it to a state. */
export function opening (alertId: string, to: 'pending' | 'firing', { ruleId = alertId, ...changes }: Partial<NewTransition> & { ruleId?: string } = {}): Changes {
  return {
    now: changes.at ?? NOW,
    opened: [{ id: alertId, ruleId, ruleVersion: 1, groupKey: '{}', labels: { host: 'db1' } }],
    transitions: [newTransition(alertId, to, changes)]
  }
}

/** An alert as it is opened, and the transition that makes it fire. */
export function newAlert (id: string, changes: Partial<NewTransition> = {}) {
  return { opened: { id, ruleId: 'r1', ruleVersion: 1, groupKey: '{}', labels: {} }, first: newTransition(id, 'firing', changes) }
}

export function newNotice ({ id: eventId, alertId, to }: Pick<NewTransition, 'id' | 'alertId' | 'to'>, channelId: string, id = ownId('msg')): NewNotice {
  const state = to === 'resolved' ? 'resolved' : 'firing'
  const body: Omit<NoticeBody, 'sequence'> = {
    type: PHASES[state],
    event_id: eventId,
    alert_id: alertId,
    rule: { id: 'r', name: 'größe' },
    state,
    severity: 'critical',
    value: 12.5,
    limit: 10,
    unit: '%',
    labels: { host: 'db1' },
    annotations: {},
    started_at: new Date(NOW).toISOString(),
    evidence: { values: [1, null, '😀'] },
    url: 'http://localhost/alerts/1'
  }
  return { id, channelId, body }
}

/** Changes with a notice of each transition for each of the channels. */
export function announced (changes: Changes, ...channelIds: string[]): Changes & { notices: NewNotice[] } {
  return { ...changes, notices: (changes.transitions ?? []).flatMap((transition) => channelIds.map((channelId) => newNotice(transition, channelId))) }
}

/** Makes an alert that fires and, when it is asked for, is resolved again; one notice of each for the channel. Gives their ids in order. */
export async function tell (store: Store, channelId: string, { alertId = ownId('alert'), resolved = false, now = NOW } = {}): Promise<string[]> {
  const fired = announced(opening(alertId, 'firing', { at: now }), channelId)
  await store.write('applyAlerts', fired)
  if (!resolved) return fired.notices.map(({ id }) => id)
  const ended = announced({ now: now + 1, transitions: [newTransition(alertId, 'resolved', { at: now + 1 })] }, channelId)
  await store.write('applyAlerts', ended)
  return [...fired.notices, ...ended.notices].map(({ id }) => id)
}

export function newChannel (id: string, changes: Partial<ChannelInsert> = {}): ChannelInsert {
  return { id, name: id, kind: 'webhook', url: 'https://example.com/hook', secret: null, fallback: null, enabled: true, ackLinks: true, now: NOW, ...changes }
}

type Asked = Partial<Omit<DueQuestion, 'channels'> & Omit<DueChannel, 'id'>>

export async function due (store: Store, channelIds: string[], { limit = 100, withRepeats = true, ...question }: Asked = {}): Promise<DueNotice[]> {
  const channels = channelIds.map((id) => ({ id, limit, withRepeats }))
  return store.read('dueNotices', { now: NOW + 1_000, channels, exceptLanes: [], ...question })
}

export async function dueIds (store: Store, channelIds: string[], asked: Asked = {}): Promise<string[]> {
  return (await due(store, channelIds, asked)).map(({ id }) => id)
}

/** What follows from an attempt at `NOW`, a good one unless told otherwise. */
export function settlement ({ body, ...notice }: DueNotice, next: NextStep = { state: 'delivered' }, health: Partial<HealthChange> = {}): Settlement {
  const isGood = next.state === 'delivered'
  return {
    attempt: { channel: notice.via, time: new Date(NOW).toISOString(), ms: 5, result: isGood ? 'delivered' : 'retry', status: isGood ? 200 : 500, reply: 'größe' },
    steps: [{ notice, next }],
    health: { channelId: notice.via, state: isGood ? 'well' : 'failing', hastens: false, ...health }
  }
}

/** Writes what follows from an attempt at `NOW`. Throws when there was no notice. */
export async function settle (store: Store, notice: DueNotice | undefined, next?: NextStep, health?: Partial<HealthChange>): Promise<void> {
  if (notice === undefined) throw new Error('nothing is due')
  await store.write('settleNotices', [settlement(notice, next, health)])
}

/** Settles what is due for the channels, in order, until nothing is. Gives the ids in the order of their delivery. */
export async function drain (store: Store, channelIds: string[], asked: Asked = {}): Promise<string[]> {
  const told: string[] = []
  for (let found = await due(store, channelIds, asked); found.length > 0; found = await due(store, channelIds, asked)) {
    for (const notice of found) {
      await settle(store, notice)
      told.push(notice.id)
    }
  }
  return told
}
