import type { JSX } from 'preact'
import type { RuleView } from '../../../schemas/rule.ts'
import { get } from '../../core/api.ts'
import { loadAlerts } from '../../core/firing.ts'
import { useResource } from '../../core/resource.ts'
import { Charts } from './charts.tsx'
import { Glance } from './glance.tsx'
import { Incidents } from './incidents.tsx'
import { LiveEvents } from './live-events.tsx'
import { Verdict } from './verdict.tsx'

/** The verdict first, then what it rests on. */
export function Overview (): JSX.Element {
  const alerts = useResource('alerts', (signal) => loadAlerts(signal), { everyMs: 60_000 })
  const rules = useResource('rules', async (signal) => (await get<{ rules: RuleView[] }>('/rules', {}, { signal })).rules)
  return (
    <div class='stack'>
      <Verdict alerts={alerts} rules={rules.data} />
      <Incidents rules={rules.data} />
      <Glance />
      <Charts rules={rules.data} />
      <LiveEvents />
    </div>
  )
}
