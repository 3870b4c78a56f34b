import type { JSX } from 'preact'
import { useSignal } from '@preact/signals'
import type { LineTrace, RunInfo } from '../../../schemas/pipeline.ts'
import { get } from '../../core/api.ts'
import { useResource } from '../../core/resource.ts'
import { param, setParams } from '../../core/router.ts'
import { Loaded, Panel } from '../../ui/panel.tsx'
import { microseconds } from './graph.tsx'

type Step = LineTrace['path'][number]

const SHOWN = 50
/** Of the time of the run: who reads is not hurried, and the run is not held up. */
const EVERY_MS = 2_000
const FILTERS = [{ only: undefined, name: 'All' }, { only: 'error', name: 'Errors' }, { only: 'drop', name: 'Dropped' }] as const

/** The way of lines through the processors, newest first; one opens to its text before and after each step. */
export function Traces ({ run, node }: { run: RunInfo, node: string | undefined }): JSX.Element {
  const only = param('only')
  const text = param('text')
  const traces = useResource(`${run.id} ${run.state} ${Math.floor(run.elapsed_ms / EVERY_MS)} ${node ?? ''} ${only ?? ''} ${text ?? ''}`, (signal) => get<LineTrace[]>('/trace', { run: run.id, limit: SHOWN, node, only, q: text }, { signal }))
  if (run.trace === 'off') return <Panel title='Traces'><p class='muted'>Tracing is off for this run. Start it without <code>--no-sample</code> to trace one of 1,000 lines, or with <code>--trace</code> to trace every line.</p></Panel>
  return (
    <Panel
      title='Traces'
      note={`${run.trace === 'all' ? 'every line' : 'one in 1,000 lines, and drops and errors'}${node === undefined ? '' : ` through ${node}`}, the last 1,000 kept`}
      actions={FILTERS.map((filter) => <button key={filter.name} type='button' class='button small' aria-pressed={only === filter.only} onClick={() => setParams({ only: filter.only })}>{filter.name}</button>)}
    >
      <label class='field'>
        <span class='hidden'>Text in the line</span>
        <input class='input' type='search' placeholder='Text in the line' value={text ?? ''} onChange={({ currentTarget }) => setParams({ text: currentTarget.value === '' ? undefined : currentTarget.value })} />
      </label>
      <Loaded of={traces} what='the traces' height={200}>
        {(list) => list.length === 0
          ? <p class='muted'>{only === undefined && text === undefined && node === undefined ? 'No line was traced yet.' : 'No trace is like that.'}</p>
          : <ul class='traces'>{list.map((trace) => <OneTrace key={trace.line_id} trace={trace} />)}</ul>}
      </Loaded>
    </Panel>
  )
}

function OneTrace ({ trace }: { trace: LineTrace }): JSX.Element {
  const isOpen = useSignal(false)
  const total = trace.path.reduce((sum, { duration_us: us }) => sum + us, 0)
  return (
    <li>
      <button type='button' class='trace' aria-expanded={isOpen.value} onClick={() => { isOpen.value = !isOpen.value }}>
        <span class='mono faint'>#{trace.line_number}</span>
        <span class='grow'>
          <code class='cut'>{trace.original_content}</code>
          <span class='row'>{trace.path.slice(1).map((step, at) => <StepBadge key={at} step={step} />)}</span>
        </span>
        <span class='mono'>{microseconds(total)}</span>
      </button>
      {isOpen.value ? <Opened path={trace.path} /> : null}
    </li>
  )
}

function StepBadge ({ step }: { step: Step }): JSX.Element {
  const tone = step.status === 'error' ? 'critical' : step.status === 'drop' ? 'warning' : ''
  return <span class={`badge ${tone}`}>{stepText(step)}</span>
}

function stepText ({ processor, status, branch, reason }: Step): string {
  if (status === 'route') return `${processor} → ${branch === '' ? 'nowhere' : branch}`
  if (status === 'drop') return `${processor}: dropped, ${reason ?? ''}`
  return reason === undefined ? processor : `${processor}: ${reason}`
}

function Opened ({ path }: { path: readonly Step[] }): JSX.Element {
  return (
    <div class='scroll' role='region' aria-label='Steps of the line' tabIndex={0}>
      <table>
        <thead><tr><th scope='col'>Step</th><th scope='col'>Outcome</th><th scope='col'>Text behind it</th><th scope='col' class='number'>Time</th></tr></thead>
        <tbody>{path.map((step, at) => (
          <tr key={at}>
            <th scope='row'>{step.processor}</th>
            <td>{step.status === 'start' ? 'read' : stepText(step).slice(step.processor.length).replace(/^[: →]+/, '') || 'passed on'}</td>
            <td>{step.after === undefined ? <span class='faint'>nothing</span> : <Changed before={step.before} after={step.after} />}</td>
            <td class='number'>{microseconds(step.duration_us)}</td>
          </tr>
        ))}
        </tbody>
      </table>
    </div>
  )
}

/** A text with the part marked that is not as it was. */
export function Changed ({ before, after }: { before: string | undefined, after: string }): JSX.Element {
  if (before === undefined || before === after) return <code>{after}</code>
  let start = 0
  while (start < after.length && after[start] === before[start]) start++
  let end = 0
  while (end < after.length - start && end < before.length - start && after[after.length - 1 - end] === before[before.length - 1 - end]) end++
  return <code>{after.slice(0, start)}<mark>{after.slice(start, after.length - end)}</mark>{after.slice(after.length - end)}</code>
}
