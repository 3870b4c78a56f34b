import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import type { AlertFile } from '../../../schemas/alert.ts'
import type { RuleView } from '../../../schemas/rule.ts'
import { figureText } from '../../core/format.ts'
import { useResource } from '../../core/resource.ts'
import { param, setParams } from '../../core/router.ts'
import { clockText, fullText, range } from '../../core/times.ts'
import { Chart } from '../../ui/chart.tsx'
import type { Limit } from '../../ui/limit-handle.tsx'
import { Failure, Panel } from '../../ui/panel.tsx'
import type { Compared, Evidence } from './evidence.ts'
import { axisOf, LANES, mergedLine, type Lane, type Moment } from './moments.ts'
import { readLine } from './signal-line.ts'
import { missingText, opText } from './words.ts'

interface AxisProps {
  file: AlertFile
  evidence: Evidence
  moments: readonly Moment[]
  rule: RuleView | undefined
  isRuleKnown: boolean
}

/** What was compared, and all that happened around it on one axis of time. */
export function AxisPanel ({ file, evidence: { compared, missing }, moments, rule, isRuleKnown }: AxisProps): JSX.Element {
  const crossedAt = Date.parse(file.started_at)
  const whole = useMemo(() => axisOf(moments, compared.points, crossedAt), [moments, compared.points, crossedAt])
  const isZoomed = param('from') !== undefined
  const shown = isZoomed ? range.value : whole
  const isOut = shown.to < crossedAt || shown.from > crossedAt
  return (
    <Panel title='What was compared' actions={isZoomed ? <button type='button' class='button small' onClick={() => setParams({ from: undefined, to: undefined })}>Show all of it again</button> : undefined}>
      <Facts compared={compared} unit={file.unit} />
      {isRuleKnown ? <Line file={file} compared={compared} shown={shown} rule={rule} /> : <div style={{ height: '200px' }} />}
      <div class='lanes-of-time' aria-hidden='true'>
        {LANES.map((lane) => <LaneOfTime key={lane} lane={lane} moments={moments.filter((moment) => moment.lane === lane)} shown={shown} />)}
      </div>
      {isOut ? <p class='small faint'>The time at which it was crossed is not in this range.</p> : null}
      {missing.length === 0 ? null : <p class='note warning small'>Not frozen: {missing.map(({ part, why }) => `${part}, ${missingText(why)}`).join('; ')}.</p>}
    </Panel>
  )
}

/** The comparison in words. */
function Facts ({ compared: { value, limit, op, window, aggregate, for: held, metric, query, isByReceipt }, unit }: { compared: Compared, unit: string }): JSX.Element {
  const facts: Array<[name: string, text: JSX.Element | string]> = [
    ['Value', value === null ? 'no data' : <b>{figureText(value, unit)}</b>],
    ['Limit', limit === null ? 'none' : <b>{opText(op)} {figureText(limit, unit)}</b>],
    ...metric === undefined ? [] : [['Of', <code key='metric'>{metric}</code>] satisfies [string, JSX.Element]],
    ...query === undefined ? [] : [['Of events', <code key='query'>{query === '' ? 'all' : query}</code>] satisfies [string, JSX.Element]],
    ...window === undefined ? [] : [['Over', `${window}${aggregate === undefined ? '' : `, ${aggregate}`}`] satisfies [string, string]],
    ...held === undefined ? [] : [['For at least', held] satisfies [string, string]],
    ...isByReceipt ? [['Counted by', 'when it was received, whatever time it bears'] satisfies [string, string]] : []
  ]
  return <dl class='facts'>{facts.map(([name, text]) => <div key={name}><dt>{name}</dt><dd>{text}</dd></div>)}</dl>
}

interface LineProps {
  file: AlertFile
  compared: Compared
  shown: { from: number, to: number }
  rule: RuleView | undefined
}

/** The frozen points with their limit, in what is stored around them. */
function Line ({ file, compared, shown, rule }: LineProps): JSX.Element {
  const groups = useMemo(() => Object.fromEntries(Object.entries(file.labels).filter(([name]) => rule?.group_by?.includes(name) === true)), [file.labels, rule])
  const kept = useResource(`${file.id} ${shown.from} ${shown.to} ${rule?.id ?? ''}`, async (signal) => rule === undefined ? undefined : readLine(rule, shown, groups, signal))
  const points = useMemo(() => mergedLine(kept.data, compared.points), [kept.data, compared.points])
  const unit = kept.data?.unit ?? (file.unit === '%' ? 'percent' : file.unit === '' ? null : file.unit)
  const tone = file.severity ?? 'warning'
  const limits: Limit[] = compared.limit === null ? [] : [{ value: compared.limit, tone }]
  const marks = useMemo(() => [{ at: Date.parse(file.started_at), name: 'crossed' }, ...file.fired_at === null ? [] : [{ at: Date.parse(file.fired_at), name: 'fired' }]], [file.started_at, file.fired_at])
  if (points.times.length === 0 && !kept.isLoading) return <p class='muted'>Nothing of what it looked at is stored any more.</p>
  return (
    <>
      {kept.error === undefined ? null : <Failure error={kept.error} what='what is stored around it' retry={kept.refresh} />}
      <Chart name={file.rule.name} unit={unit} points={points} range={shown} height={200} limits={limits} marks={marks} />
      <p class='small faint'>
        The dashed lines are when its limit was crossed{file.fired_at === null ? '' : ' and when it fired'}.
        {compared.points.length > 0 ? ` From ${clockText(compared.points[0]?.time ?? 0)} on for ${compared.window ?? 'its window'} the line is what was frozen; the rest is what is stored.` : ''}
        {compared.isByReceipt ? ' The line counts events by their own time.' : ''}
      </p>
    </>
  )
}

function LaneOfTime ({ lane, moments, shown: { from, to } }: { lane: Lane, moments: readonly Moment[], shown: { from: number, to: number } }): JSX.Element | null {
  if (moments.length === 0) return null
  return (
    <div class='lane-of-time'>
      <span class='name'>{lane}</span>
      {moments.filter(({ at }) => at >= from && at <= to).map(({ at, text, tone }, index) => (
        <i key={index} class={tone} style={{ left: `${(at - from) / (to - from) * 100}%` }} title={`${text}\n${fullText(at)}`} />
      ))}
    </div>
  )
}
