import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import type { AlertFile, AlertsPage } from '../../../schemas/alert.ts'
import type { RuleView } from '../../../schemas/rule.ts'
import { get } from '../../core/api.ts'
import { figureText } from '../../core/format.ts'
import { useResource } from '../../core/resource.ts'
import { param, setParams } from '../../core/router.ts'
import { clockText, fullText, range } from '../../core/times.ts'
import { Badge } from '../../ui/badge.tsx'
import { Loaded, Panel } from '../../ui/panel.tsx'
import { Attempts, DeliveryBadge } from './deliveries.tsx'
import { historyCsv, historyOf, type HistoryEntry } from './history.ts'
import { NOTICES } from './words.ts'
import { Steps } from './timeline.tsx'

const DAYS_7 = '-7d'
const PAGE = 200
const STATES = ['', 'firing', 'pending', 'resolved'] as const
const SEVERITIES = ['', 'critical', 'warning'] as const

/** Every change of every alert: of the range of the address, or of 7 days. */
export function HistoryTab ({ rules }: { rules: readonly RuleView[] }): JSX.Element {
  const isRanged = param('from') !== undefined
  const times = isRanged ? { from: new Date(range.value.from).toISOString(), to: new Date(range.value.to).toISOString() } : { from: DAYS_7 }
  const filters = { rule: param('rule'), severity: param('severity'), state: param('state') }
  const most = useSignal(PAGE)
  const page = useResource(JSON.stringify([times, filters, most.value]), (signal) => get<AlertsPage>('/alerts', { ...times, ...filters, limit: Math.min(most.value, 1_000) }, { signal }))
  const entries = useMemo(() => historyOf(page.data?.alerts ?? []), [page.data])
  return (
    <Panel
      title='Every change' note={isRanged ? 'in the range of the page' : 'of the last 7 days'} isRefreshing={page.isLoading && page.data !== undefined}
      actions={entries.length === 0 ? undefined : <button type='button' class='button small' onClick={() => download(historyCsv(entries))}>Export {entries.length} changes</button>}
    >
      <div class='row replay'>
        <Filter label='Rule' name='rule' options={[['', 'All rules'], ...rules.map(({ id, name }): [string, string] => [id, name])]} />
        <Filter label='State' name='state' options={STATES.map((state) => [state, state === '' ? 'All states' : state])} />
        <Filter label='Severity' name='severity' options={SEVERITIES.map((severity) => [severity, severity === '' ? 'All' : severity])} />
      </div>
      <Loaded of={page} what='the alerts' height={300}>
        {({ next }) => (
          <>
            {entries.length === 0
              ? <p class='muted'>No alert {Object.values(filters).some((filter) => filter !== undefined) ? 'fits these filters' : 'began, went on or ended'} {isRanged ? 'in this range' : 'in the last 7 days'}. <button type='button' class='button small' onClick={() => setParams({ rule: undefined, state: undefined, severity: undefined })}>Clear filters</button></p>
              : <ul class='history'>{entries.map((entry) => <HistoryRow key={`${entry.alert.id} ${entry.to} ${entry.at}`} entry={entry} />)}</ul>}
            {next === null ? null : <p class='small faint'>The newest {page.data?.alerts.length} alerts. {most.value < 1_000 ? <button type='button' class='button small' onClick={() => { most.value += PAGE }}>Show more</button> : 'Choose a shorter range to see others.'}</p>}
          </>
        )}
      </Loaded>
    </Panel>
  )
}

function Filter ({ label, name, options }: { label: string, name: string, options: ReadonlyArray<readonly [value: string, text: string]> }): JSX.Element {
  return (
    <label class='field'><span>{label}</span>
      <select class='input' value={param(name) ?? ''} onChange={({ currentTarget }) => setParams({ [name]: currentTarget.value === '' ? undefined : currentTarget.value })}>
        {options.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
      </select>
    </label>
  )
}

const TONES = { pending: 'info', acknowledged: 'calm', resolved: 'healthy' } as const

function HistoryRow ({ entry: { at, from, to, by, alert } }: { entry: HistoryEntry }): JSX.Element {
  const isOpen = useSignal(false)
  const tone = to === 'firing' ? alert.severity ?? 'warning' : to === 'pending' || to === 'acknowledged' ? TONES[to] : TONES.resolved
  return (
    <li>
      <details onToggle={({ currentTarget }) => { isOpen.value = currentTarget.open }}>
        <summary data-row>
          <time class='mono muted' dateTime={new Date(at).toISOString()} title={fullText(at)}>{clockText(at)}</time>
          <span class='grow'>{alert.rule.name} <span class='faint small'>{Object.values(alert.labels).join(', ')}</span>{alert.silenced_by === null ? null : <Badge tone='calm' icon='silenced'>Silenced</Badge>}</span>
          <span class='muted wide'>{from} to</span>
          <span><Badge tone={tone}>{to}{by === undefined ? '' : ` by ${by}`}</Badge></span>
          <span class='wide muted'>{to !== 'firing' || alert.limit === null ? '' : `limit ${figureText(alert.limit, alert.unit)}`}</span>
        </summary>
        {isOpen.value ? <HistoryFile id={alert.id} /> : null}
      </details>
    </li>
  )
}

/** The whole timeline of the alert of a change, and who was told. */
function HistoryFile ({ id }: { id: string }): JSX.Element {
  const file = useResource(id, (signal) => get<AlertFile>(`/alerts/${id}`, {}, { signal }))
  return (
    <Loaded of={file} what='the alert'>
      {(data) => (
        <div class='history-file'>
          <Steps file={data} />
          {data.deliveries.length === 0
            ? <p class='small muted'>Nobody was told.</p>
            : data.deliveries.map(({ notice, type, channel, channel_id: channelId, state, attempts }) => (
              <div key={notice}><p class='row'>{NOTICES[type] ?? type} to {channel} <DeliveryBadge state={state} attempts={attempts} /></p><Attempts attempts={attempts} channelId={channelId} /></div>
            ))}
          <p><a href={`/dashboard/alerts/${id}`}>See all of this alert</a></p>
        </div>
      )}
    </Loaded>
  )
}

function download (text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }))
  const link = document.createElement('a')
  link.href = url
  link.download = 'alerts.csv'
  link.click()
  URL.revokeObjectURL(url)
}
