import type { JSX } from 'preact'
import type { Stats } from '../../../schemas/pipeline.ts'
import { countText } from '../../core/format.ts'
import { setParams } from '../../core/router.ts'
import { INPUT, layOut, OUTPUT, type Placed } from './layout.ts'

type Processor = Stats['processors'][string]

const NODE = { width: 166, height: 76 }
const GAP = { column: 36, row: 12 }
const THIN_PX = 1
const THICK_PX = 7

interface GraphProps {
  stats: Stats
  chosen: string | undefined
}

/** The processors as a graph, left to right. The width of a line is how many lines went that way, the bar under a step its share of the time. */
export function Graph ({ stats, chosen }: GraphProps): JSX.Element {
  const { processors, edges, run } = stats
  const placed = layOut(edges, Object.keys(processors))
  const width = Math.max(...placed.map(({ column }) => column + 1)) * (NODE.width + GAP.column) - GAP.column
  const height = Math.max(...placed.map(({ row }) => row + 1)) * (NODE.height + GAP.row) - GAP.row
  const total = Object.values(processors).reduce((sum, { processing_time_ms: ms }) => sum + ms, 0)
  const slowest = slowestOf(processors)
  return (
    <div class='graph' role='region' aria-label='Processors' tabIndex={0}>
      <div style={{ width: `${width}px`, height: `${height}px` }}>
        <svg width={width} height={height} aria-hidden='true'>
          {edges.map((edge) => <path key={`${edge.from} ${edge.to}`} class='graph-edge' d={curve(edge, placed)} stroke-width={thickness(edge.lines, run.lines_in)} />)}
        </svg>
        {placed.map((place) => (
          <div key={place.id} class='graph-place' style={{ left: `${xOf(place)}px`, top: `${yOf(place)}px` }}>
            {place.id === INPUT || place.id === OUTPUT
              ? <End name={place.id} lines={place.id === INPUT ? run.lines_in : run.lines_out} of={place.id === INPUT ? run.input : run.output} />
              : <Step id={place.id} stats={processors[place.id]} total={total} isSlowest={place.id === slowest} isChosen={place.id === chosen} />}
          </div>
        ))}
      </div>
    </div>
  )
}

/** The processor that took most time; undefined while none took any. */
export function slowestOf (processors: Stats['processors']): string | undefined {
  const [first] = Object.entries(processors).filter(([, { processing_time_ms: ms }]) => ms > 0).sort(([, a], [, b]) => b.processing_time_ms - a.processing_time_ms)
  return first?.[0]
}

function End ({ name, lines, of }: { name: string, lines: number, of: string }): JSX.Element {
  return (
    <div class='graph-node'>
      <span class='row'><b>{name}</b></span>
      <span>{name === INPUT ? 'read' : 'written'} <b>{countText(lines)}</b></span>
      <span class='faint cut' title={of}>{of}</span>
    </div>
  )
}

function Step ({ id, stats, total, isSlowest, isChosen }: { id: string, stats: Processor | undefined, total: number, isSlowest: boolean, isChosen: boolean }): JSX.Element | null {
  if (stats === undefined) return null
  const { type, lines_in: taken, lines_out: given, errors, processing_time_ms: ms } = stats
  return (
    <button type='button' class={`graph-node${errors > 0 ? ' failing' : ''}`} aria-pressed={isChosen} onClick={() => setParams({ node: isChosen ? undefined : id })}>
      <span class='row'><b class='grow cut'>{id}</b><span class='faint'>{isSlowest ? 'slowest' : type}</span></span>
      <span class='row'><span class='grow'>in <b>{countText(taken)}</b></span><span>out <b>{countText(given)}</b></span></span>
      <span class='row'><span class='grow'>{microseconds(taken === 0 ? 0 : ms * 1000 / taken)} a line</span><span class={errors > 0 ? 'critical-text' : ''}>{countText(errors)} errors</span></span>
      <span class='graph-bar' aria-hidden='true'><span style={{ width: `${total === 0 ? 0 : ms / total * 100}%` }} /></span>
      <span class='hidden'>{Math.round(total === 0 ? 0 : ms / total * 100)} percent of the time</span>
    </button>
  )
}

/** 0.4 µs, 12 µs, 3.9 ms. */
export function microseconds (us: number): string {
  if (us >= 1_000) return `${(us / 1_000).toFixed(us >= 10_000 ? 0 : 1)} ms`
  return `${us >= 10 ? Math.round(us) : us.toFixed(1)} µs`
}

function xOf ({ column }: Placed): number {
  return column * (NODE.width + GAP.column)
}

function yOf ({ row }: Placed): number {
  return row * (NODE.height + GAP.row)
}

function thickness (lines: number, all: number): number {
  return all === 0 ? THIN_PX : THIN_PX + (THICK_PX - THIN_PX) * Math.min(1, lines / all)
}

function curve ({ from, to }: Stats['edges'][number], placed: readonly Placed[]): string {
  const [start, end] = [placed.find(({ id }) => id === from), placed.find(({ id }) => id === to)]
  if (start === undefined || end === undefined) return ''
  const [x1, y1, x2, y2] = [xOf(start) + NODE.width, yOf(start) + NODE.height / 2, xOf(end), yOf(end) + NODE.height / 2]
  const bend = Math.max(GAP.column / 2, (x2 - x1) / 2)
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`
}
