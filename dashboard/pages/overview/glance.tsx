import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import type { Lane, Overview } from '../../../schemas/overview.ts'
import { countText, figureText, spanText } from '../../core/format.ts'
import { go, hrefOf } from '../../core/router.ts'
import { clockText, showRange } from '../../core/times.ts'
import { Bars } from '../../ui/bars.tsx'
import { Panel } from '../../ui/panel.tsx'

const HEIGHT = 16
const MARKS = 5

interface Span {
  from: number
  to: number
}

/** The range in lanes: each bar against what is usual in its own lane, or its limit. */
export function Glance ({ data: { lanes, from: begin, to: end }, isRefreshing }: { data: Overview, isRefreshing: boolean }): JSX.Element {
  const span = { from: Date.parse(begin), to: Date.parse(end) }
  const [first, second] = (lanes[0]?.bars ?? []).slice(1).map(({ time }) => Date.parse(time))
  const note = `${first === undefined || second === undefined ? '' : `one bar per ${spanText(second - first)}, `}select a span to zoom every panel`
  return (
    <Panel title={titleOf(span.to - span.from)} note={<span class='wide'>{note}</span>} isRefreshing={isRefreshing}>
      <div class='lanes'>
        {lanes.map((lane) => <LaneRow key={lane.name} lane={lane} span={span} />)}
        <span /><span class='axis'>{Array.from({ length: MARKS }, (_, at) => <span key={at}>{clockText(span.from + (span.to - span.from) * at / (MARKS - 1))}</span>)}</span><span />
      </div>
    </Panel>
  )
}

function titleOf (ms: number): string {
  const text = spanText(ms)
  return text === '1 h' ? 'Last hour at a glance' : `${text} at a glance`
}

function LaneRow ({ lane, span }: { lane: Lane, span: Span }): JSX.Element {
  const { name, bars } = lane
  const began = useRef<number | undefined>(undefined)
  const selected = useSignal('')
  const told = toldOf(lane)
  const at = (event: PointerEvent): number => {
    const box = event.currentTarget instanceof Element ? event.currentTarget.getBoundingClientRect() : { left: 0, width: 1 }
    return span.from + (span.to - span.from) * Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1)
  }
  const most = bars.reduce((highest, { value }) => Math.max(highest, value ?? 0), (lane.usual ?? 0) * 2) || 1
  return (
    <>
      <span>{name}</span>
      <div
        class='lane' title={selected.value === '' ? undefined : selected.value}
        onPointerDown={(event) => { began.current = at(event); event.currentTarget.setPointerCapture(event.pointerId) }}
        onPointerMove={(event) => { if (began.current !== undefined) selected.value = `${clockText(began.current)} to ${clockText(at(event))}` }}
        onPointerUp={(event) => {
          const [start, end] = [began.current, at(event)]
          began.current = undefined
          selected.value = ''
          if (start === undefined) return
          if (Math.abs(end - start) > (span.to - span.from) / bars.length / 2) showRange(start, end)
          else openRun(lane, span, end)
        }}
      >
        <Bars height={HEIGHT} label={`${name}: ${told}`} bars={bars.map(({ value, state }) => value === null ? undefined : { height: value / most, tone: state })} />
      </div>
      <span>{told}</span>
    </>
  )
}

/** Opens the events of a coloured run, for as long as it is. */
function openRun ({ bars, query }: Lane, span: Span, at: number): void {
  const index = bars.findLastIndex(({ time }) => Date.parse(time) <= at)
  if (query === undefined || bars[index] === undefined || bars[index].state === 'calm') return
  const before = bars.findLastIndex(({ state }, place) => place < index && state === 'calm')
  const after = bars.findIndex(({ state }, place) => place > index && state === 'calm')
  go(hrefOf('/dashboard/events', { q: query, from: bars[before + 1]?.time, to: bars[after]?.time ?? new Date(span.to).toISOString() }))
}

/** What is counted, with the time it is over; what is measured, as it is now. */
function toldOf ({ told, unit, query, bars }: Lane): string {
  if (query === undefined) return figureText(told, unit)
  const over = bars.filter(({ state }) => state !== 'calm')
  const [first, last] = [over[0], over.at(-1)]
  if (first === undefined || last === undefined) return countText(told ?? 0)
  const stepMs = Date.parse(bars[2]?.time ?? '') - Date.parse(bars[1]?.time ?? '')
  const sum = over.reduce((all, { value }) => all + (value ?? 0), 0)
  return `${countText(sum)} in ${spanText(Date.parse(last.time) - Date.parse(first.time) + stepMs)}`
}
