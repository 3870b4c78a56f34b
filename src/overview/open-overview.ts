import type { Alerting } from '../alerting/open-alerting.ts'
import type { Clock } from '../core/clock.ts'
import type { SampleData } from '../demo/sample-data.ts'
import type { Events } from '../events/open-events.ts'
import type { Healthiness } from '../health/open-health.ts'
import type { Numbers } from '../numbers/open-numbers.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Store } from '../store/store.ts'
import { Overview } from './overview.ts'
import { Traffic } from './traffic.ts'

interface Parts extends Pick<Events, 'events'>, Pick<Numbers, 'series'>, Pick<Alerting, 'alerts' | 'rules'>, Pick<Healthiness, 'space'> {
  store: Store
  clock: Clock
  metrics: Metrics
  sampleData: SampleData
  config: { queryTimeoutMs: number }
}

/** What the page asks for in one go. */
export interface Overviews {
  overview: Overview
  traffic: Traffic
}

export function openOverview ({ config: { queryTimeoutMs: timeoutMs }, metrics, ...parts }: Parts): Overviews {
  return { overview: new Overview({ ...parts, timeoutMs }), traffic: new Traffic({ ...parts, requests: metrics.requests, timeoutMs }) }
}
