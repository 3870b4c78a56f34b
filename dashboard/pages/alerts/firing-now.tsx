import type { JSX } from 'preact'
import type { Alert } from '../../../schemas/alert.ts'
import { openAlerts } from '../../core/firing.ts'
import { countText, figureText, spanText } from '../../core/format.ts'
import { pageHref } from '../../core/router.ts'
import { isOperator } from '../../core/session.ts'
import { now } from '../../core/times.ts'
import { AcknowledgeButton, SilenceButton } from '../../ui/alert-actions.tsx'
import { Panel } from '../../ui/panel.tsx'
import { StateBadge } from './state-badge.tsx'

const MOST = 20

/** The alerts that fire, with what can be done about each; nothing when none does. */
export function FiringNow (): JSX.Element | null {
  const all = (openAlerts.value ?? []).filter(({ state }) => state === 'firing')
  if (all.length === 0) return null
  return (
    <Panel title='Firing now' note={`${countText(all.length)} ${all.length === 1 ? 'alert' : 'alerts'}`}>
      <ul class='alert-rows'>{all.slice(0, MOST).map((alert) => <AlertRow key={alert.id} alert={alert} />)}</ul>
      {all.length > MOST ? <p class='small muted'><a href={pageHref('/dashboard/alerts', { tab: 'history', state: 'firing' })}>{countText(all.length - MOST)} more</a></p> : null}
    </Panel>
  )
}

function AlertRow ({ alert }: { alert: Alert }): JSX.Element {
  const { id, rule, value, limit, unit, labels, draft, fired_at: fired, started_at: started, acknowledged_by: by } = alert
  return (
    <li class='row' data-alert={id}>
      <StateBadge alert={alert} />
      <span class='grow'>
        <a href={`/dashboard/alerts/${id}`} data-row>{rule.name}: {value === null ? 'no data' : figureText(value, unit)}{limit === null ? '' : `, limit ${figureText(limit, unit)}`}</a>
        <span class='small muted below'>
          for {spanText(Math.max(now.value - Date.parse(fired ?? started), 0))}
          {Object.entries(labels).map(([name, text]) => `, ${name} ${text}`).join('')}{draft ? ', a draft: nobody is told' : ''}{by === null ? '' : `, acknowledged by ${by}`}
        </span>
      </span>
      {isOperator.value ? <><AcknowledgeButton alert={alert} /><SilenceButton alert={alert} /></> : null}
    </li>
  )
}
