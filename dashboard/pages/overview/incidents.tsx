import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Alert } from '../../../schemas/alert.ts'
import type { Incident, Overview } from '../../../schemas/overview.ts'
import type { RuleView } from '../../../schemas/rule.ts'
import { thingsOf } from '../../../src/core/verdict.ts'
import { openAlerts } from '../../core/firing.ts'
import { countText, figureText, spanText } from '../../core/format.ts'
import { hrefOf, pageHref } from '../../core/router.ts'
import { isOperator } from '../../core/session.ts'
import { clockText, now } from '../../core/times.ts'
import { Badge } from '../../ui/badge.tsx'
import { Bars } from '../../ui/bars.tsx'
import { AcknowledgeButton, SilenceButton } from '../../ui/alert-actions.tsx'

const MOST = 4
const LATENCY_RULE = 'builtin-latency-p95'

/** What fires now, a card each. Of what began just now more is asked for at once. */
export function Incidents ({ data, refresh }: { data: Overview, refresh: () => void }): JSX.Element | null {
  const things = thingsOf(openAlerts.value ?? data.alerts)
  const known = new Set(data.alerts.map(({ id }) => id))
  const unknown = things.slice(0, MOST).flat().filter(({ id }) => !known.has(id)).map(({ id }) => id).join()
  useEffect(() => { if (unknown !== '') refresh() }, [unknown])
  if (things.length === 0) return null
  return (
    <>
      <div class='incidents'>
        {things.slice(0, MOST).map((thing) => {
          const ids = new Set(thing.map(({ id }) => id))
          const [alert] = thing
          return alert === undefined ? null : <Card key={alert.id} alert={alert} count={thing.length} rule={data.rules.find(({ id }) => id === alert.rule.id)} incident={data.incidents.find((one) => ids.has(one.alert))} />
        })}
      </div>
      {things.length > MOST ? <p><a href={pageHref('/dashboard/alerts')}>{countText(things.length - MOST)} more</a></p> : null}
    </>
  )
}

interface CardProps {
  alert: Alert
  count: number
  rule: RuleView | undefined
  /** Undefined until the next answer, for what began just now. */
  incident: Incident | undefined
}

function Card ({ alert, count, rule, incident }: CardProps): JSX.Element {
  const tone = alert.severity ?? 'warning'
  const hasBars = incident !== undefined && incident.bars.length > 0
  return (
    <article class={`panel incident${hasBars ? ' with-bars' : ''}`} aria-label={alert.rule.name} tabIndex={-1} data-row data-alert={alert.id}>
      <div class='grow'>
        <p class='row'>
          <Badge tone={tone}>{tone === 'critical' ? 'Critical' : 'Warning'}</Badge>
          <span class='muted'>firing for {spanText(Math.max(now.value - Date.parse(alert.fired_at ?? alert.started_at), 0))}</span>
          {alert.acknowledged_by === null ? null : <Badge tone='calm'>Acknowledged by {alert.acknowledged_by}</Badge>}
          {alert.silenced_by === null ? null : <Badge tone='calm' icon='silenced'>Silenced</Badge>}
        </p>
        <h3><a href={`/dashboard/alerts/${alert.id}`}>{titleOf(alert)}</a>{count > 1 ? ` and ${countText(count - 1)} more like it` : ''}</h3>
        <Cause alert={alert} incident={incident} />
        <div class='row'>
          <Primary alert={alert} query={rule !== undefined && 'events' in rule.signal ? rule.signal.events : undefined} incident={incident} />
          {isOperator.value ? <><AcknowledgeButton alert={alert} /><SilenceButton alert={alert} /></> : null}
        </div>
      </div>
      {incident === undefined || !hasBars ? null : <Course incident={incident} limit={incident.query === undefined ? alert.limit : null} tone={tone} />}
    </article>
  )
}

/** The measured fact. */
function titleOf ({ rule, value, limit, unit }: Alert): string {
  return `${rule.name}: ${figureText(value, unit)}${limit === null ? '' : `, limit ${figureText(limit, unit)}`}`
}

/** What probably caused it, as far as evidence says. */
function Cause ({ alert, incident }: { alert: Alert, incident: Incident | undefined }): JSX.Element {
  const labels = Object.entries(alert.labels).map(([name, value]) => `${name} ${value}`)
  const { message, route, before = [], together = [], count } = incident ?? {}
  return (
    <p class='muted'>
      {count === undefined ? null : <><b>{countText(count)} events in 30 min</b>{message === undefined ? '. ' : <>: <code>{message.slice(0, 160)}</code>. </>}</>}
      {route === undefined ? null : <><b>{route.method} {route.route}</b> carries {Math.round(route.share * 100)}% of the excess. </>}
      Since {clockText(Date.parse(alert.started_at))}{labels.length === 0 ? '' : `, ${labels.join(', ')}`}.
      {before[0]?.time === undefined ? null : ` ${spanText(Math.max(Date.parse(alert.started_at) - Date.parse(before[0].time), 0))} after the ${before[0].kind} ${before[0].subject}.`}
      {together.length === 0 ? null : ` ${together.join(', ')} began within two minutes of it.`}
    </p>
  )
}

/** Leads to the evidence: the events that the rule counts, the route, or the page of the alert. */
function Primary ({ alert, query, incident }: { alert: Alert, query: string | undefined, incident: Incident | undefined }): JSX.Element {
  if (query !== undefined) {
    const began = Date.parse(alert.started_at)
    const href = hrefOf('/dashboard/events', { q: query, from: new Date(began - 300_000).toISOString(), to: new Date(Math.max(Date.now(), began + 60_000)).toISOString() })
    return <a class='button primary' href={href}>See the {incident?.count === undefined || incident.count === 0 ? '' : `${countText(incident.count)} `}events</a>
  }
  if (alert.rule.id === LATENCY_RULE && incident?.route !== undefined) {
    return <a class='button primary' href={pageHref('/dashboard/services', { route: `${incident.route.method} ${incident.route.route}` })}>Open the route</a>
  }
  return <a class='button primary' href={`/dashboard/alerts/${alert.id}`}>See the evidence</a>
}

/** Half an hour of what the rule looks at. */
function Course ({ incident: { bars, bars_from: from, bars_to: to, count }, limit, tone }: { incident: Incident, limit: number | null, tone: 'warning' | 'critical' }): JSX.Element {
  const most = bars.reduce<number>((highest, value) => Math.max(highest, value ?? 0), limit ?? 0) || 1
  const over = limit ?? most / 2
  return (
    <div class='bars'>
      <Bars height={44} label={count === undefined ? 'The last 30 minutes' : `${countText(count)} events in the last 30 minutes`} bars={bars.map((value) => value === null ? undefined : { height: value / most, tone: value > over ? tone : 'calm' })} />
      <p class='axis'><span>{clockText(Date.parse(from))}</span><span>{clockText(Date.parse(to))}</span></p>
    </div>
  )
}
