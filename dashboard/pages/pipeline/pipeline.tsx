import type { JSX } from 'preact'
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { LineErrors, RunInfo, Stats } from '../../../schemas/pipeline.ts'
import { get } from '../../core/api.ts'
import { countText, spanText } from '../../core/format.ts'
import { useResource, type Resource } from '../../core/resource.ts'
import { hrefOf, param, path, setParams } from '../../core/router.ts'
import { clockText } from '../../core/times.ts'
import { followPipeline } from '../../stream/live.ts'
import { Badge, type Tone } from '../../ui/badge.tsx'
import { Chart } from '../../ui/chart.tsx'
import { Loaded, Panel } from '../../ui/panel.tsx'
import { Graph, microseconds, slowestOf } from './graph.tsx'
import { Traces } from './traces.tsx'
import { Trial } from './trial.tsx'

/** While nothing comes, the graph may have been changed. */
const ANYWAY_MS = 10_000
const ERRORS_SHOWN = 50
const LEAST_RANGE_MS = 60_000
const STATES: Readonly<Record<string, { name: string, tone: Tone }>> = {
  running: { name: 'Running', tone: 'info' },
  finished: { name: 'Finished', tone: 'healthy' },
  failed: { name: 'Failed', tone: 'critical' },
  stopped: { name: 'Stopped', tone: 'warning' }
}

/** What pipelines do to lines: over the events that come in, or in the run that serves the page. */
export function Pipeline (): JSX.Element {
  const isTrial = param('tab') === 'try'
  return (
    <div class='stack'>
      <nav class='tabs' aria-label='Parts of the pipeline'>
        <a href={path.value} aria-current={isTrial ? undefined : 'page'}>What happens</a>
        <a href={hrefOf(path.value, { tab: 'try' })} aria-current={isTrial ? 'page' : undefined}>Change and try</a>
      </nav>
      {isTrial ? <Trial /> : <Ingest />}
    </div>
  )
}

/** What comes in, as the stream tells it. */
function Ingest (): JSX.Element {
  const told = useSignal<Stats | undefined>(undefined)
  useEffect(() => followPipeline((stats) => { told.value = stats }), [])
  const asked = useResource('stats', (signal) => get<Stats>('/stats', {}, { signal }), { everyMs: ANYWAY_MS })
  return <RunView of={{ ...asked, data: newer(asked.data, told.value) }} />
}

/** A run as it goes on, or as it ended. */
export function RunView ({ of }: { of: Resource<Stats> }): JSX.Element {
  return (
    <div class='stack'>
      <Loaded of={of} what='the run' height={200}>
        {(look) => <Shown stats={look} />}
      </Loaded>
    </div>
  )
}

function newer (asked: Stats | undefined, told: Stats | undefined): Stats | undefined {
  return asked === undefined || told === undefined || told.run.lines_in < asked.run.lines_in ? asked : told
}

function Shown ({ stats }: { stats: Stats }): JSX.Element {
  const node = param('node')
  const chosen = node === undefined ? undefined : stats.processors[node]
  return (
    <div class='stack'>
      <RunBar run={stats.run} />
      <Panel title='Processors' note='line width is throughput, the bar under a step is its share of time'>
        {Object.keys(stats.processors).length === 0 ? <Nothing /> : <Graph stats={stats} chosen={node} />}
      </Panel>
      {node === undefined || chosen === undefined ? null : <Chosen id={node} stats={chosen} isSlowest={slowestOf(stats.processors) === node} />}
      <div class='two-thirds'>
        <Traces run={stats.run} node={node} />
        <div class='stack'>
          <Errors run={stats.run} total={stats.system.total_errors} node={node} />
          <ThroughputPanel stats={stats} />
        </div>
      </div>
    </div>
  )
}

function Nothing (): JSX.Element {
  return <p class='row'>Events go by untouched: no pipeline is set. <a class='button small' href={hrefOf(path.value, { tab: 'try' })}>Write one and try it</a></p>
}

