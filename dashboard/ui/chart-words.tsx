import type { JSX } from 'preact'
import { figureText } from '../core/format.ts'
import { fullText } from '../core/times.ts'
import type { Limit } from './limit-handle.tsx'
import type { Points, Summary } from './plot.ts'

const MOST_ROWS = 200

/** The name of a chart with its newest value, the least, the most and the limits. */
export function inWords (name: string, unit: string | null, summary: Summary | undefined, limits: readonly Limit[]): string {
  if (summary === undefined) return `${name}: nothing was measured in this range`
  const { newest, least, most } = summary
  const told = limits.map(({ value, tone }) => `, ${tone} limit ${figureText(value, unit)}`).join('')
  return `${name}: now ${figureText(newest, unit)}, lowest ${figureText(least, unit)}, highest ${figureText(most, unit)}${told}`
}

export function PointsTable ({ points: { times, values }, unit, name }: { points: Points, unit: string | null, name: string }): JSX.Element {
  const step = Math.max(Math.ceil(times.length / MOST_ROWS), 1)
  const rows = times.map((time, at) => ({ time, value: values[at] ?? null })).filter((_, at) => at % step === 0).reverse()
  return (
    <div class='chart-rows' tabIndex={0} role='region' aria-label={`${name} as a table`}>
      {step === 1 ? null : <p class='small muted'>Every {step}th of {times.length} values.</p>}
      <table>
        <thead><tr><th scope='col'>Time</th><th scope='col' class='number'>{name}</th></tr></thead>
        <tbody>{rows.map(({ time, value }) => <tr key={time}><td>{fullText(time)}</td><td class='number'>{value === null ? 'missing' : figureText(value, unit)}</td></tr>)}</tbody>
      </table>
    </div>
  )
}
