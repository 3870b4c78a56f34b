import { isRecord } from '../../../src/core/is-record.ts'

/** What was compared when the limit was crossed. Times are ms since the epoch. */
export interface Compared {
  value: number | null
  limit: number | null
  op: string | undefined
  window: string | undefined
  aggregate: string | undefined
  for: string | undefined
  metric: string | undefined
  /** The query of a rule that counts events. */
  query: string | undefined
  isByReceipt: boolean
  /** Of the window, oldest first. */
  points: Array<{ time: number, value: number }>
}

export interface FrozenEvent {
  id: string
  time: number
  receivedAt: number | undefined
  level: string
  service: string | undefined
  message: string
}

export interface Process {
  pid: number
  name: string
  /** Of one core. */
  cpuPercent: number
  rssBytes: number | null
  startedAt: number | undefined
  parent: string | undefined
}

export interface SettingChange {
  time: number
  action: string
  actor: string | undefined
  target: string
  detail: Record<string, unknown>
}

/** The evidence of an alert, as far as it can be read. */
export interface Evidence {
  compared: Compared
  /** Newest first. */
  events: FrozenEvent[]
  deploys: FrozenEvent[]
  restarts: Array<{ time: number, service: string | undefined }>
  changes: SettingChange[]
  processes: Process[]
  missing: Array<{ part: string, why: string }>
  isTruncated: boolean
}

type Body = Record<string, unknown>

/** Reads what an alert was frozen with; what is not there, or not as expected, is left out. */
export function readEvidence (evidence: Body | null): Evidence {
  const body = evidence ?? {}
  return {
    compared: comparedOf(bodyOf(body['compared'])),
    events: bodies(body['events']).flatMap(eventOf),
    deploys: bodies(body['deploys']).flatMap(eventOf),
    restarts: bodies(body['restarts']).flatMap((one) => timed(one, (time) => ({ time, service: text(one['service']) }))),
    changes: bodies(body['changes']).flatMap((one) => timed(one, (time) => changeOf(one, time))),
    processes: bodies(body['processes']).map(processOf),
    missing: bodies(body['missing']).map(({ part, why }) => ({ part: text(part) ?? 'a part', why: text(why) ?? 'error' })),
    isTruncated: body['truncated'] === true
  }
}

function comparedOf (body: Body): Compared {
  const signal = bodyOf(body['signal'])
  return {
    value: number(body['value']) ?? null,
    limit: number(body['limit']) ?? null,
    op: text(body['op']),
    window: text(body['window']),
    aggregate: text(body['aggregate']),
    for: text(body['for']),
    metric: text(signal['metric']),
    query: text(signal['events']) ?? text(signal['absent']) ?? text(bodyOf(signal['ratio'])['total']),
    isByReceipt: body['counted_by'] === 'received_at',
    points: bodies(body['points']).flatMap((one) => timed(one, (time) => ({ time, value: number(one['value']) ?? 0 })))
  }
}

function eventOf (body: Body): FrozenEvent[] {
  return timed(body, (time) => ({
    id: text(body['id']) ?? '', time, receivedAt: timeOf(body['received_at']), level: text(body['level']) ?? 'INFO', service: text(body['service']), message: text(body['message']) ?? ''
  }))
}

function changeOf (body: Body, time: number): SettingChange {
  return { time, action: text(body['action']) ?? '', actor: text(body['actor']), target: text(body['target']) ?? '', detail: bodyOf(body['detail']) }
}

function processOf (body: Body): Process {
  return {
    pid: number(body['pid']) ?? 0,
    name: text(body['name']) ?? '',
    cpuPercent: number(body['cpu_percent']) ?? 0,
    rssBytes: number(body['rss_bytes']) ?? null,
    startedAt: timeOf(body['started_at']),
    parent: text(bodyOf(body['parent'])['name'])
  }
}

function timed<T> (body: Body, shape: (time: number) => T): T[] {
  const time = timeOf(body['time'])
  return time === undefined ? [] : [shape(time)]
}

function timeOf (value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : NaN
  return Number.isNaN(time) ? undefined : time
}

function text (value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function number (value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function bodyOf (value: unknown): Body {
  return isRecord(value) ? value : {}
}

function bodies (value: unknown): Body[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}
