import type { JSX } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import type { AlertFile } from '../../../schemas/alert.ts'
import type { RuleView } from '../../../schemas/rule.ts'
import { get } from '../../core/api.ts'
import { figureText, spanText } from '../../core/format.ts'
import { useResource, type Resource } from '../../core/resource.ts'
import { pageHref } from '../../core/router.ts'
import { isOperator } from '../../core/session.ts'
import { clockText, fullText, now } from '../../core/times.ts'
import { followAlerts } from '../../stream/live.ts'
import { AcknowledgeButton, SilenceButton } from '../../ui/alert-actions.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Loaded } from '../../ui/panel.tsx'
import { AxisPanel } from './axis-panel.tsx'
import { Deliveries, HeldBack } from './deliveries.tsx'
import { readEvidence, type Compared } from './evidence.ts'
import { Moments, Processes } from './moments-panel.tsx'
import { momentsOf } from './moments.ts'
import { ReplayPanel } from './replay-panel.tsx'
import { ResolveButton } from './resolve-button.tsx'
import { StateBadge } from './state-badge.tsx'
import { Timeline } from './timeline.tsx'
import { opText } from './words.ts'

/** Everything about one alert: the page that every notice links to. */
export function AlertPage ({ id }: { id: string }): JSX.Element {
  const file = useResource(id, (signal) => get<AlertFile>(`/alerts/${encodeURIComponent(id)}`, {}, { signal }), { everyMs: 60_000 })
  const { refresh } = file
  useEffect(() => followAlerts((alerts) => { if (alerts.some((alert) => alert.id === id)) refresh() }), [id])
  const ruleId = file.data?.rule.id
  const rule = useResource(`rule ${ruleId ?? ''}`, async (signal) => ruleId === undefined ? undefined : (await get<{ rules: RuleView[] }>('/rules', {}, { signal })).rules.find((one) => one.id === ruleId))
  if (file.data === undefined && file.error?.status === 404) return <NoSuchAlert />
  if (file.data === undefined && file.error?.status === 403) return <p class='note'>Your role cannot read alerts.</p>
  return <Loaded of={file} what='the alert' height={400}>{(data) => <Found file={data} rule={rule} refresh={refresh} />}</Loaded>
}

function NoSuchAlert (): JSX.Element {
  return (
    <div class='stack'>
      <h2 class='alert-title'>There is no such alert</h2>
      <p class='prose muted'>It may be older than what is kept, or it came to nothing while it was pending, which leaves no trace. <a href={pageHref('/dashboard/alerts', { tab: 'history' })}>See all alerts</a></p>
    </div>
  )
}

function Found ({ file, rule, refresh }: { file: AlertFile, rule: Resource<RuleView | undefined>, refresh: () => void }): JSX.Element {
  const evidence = useMemo(() => readEvidence(file.evidence), [file.evidence])
  const moments = useMemo(() => momentsOf(file, evidence), [file, evidence])
  return (
    <div class='stack'>
      <Head file={file} compared={evidence.compared} refresh={refresh} />
      <AxisPanel file={file} evidence={evidence} moments={moments} rule={rule.data} isRuleKnown={!rule.isLoading} />
      <div class='around'>
        <Moments moments={moments} isTruncated={evidence.isTruncated} query={evidence.compared.query} at={Date.parse(file.started_at)} />
        <div class='stack'>
          <Timeline file={file} />
          <Processes processes={evidence.processes} />
        </div>
      </div>
      <Deliveries file={file} />
      <HeldBack file={file} />
      {rule.data === undefined ? null : <ReplayPanel file={file} rule={rule.data} />}
      {rule.data === undefined && rule.error === undefined && !rule.isLoading ? <p class='muted'>Its rule was removed, so it cannot be replayed.</p> : null}
    </div>
  )
}

function Head ({ file, compared, refresh }: { file: AlertFile, compared: Compared, refresh: () => void }): JSX.Element {
  const { rule, state, unit, severity, labels, annotations } = file
  const isOpen = state !== 'resolved'
  // What is over tells of the crossing, and not of how well it is now.
  const { value, limit } = isOpen || compared.limit === null ? file : compared
  const summary = isOpen ? annotations['summary'] : undefined
  return (
    <section aria-label='What it is' class='alert-head' data-alert={file.id}>
      <p class='row'>
        <StateBadge alert={file} />
        {severity === null ? null : <Badge tone={isOpen ? severity : 'calm'}>{severity === 'critical' ? 'Critical' : 'Warning'}</Badge>}
        {file.flapping ? <Badge tone='calm'>Flapping</Badge> : null}
        {file.draft ? <Badge tone='calm'>Draft: nobody is told</Badge> : null}
        {Object.entries(labels).map(([name, text]) => <Badge key={name} tone='calm'>{name} {text}</Badge>)}
      </p>
      <h2 class='alert-title'>{rule.name}: {value === null ? 'no data' : figureText(value, unit)}{limit === null ? '' : `, ${opText(compared.op)} ${figureText(limit, unit)}`}</h2>
      {summary === undefined || summary === '' ? null : <p>{summary}</p>}
      <p class='muted'><Course file={file} /></p>
      <Acknowledged file={file} />
      <div class='row'>
        {isOperator.value && isOpen
          ? <><AcknowledgeButton alert={file} onDone={refresh} /><SilenceButton alert={file} onDone={refresh} /><ResolveButton alert={file} onDone={refresh} /></>
          : null}
        <a class='button' href={pageHref('/dashboard/alerts', { rule: rule.id })}>See its rule</a>
      </div>
    </section>
  )
}

/** When it began, fired and ended. */
function Course ({ file: { started_at: started, fired_at: fired, ended_at: ended, rule } }: { file: AlertFile }): JSX.Element {
  const began = Date.parse(started)
  const until = ended === null ? now.value : Date.parse(ended)
  return (
    <>
      Its limit was crossed at <Moment at={began} />
      {fired === null ? ended === null ? '; it has not fired yet' : '; it never fired' : <>, it fired at <Moment at={Date.parse(fired)} /></>}
      {ended === null ? <> and goes on since {spanText(Math.max(until - began, 0))}.</> : <> and ended at <Moment at={until} />, after {spanText(until - began)}.</>}
      {' '}Version {rule.version} of the rule.
    </>
  )
}

function Moment ({ at }: { at: number }): JSX.Element {
  return <time dateTime={new Date(at).toISOString()} title={fullText(at)}>{clockText(at)}</time>
}

function Acknowledged ({ file: { acknowledged_by: by, acknowledged_at: at, acknowledged_until: until, note, silenced_by: silence } }: { file: AlertFile }): JSX.Element | null {
  if (by === null && silence === null) return null
  return (
    <p class='row'>
      {by === null ? null : <Badge tone='calm' icon='healthy'>Acknowledged by {by}{at === null ? '' : ` at ${clockText(Date.parse(at))}`}{until === null ? '' : `, until ${clockText(Date.parse(until))}`}</Badge>}
      {by === null || note === null || note === '' ? null : <span>{note}</span>}
      {silence === null ? null : <a href={pageHref('/dashboard/alerts', { tab: 'silences' })}><Badge tone='calm' icon='silenced'>Silenced</Badge></a>}
    </p>
  )
}
