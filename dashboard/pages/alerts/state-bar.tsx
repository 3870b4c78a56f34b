import type { JSX } from 'preact'
import { useSignal } from '@preact/signals'
import type { AlertFile } from '../../../schemas/alert.ts'
import { get } from '../../core/api.ts'
import { figureText, spanText } from '../../core/format.ts'
import { useResource } from '../../core/resource.ts'
import { go } from '../../core/router.ts'
import { clockText } from '../../core/times.ts'
import type { Range, RuleState, Segment } from './state-bar.ts'

const STATES = { pending: 'Pending', firing: 'Firing', silenced: 'Silenced' } as const
const UNBROKEN: Readonly<Partial<Record<RuleState['word'], string>>> = { 'No data': 'no data', Off: 'off' }
const LEAST_PERCENT = 0.8

interface StateBarProps {
  name: string
  /** How it is now: what has no data, or is off, was not seen to be healthy. */
  state: RuleState['word']
  segments: readonly Segment[]
  range: Range
}

/** How a rule was over a range; each stretch in which it was not healthy can be focused, and then says when and how far. */
export function StateBar ({ name, state, segments, range: { from, to } }: StateBarProps): JSX.Element {
  const chosen = useSignal<Segment | undefined>(undefined)
  const place = (at: number): number => (at - from) / (to - from) * 100
  return (
    <div class='state-bar' role='group' aria-label={`${name}: ${segments.length === 0 ? UNBROKEN[state] ?? 'healthy for the last 24 hours' : `${segments.length} times in the last 24 hours`}`}>
      <span class={state in UNBROKEN ? 'unseen' : 'healthy'} />
      {segments.map((segment) => (
        <span
          key={`${segment.alertId} ${segment.state}`} class={`${segment.state} ${segment.severity}`} role='img' tabIndex={0} aria-label={segmentText(segment)}
          style={{ left: `${place(segment.from)}%`, width: `${Math.max(place(segment.to) - place(segment.from), LEAST_PERCENT)}%` }}
          onFocus={() => { chosen.value = segment }} onBlur={() => { chosen.value = undefined }}
          onPointerEnter={() => { chosen.value = segment }} onPointerLeave={() => { chosen.value = undefined }}
          onClick={() => go(`/dashboard/alerts/${segment.alertId}`)}
          onKeyDown={({ key }) => { if (key === 'Enter') go(`/dashboard/alerts/${segment.alertId}`) }}
        />
      ))}
      {chosen.value === undefined ? null : <Tip key={chosen.value.alertId} segment={chosen.value} left={place(chosen.value.from)} />}
    </div>
  )
}

function segmentText ({ state, severity, from, to, isOpen }: Segment): string {
  return `${STATES[state]}${state === 'firing' ? `, ${severity}` : ''}, ${clockText(from)} to ${isOpen ? 'now' : clockText(to)}, ${spanText(to - from)}`
}

/** What a stretch says, with the value farthest from what is usual that its timeline knows. */
function Tip ({ segment, left }: { segment: Segment, left: number }): JSX.Element {
  const file = useResource(segment.alertId, (signal) => get<AlertFile>(`/alerts/${segment.alertId}`, {}, { signal }))
  return (
    <span class='chart-tip' style={left > 60 ? { right: `${100 - left}%` } : { left: `${left}%` }}>
      {segmentText(segment)}
      {file.data === undefined ? '' : `, peak ${peakText(file.data)}`}
    </span>
  )
}

function peakText ({ timeline, value, limit, unit }: AlertFile): string {
  const known = [...timeline.map((entry) => entry.value), value].filter((one) => one !== null)
  if (known.length === 0) return 'unknown: no data'
  const far = (one: number): number => Math.abs(one - (limit ?? 0))
  const crossed = timeline.find(({ to }) => to !== 'resolved')?.value ?? known[0] ?? 0
  const isAbove = limit === null || crossed >= limit
  const over = known.filter((one) => limit === null || (isAbove ? one >= limit : one <= limit))
  return figureText((over.length === 0 ? known : over).reduce((peak, one) => far(one) > far(peak) ? one : peak), unit)
}
