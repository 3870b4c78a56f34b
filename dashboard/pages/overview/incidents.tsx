import type { JSX } from 'preact'
import type { Alert, AlertFile } from '../../../schemas/alert.ts'
import type { Histogram } from '../../../schemas/event-query.ts'
import type { RuleView } from '../../../schemas/rule.ts'
import { get } from '../../core/api.ts'
import { firing } from '../../core/firing.ts'
import { countText, figureText, spanText } from '../../core/format.ts'
import { useResource } from '../../core/resource.ts'
import { hrefOf, pageHref } from '../../core/router.ts'
import { isOperator } from '../../core/session.ts'
import { clockText, now } from '../../core/times.ts'
import { Badge } from '../../ui/badge.tsx'
import { Bars } from '../../ui/bars.tsx'
import { AcknowledgeButton, SilenceButton } from '../../ui/alert-actions.tsx'

const MOST = 4
const BARS_MS = 1_800_000
const BINS = 36

/** What fires now, a card each. */
export function Incidents ({ rules }: { rules: readonly RuleView[] | undefined }): JSX.Element | null {
  const all = firing.value
  if (all.length === 0) return null
  return (
    <>
      <div class='incidents'>{all.slice(0, MOST).map((alert) => <Incident key={alert.id} alert={alert} rule={rules?.find(({ id }) => id === alert.rule.id)} />)}</div>
      {all.length > MOST ? <p><a href={pageHref('/dashboard/alerts')}>{countText(all.length - MOST)} more</a></p> : null}
    </>
  )
}

function Incident ({ alert, rule }: { alert: Alert, rule: RuleView | undefined }): JSX.Element {
  const file = useResource(`file ${alert.id}`, (signal) => get<AlertFile>(`/alerts/${alert.id}`, {}, { signal }))
  const events = file.data?.evidence?.['events']
  const newest = Array.isArray(events) && typeof events[0]?.message === 'string' ? String(events[0].message) : undefined
  const query = rule !== undefined && 'events' in rule.signal ? rule.signal.events : undefined
  const tone = alert.severity ?? 'warning'
  return (
    <article class={`panel incident${query === undefined ? '' : ' with-bars'}`} aria-label={alert.rule.name}>
      <div class='grow'>
        <p class='row'>
          <Badge tone={tone}>{tone === 'critical' ? 'Critical' : 'Warning'}</Badge>
          <span class='muted'>firing for {spanText(Math.max(now.value - Date.parse(alert.fired_at ?? alert.started_at), 0))}</span>
          {alert.acknowledged_by === null ? null : <Badge tone='calm'>Acknowledged by {alert.acknowledged_by}</Badge>}
          {alert.silenced_by === null ? null : <Badge tone='calm' icon='silenced'>Silenced</Badge>}
        </p>
        <h3>{titleOf(alert)}</h3>
        <p class='muted'>{newest === undefined ? `Since ${clockText(Date.parse(alert.started_at))}${labelsText(alert)}.` : <>Newest event: <code>{newest.slice(0, 160)}</code></>}</p>
        <div class='row'>
          <a class='button primary' href={query === undefined ? `/dashboard/alerts/${alert.id}` : evidenceHref(query, alert)}>{query === undefined ? 'See the evidence' : 'See the events'}</a>
          {query === undefined ? null : <a class='button' href={`/dashboard/alerts/${alert.id}`}>Evidence</a>}
          {isOperator.value ? <><AcknowledgeButton alert={alert} /><SilenceButton alert={alert} /></> : null}
        </div>
      </div>
      {query === undefined ? null : <Course query={query} tone={tone} />}
    </article>
  )
}

/** The measured fact. */
function titleOf ({ rule, value, limit, unit }: Alert): string {
  return `${rule.name}: ${figureText(value, unit)}${limit === null ? '' : `, limit ${figureText(limit, unit)}`}`
}

function labelsText ({ labels }: Alert): string {
  const entries = Object.entries(labels)
  return entries.length === 0 ? '' : `, ${entries.map(([name, value]) => `${name} ${value}`).join(', ')}`
}

function evidenceHref (query: string, alert: Alert): string {
  const began = Date.parse(alert.started_at)
  return hrefOf('/dashboard/events', { q: query, from: new Date(began - 300_000).toISOString(), to: new Date(Math.max(Date.now(), began + 60_000)).toISOString() })
}

/** Thirty minutes of the events that the rule counts. */
function Course ({ query, tone }: { query: string, tone: 'warning' | 'critical' }): JSX.Element {
  const to = Math.floor(now.value / 30_000) * 30_000
  const histogram = useResource(`${query} ${to}`, (signal) => get<Histogram>('/events/histogram', { q: query, bins: BINS, from: new Date(to - BARS_MS).toISOString(), to: new Date(to).toISOString() }, { signal }))
  const totals = (histogram.data?.bins ?? []).map(({ total }) => total)
  const most = Math.max(...totals, 1)
  const sum = totals.reduce((total, count) => total + count, 0)
  return (
    <div class='bars'>
      <Bars height={44} label={`${countText(sum)} events in the last 30 minutes`} bars={totals.map((total) => ({ height: total / most, tone: total > most / 2 ? tone : 'calm' }))} />
      <p class='axis'><span>{clockText(to - BARS_MS)}</span><span>{clockText(to)}</span></p>
    </div>
  )
}
