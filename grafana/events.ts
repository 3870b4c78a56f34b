import { BytesIEC, EventsPerSecond, PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units'
import type { Layout } from './dashboard.ts'
import { graph, stat, type Limits } from './panel.ts'
import { max, of, quantile, rate, sum } from './query.ts'

const REJECTS: Limits = { warning: 0.01, critical: 0.05 }
const ANY: Limits = { warning: 1, critical: 10 }
const MOST_SERVICES = 10

export const events: Layout = {
  name: 'events',
  title: 'Events',
  description: 'What comes in, what becomes of it on its way, and what is raised.',
  rows: {
    'At a glance': [
      stat({
        title: 'Taken in',
        description: 'Events stored in a second.',
        unit: EventsPerSecond,
        queries: { events: sum(rate('bellwether_events_ingested_total')) }
      }),
      stat({
        title: 'Rejected',
        description: 'Share of the events sent over 5 minutes that are wrong in themselves, of the worst instance.',
        unit: PercentUnit,
        limits: REJECTS,
        queries: { rejected: max(of('instance:bellwether_events_rejected:ratio_rate5m')) }
      }),
      stat({
        title: 'On their way in',
        description: 'Events taken in and not yet stored. At INGEST_QUEUE_EVENTS the next are refused.',
        unit: Short,
        queries: { queue: sum(of('bellwether_ingest_queue_events')) }
      }),
      stat({
        title: 'Firing alerts',
        description: 'Alerts of Bellwether\'s own rules.',
        unit: Short,
        limits: ANY,
        queries: { firing: sum(of('bellwether_alerts', 'state="firing"')) }
      }),
      stat({
        title: 'Notices waiting',
        description: 'Notices that are not delivered yet.',
        unit: Short,
        limits: { warning: 10, critical: 100 },
        queries: { pending: sum(of('bellwether_outbox_pending')) }
      }),
      stat({
        title: 'Store',
        description: 'Disk that the store takes. RETENTION_BYTES is its budget.',
        unit: BytesIEC,
        queries: { bytes: sum(of('bellwether_store_bytes')) }
      })
    ],
    Ingest: [
      graph({
        title: 'Events by level',
        description: 'Stored, by the level that the sender gave.',
        unit: EventsPerSecond,
        isStacked: true,
        queries: { '{{level}}': sum(rate('bellwether_events_ingested_total'), 'level') }
      }),
      graph({
        title: 'Events by service',
        description: `Stored, of the ${MOST_SERVICES} services that send most. (other) is what is beyond the cap of services.`,
        unit: EventsPerSecond,
        isStacked: true,
        queries: { '{{service}}': `topk(${MOST_SERVICES}, ${sum(rate('bellwether_events_ingested_total'), 'service')})` }
      }),
      graph({
        title: 'Rejected by reason',
        description: 'Refused events. GET /rejected lists what can be mended, with the fault of each.',
        unit: EventsPerSecond,
        isStacked: true,
        queries: { '{{reason}}': sum(rate('bellwether_events_rejected_total'), 'reason') }
      }),
      graph({
        title: 'Severity',
        description: 'Stored, by how grave the service takes them to be, whatever level their sender gave.',
        unit: EventsPerSecond,
        isStacked: true,
        queries: { '{{severity}}': sum(rate('bellwether_log_severity_total'), 'severity') }
      })
    ],
    Store: [
      graph({
        title: 'Queue',
        description: 'Events taken in and not yet stored.',
        unit: Short,
        width: 8,
        queries: { '{{instance}}': of('bellwether_ingest_queue_events') }
      }),
      graph({
        title: 'Time of a commit',
        description: 'How long one takes, the sync to disk included: every event waits for its own.',
        unit: Seconds,
        width: 8,
        queries: Object.fromEntries([0.5, 0.95, 0.99].map((p) => [`p${p * 100}`, quantile(p, 'bellwether_store_commit_seconds')]))
      }),
      graph({
        title: 'Size',
        description: 'Disk that the store takes, and what is free beside it. Under MIN_FREE_BYTES new events are refused.',
        unit: BytesIEC,
        width: 8,
        queries: { 'store {{instance}}': of('bellwether_store_bytes'), 'free {{instance}}': of('bellwether_store_disk_free_bytes') }
      })
    ],
    'Anomalies and alerts': [
      graph({
        title: 'Anomalies',
        description: 'Departures from what was learned, by kind, in a second.',
        unit: EventsPerSecond,
        isStacked: true,
        queries: { '{{kind}}': sum(rate('bellwether_anomalies_total'), 'kind') }
      }),
      graph({
        title: 'Alerts',
        description: 'By state and severity.',
        unit: Short,
        isStacked: true,
        queries: { '{{state}} {{severity}}': sum(of('bellwether_alerts'), 'state', 'severity') }
      }),
      graph({
        title: 'Time of an evaluation',
        description: 'How long measuring, judging and storing takes for all rules together. Longer than EVALUATE_INTERVAL, and evaluations are left out.',
        unit: Seconds,
        queries: Object.fromEntries([0.5, 0.95, 0.99].map((p) => [`p${p * 100}`, quantile(p, 'bellwether_rule_evaluation_seconds')]))
      }),
      graph({
        title: 'Evaluations left out',
        description: 'In a second, because the one before took too long: alerts come late.',
        unit: EventsPerSecond,
        queries: { '{{instance}}': rate('bellwether_rule_ticks_skipped_total') }
      })
    ],
    Notices: [
      graph({
        title: 'Attempts',
        description: 'To send a notice, by what came of it. Those that are retried go on; failed ones reach nobody.',
        unit: EventsPerSecond,
        isStacked: true,
        width: 8,
        queries: { '{{result}}': sum(rate('bellwether_notifications_total'), 'result') }
      }),
      graph({
        title: 'Attempts that did not succeed, by channel',
        description: 'GET /notifications has the reply to each. (other) is what is beyond the cap of channels.',
        unit: EventsPerSecond,
        isStacked: true,
        width: 8,
        queries: { '{{channel}} {{result}}': sum(rate('bellwether_notifications_total', 'result!="delivered"'), 'channel', 'result') }
      }),
      graph({
        title: 'Notices waiting',
        description: 'Not delivered yet. What stays above 0 and does not fall reaches nobody.',
        unit: Short,
        width: 8,
        queries: { '{{instance}}': of('bellwether_outbox_pending') }
      })
    ],
    Pipeline: [
      graph({
        title: 'Lines',
        description: 'Into and out of each processor. What goes in and does not come out was dropped or failed.',
        unit: EventsPerSecond,
        width: 8,
        queries: { '{{processor}} {{direction}}': sum(rate('bellwether_pipeline_lines_total'), 'processor', 'direction') }
      }),
      graph({
        title: 'Errors',
        description: 'Lines on which a processor failed.',
        unit: EventsPerSecond,
        width: 8,
        queries: { '{{processor}}': sum(rate('bellwether_pipeline_errors_total'), 'processor') }
      }),
      graph({
        title: 'Time',
        description: 'Share of the time that each processor works: 1 is one core.',
        unit: PercentUnit,
        width: 8,
        queries: { '{{processor}}': sum(rate('bellwether_pipeline_processing_seconds_sum'), 'processor') }
      })
    ]
  }
}
