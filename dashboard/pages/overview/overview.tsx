import type { JSX } from 'preact'
import { Loaded } from '../../ui/panel.tsx'
import { Changes } from './changes.tsx'
import { Charts } from './charts.tsx'
import { useOverview } from './data.ts'
import { Glance } from './glance.tsx'
import { Incidents } from './incidents.tsx'
import { LiveEvents } from './live-events.tsx'
import { Verdict } from './verdict.tsx'

/** The verdict first, then what it rests on. */
export function Overview (): JSX.Element {
  const overview = useOverview()
  return (
    <div class='stack' aria-busy={overview.isLoading}>
      <Loaded of={overview} what='the overview' height={620}>
        {(data) => (
          <>
            <Verdict data={data} overview={overview} />
            <Incidents data={data} refresh={overview.refresh} />
            <Glance data={data} isRefreshing={overview.isLoading} />
            <Charts data={data} isRefreshing={overview.isLoading} />
            <div class='wide-and-narrow'>
              <LiveEvents newest={data.newest} />
              <Changes data={data} />
            </div>
          </>
        )}
      </Loaded>
    </div>
  )
}
