import type { JSX } from 'preact'
import type { RuleView } from '../../../schemas/rule.ts'
import { get } from '../../core/api.ts'
import { useResource } from '../../core/resource.ts'
import { pageHref, param } from '../../core/router.ts'
import { SeriesPanel } from '../../ui/series-panel.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { Requests } from './requests.tsx'

const LATENCY_RULE = 'builtin-latency-p95'

/** How requests go, and the machine below them. */
export function Services (): JSX.Element {
  const rules = useResource('rules', async (signal) => (await get<{ rules: RuleView[] }>('/rules', {}, { signal })).rules)
  const isHost = param('tab') === 'host'
  return (
    <div class='stack'>
      <Tabs
        label='Parts of the services' chosen={isHost ? 'host' : 'requests'}
        tabs={[{ id: 'requests', href: pageHref('/dashboard/services'), name: 'Requests' }, { id: 'host', href: pageHref('/dashboard/services', { tab: 'host' }), name: 'Host and process' }]}
      />
      {isHost ? <Host rules={rules.data} /> : <Requests latency={rules.data?.find(({ id }) => id === LATENCY_RULE)} />}
    </div>
  )
}

const HOST = [
  { title: 'CPU', series: 'host_cpu_percent', context: 'host', rule: 'builtin-cpu' },
  { title: 'Memory', series: 'host_memory_percent', context: 'host', rule: 'builtin-memory' },
  { title: 'Load', series: 'host_load1', context: 'over a minute', rule: '' },
  { title: 'Swap', series: 'host_swap_percent', context: 'host', rule: '' },
  { title: 'Process CPU', series: 'process_cpu_percent', context: 'this service, of one core', rule: '' },
  { title: 'Process memory', series: 'process_rss_bytes', context: 'this service', rule: '' },
  { title: 'Heap', series: 'process_heap_bytes', context: 'this service', rule: '' },
  { title: 'Open files', series: 'process_open_fds', context: 'this service', rule: '' }
] as const

function Host ({ rules }: { rules: readonly RuleView[] | undefined }): JSX.Element {
  return <div class='four'>{HOST.map((one) => <SeriesPanel key={one.series} {...one} rule={rules?.find(({ id }) => id === one.rule)} />)}</div>
}