function RunBar ({ run }: { run: RunInfo }): JSX.Element {
  const state = STATES[run.state] ?? { name: run.state, tone: 'calm' as const }
  const share = run.total_bytes === null || run.total_bytes === 0 ? undefined : Math.min(1, run.read_bytes / run.total_bytes)
  const left = share === undefined || share === 0 || run.state !== 'running' ? undefined : run.elapsed_ms * (1 - share) / share
  return (
    <section class='panel' aria-label='Run'>
      <div class='panel-head'>
        <b class='cut'>{run.input}</b>
        <Badge tone={state.tone}>{state.name}</Badge>
        <span class='row grow' style={{ justifyContent: 'flex-end' }}>
          <span><b>{countText(Math.round(run.lines_per_second))}</b> lines/s</span>
          <span class='muted'>{countText(run.lines_in)}{share === undefined ? '' : ` of about ${countText(Math.round(run.lines_in / Math.max(share, 1e-9)))}`} lines{left === undefined ? '' : `, ${spanText(left)} left`}</span>
        </span>
      </div>
      <div class='panel-body'>
        {share === undefined ? null : <progress class='run-progress' value={share} max={1} aria-label='Read of the input' />}
        {run.error === null ? null : <p class='note critical' role='alert'>{run.error}</p>}
        {run.notes.map((note) => <p key={note} class='small muted'>{note}</p>)}
      </div>
    </section>
  )
}

function Chosen ({ id, stats, isSlowest }: { id: string, stats: Stats['processors'][string], isSlowest: boolean }): JSX.Element {
  const { p50, p95, p99 } = stats.time_us
  const rows: Array<[name: string, value: string]> = [
    ['type', stats.type],
    ['in, out', `${countText(stats.lines_in)}, ${countText(stats.lines_out)}`],
    ['dropped, errors', `${countText(stats.dropped)}, ${countText(stats.errors)}`],
    ...(stats.added > 0 ? [['added by splitting', countText(stats.added)] as [string, string]] : []),
    ...(stats.joined + stats.held > 0 ? [['joined, held', `${countText(stats.joined)}, ${countText(stats.held)}`] as [string, string]] : []),
    ['time', `${spanText(stats.processing_time_ms)}${isSlowest ? ', the slowest' : ''}`],
    ['of a line', [['p50', p50], ['p95', p95], ['p99', p99]].map(([name, value]) => `${name} ${typeof value === 'number' ? microseconds(value) : '–'}`).join(', ')],
    ...Object.entries(stats.details).map(([name, count]): [string, string] => [name, countText(count)])
  ]
  return (
    <Panel title={id} actions={<button type='button' class='button small' onClick={() => setParams({ node: undefined })}>All processors</button>}>
      <dl class='facts'>{rows.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
    </Panel>
  )
}

function Errors ({ run, total, node }: { run: RunInfo, total: number, node: string | undefined }): JSX.Element {
  const errors = useResource(`${run.id} ${total}`, (signal) => get<LineErrors[]>('/errors', { run: run.id, limit: ERRORS_SHOWN }, { signal }))
  return (
    <Panel title='Errors'>
      <Loaded of={errors} what='the errors' height={80}>
        {(list) => {
          const shown = list.filter(({ processor }) => node === undefined || processor === node)
          if (shown.length === 0) return <p class='muted'>No line was an error{node === undefined ? '' : ` in ${node}`}.</p>
          return (
            <ul class='line-errors'>{shown.map(({ processor, message, count, time, line_number: number, line }) => (
              <li key={`${processor} ${message}`}>
                <span class='mono faint'>{clockText(Date.parse(time))}</span>
                <span class='grow'><b>{processor}</b> {message}, first at line {number}<br /><code class='cut'>{line}</code></span>
                <span>×{countText(count)}</span>
              </li>
            ))}
            </ul>
          )
        }}
      </Loaded>
    </Panel>
  )
}

function ThroughputPanel ({ stats: { throughput } }: { stats: Stats }): JSX.Element {
  const [first, last] = [throughput[0], throughput.at(-1)]
  if (first === undefined || last === undefined) return <Panel title='Throughput'><p class='muted'>No line came yet.</p></Panel>
  const range = { from: Math.min(first.at * 1000, last.at * 1000 - LEAST_RANGE_MS), to: last.at * 1000 }
  const times = throughput.map(({ at }) => at * 1000)
  return (
    <Panel title='Throughput' note='lines/s'>
      <h3 class='small muted'>in</h3>
      <Chart name='Lines in' unit='/s' points={{ times, values: throughput.map((second) => second.in) }} range={range} />
      <h3 class='small muted'>out</h3>
      <Chart name='Lines out' unit='/s' points={{ times, values: throughput.map((second) => second.out) }} range={range} />
    </Panel>
  )
}
