import type { JSX } from 'preact'
import { useSignal } from '@preact/signals'
import type { Traffic } from '../../../schemas/traffic.ts'
import { countText, figureText } from '../../core/format.ts'
import { clockText } from '../../core/times.ts'

type Row = Traffic['heat'][number]

const ROW_PX = 17
const COLUMN = 10
const MARKS = 5
const LEAST_ROWS = 6
/** So that a single request can be seen. */
const PALEST = 0.12

/** How long requests took over time, on a scale that grows by steps of two to two and a half: fuller is more. */
export function HeatMap ({ heat, times, to, isOfRoute }: { heat: Traffic['heat'], times: readonly string[], to: string, isOfRoute: boolean }): JSX.Element {
  const isTable = useSignal(false)
  const rows = shownRows(heat)
  const most = rows.flatMap(({ counts }) => counts).reduce((high, count) => Math.max(high, count), 0)
  if (most === 0) return <p class='muted'>No request {isOfRoute ? 'to this route ' : ''}came in this range.</p>
  const [width, height] = [times.length * COLUMN, rows.length * ROW_PX]
  const [from, end] = [Date.parse(times[0] ?? to), Date.parse(to)]
  return (
    <>
      <div class='heat'>
        <div class='heat-names' aria-hidden='true'>{rows.map((row) => <span key={row.up_to_ms}>{bandText(row, heat)}</span>)}</div>
        <svg role='img' aria-label={inWords(heat)} width='100%' height={height} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio='none'>
          {rows.map((row, at) => row.counts.map((count, column) => count === 0
            ? null
            : (
              <rect key={column} x={column * COLUMN} y={at * ROW_PX} width={COLUMN - 1} height={ROW_PX - 1} opacity={PALEST + (1 - PALEST) * Math.log1p(count) / Math.log1p(most)}>
                <title>{clockText(Date.parse(times[column] ?? ''))}: {countText(count)} that took {bandText(row, heat)}</title>
              </rect>
              )))}
        </svg>
        <span /><p class='axis'>{Array.from({ length: MARKS }, (_, at) => <span key={at}>{clockText(from + (end - from) * at / (MARKS - 1))}</span>)}</p>
      </div>
      <button type='button' class='button plain small' aria-expanded={isTable.value} onClick={() => { isTable.value = !isTable.value }}>{isTable.value ? 'Hide table' : 'View as table'}</button>
      {isTable.value ? <BandTable heat={heat} /> : null}
    </>
  )
}

/** Those that hold any request, and what lies between; the longest on top. */
function shownRows (heat: readonly Row[]): Row[] {
  const isFull = ({ counts }: Row): boolean => counts.some((count) => count > 0)
  const first = Math.max(heat.findIndex(isFull), 0)
  const last = Math.max(heat.findLastIndex(isFull), first + LEAST_ROWS - 1)
  return heat.slice(first, last + 1).reverse()
}

function bandText ({ up_to_ms: bound }: Row, heat: readonly Row[]): string {
  return bound === null ? `over ${figureText(heat.at(-2)?.up_to_ms, 'ms')}` : `up to ${figureText(bound, 'ms')}`
}

function totalOf ({ counts }: Row): number {
  return counts.reduce((sum, count) => sum + count, 0)
}

function inWords (heat: readonly Row[]): string {
  const [most] = heat.toSorted((a, b) => totalOf(b) - totalOf(a))
  const slowest = heat.findLast((row) => totalOf(row) > 0)
  return most === undefined || slowest === undefined ? 'No requests' : `Most requests took ${bandText(most, heat)}, the slowest ${bandText(slowest, heat)}`
}

function BandTable ({ heat }: { heat: readonly Row[] }): JSX.Element {
  const all = heat.reduce((sum, row) => sum + totalOf(row), 0)
  return (
    <div class='chart-rows' tabIndex={0} role='region' aria-label='Latency distribution as a table'>
      <table>
        <thead><tr><th scope='col'>Took</th><th scope='col' class='number'>Requests</th><th scope='col' class='number'>Share</th></tr></thead>
        <tbody>{heat.map((row) => <tr key={row.up_to_ms}><th scope='row'>{bandText(row, heat)}</th><td class='number'>{countText(totalOf(row))}</td><td class='number'>{(totalOf(row) / all * 100).toFixed(1)}%</td></tr>)}</tbody>
      </table>
    </div>
  )
}
