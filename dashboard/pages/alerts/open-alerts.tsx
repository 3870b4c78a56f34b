import type { JSX } from 'preact'
import { loadAlerts, openAlerts } from '../../core/firing.ts'
import { figureText, spanText } from '../../core/format.ts'
import { useResource } from '../../core/resource.ts'
import { now } from '../../core/times.ts'
import { Loaded, Panel } from '../../ui/panel.tsx'
import { StateBadge } from './state-badge.tsx'

/** What is pending or firing, those that matter most first. */
export function OpenAlerts (): JSX.Element {
  const alerts = useResource('alerts', (signal) => loadAlerts(signal), { everyMs: 60_000 })
  const all = openAlerts.value
  return (
    <Panel title='Alerts now'>
      <Loaded of={{ ...alerts, data: all }} what='the alerts'>
        {(found) => found.length === 0
          ? <p class='muted'>All quiet: nothing that a rule watches is over its limit.</p>
          : (
            <ul class='rows'>
              {found.map((alert) => (
                <li key={alert.id}>
                  <a class='row' href={`/dashboard/alerts/${alert.id}`}>
                    <StateBadge alert={alert} />
                    <b>{alert.rule.name}</b>
                    <span>{figureText(alert.value, alert.unit)}</span>
                    <span class='muted'>for {spanText(Math.max(now.value - Date.parse(alert.started_at), 0))}</span>
                  </a>
                </li>
              ))}
            </ul>
            )}
      </Loaded>
    </Panel>
  )
}
