import type { NoticeBody } from '../../schemas/notice.ts'
import { fillFields } from './fields.ts'

/** A transition that is to be announced. Times are ms since the epoch. */
export interface Announcement extends Omit<NoticeBody, 'started_at' | 'fired_at' | 'ended_at' | 'url'> {
  startedAt: number
  firedAt?: number
  endedAt?: number
}

/** Makes what the notices of a transition say: fields in the annotations filled in, times in ISO 8601, the address of the alert's page. */
export function noticeBody ({ startedAt, firedAt, endedAt, annotations, ...announced }: Announcement, baseUrl: string): NoticeBody {
  const body = {
    ...announced,
    annotations,
    started_at: new Date(startedAt).toISOString(),
    ...(firedAt === undefined ? {} : { fired_at: new Date(firedAt).toISOString() }),
    ...(endedAt === undefined ? {} : { ended_at: new Date(endedAt).toISOString() }),
    url: `${baseUrl}/alerts/${encodeURIComponent(announced.alert_id)}`
  }
  const filled = Object.entries(annotations).map(([name, text]) => [name, fillFields(text, body)])
  return { ...body, annotations: Object.fromEntries(filled) }
}

interface TestNotice {
  id: string
  /** What stands in the place of the rule. */
  rule: NoticeBody['rule']
  summary?: string
  now: number
  baseUrl: string
}

/** Makes a notice of no alert, which tries out the way that alerts go. It looks like one, and its type says that it is none. */
export function testBody ({ id, rule, summary, now, baseUrl }: TestNotice): NoticeBody {
  return noticeBody({
    type: 'test',
    event_id: id,
    alert_id: id,
    sequence: 1,
    rule,
    state: 'firing',
    severity: 'warning',
    value: null,
    limit: null,
    unit: '',
    labels: {},
    annotations: summary === undefined ? {} : { summary },
    startedAt: now,
    evidence: {}
  }, baseUrl)
}
