import type { JSX } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import type { Overview as Answer } from '../../../schemas/overview.ts'
import { firing } from '../../core/firing.ts'
import { spanText } from '../../core/format.ts'
import type { Resource } from '../../core/resource.ts'
import { now, range } from '../../core/times.ts'
import { Loaded } from '../../ui/panel.tsx'
import { SampleNote } from '../../ui/sample-data.tsx'
import { Changes } from './changes.tsx'
import { Charts } from './charts.tsx'
import { useOverview } from './data.ts'
import { Glance } from './glance.tsx'
import { Incidents } from './incidents.tsx'
import { LiveEvents } from './live-events.tsx'
import { Verdict } from './verdict.tsx'

/** Three answers that did not come. */
const OLD_MS = 30_000

/** The verdict first, then what it rests on. */
export function Overview (): JSX.Element {
  const overview = useOverview()
  useNews(overview)
  const age = useAge(overview.data)
  const isOld = range.value.isLive && age > OLD_MS
  return (
    <div class='stack' aria-busy={overview.isLoading}>
      <SampleNote />
      <Loaded of={overview} what='the overview' height={620}>
        {(data) => (
          <>
            <Verdict data={data} overview={overview} age={isOld ? spanText(age) : undefined} />
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

/** How long ago it was answered. */
function useAge (data: Answer | undefined): number {
  const at = useMemo(() => Date.now(), [data])
  return Math.max(now.value - at, 0)
}

/** What began just now has its course and its cause at once, and not with the next answer. */
function useNews ({ data, refresh }: Resource<Answer>): void {
  const known = new Set(data?.alerts.filter(({ state }) => state === 'firing').map(({ id }) => id))
  const news = data === undefined ? '' : firing.value.filter(({ id }) => !known.has(id)).map(({ id }) => id).join()
  useEffect(() => { if (news !== '') refresh() }, [news])
}
