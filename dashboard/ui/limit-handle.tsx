import { useEffect, useRef } from 'preact/hooks'
import type { JSX } from 'preact'
import { useSignal } from '@preact/signals'
import { figureText } from '../core/format.ts'

export interface Limit {
  value: number
  tone: 'warning' | 'critical'
  /** Where it may be moved; without it the line has no grip. */
  move?: { onMove: (value: number) => void, onReset: () => void, step: number, most: number }
  /** Where its grip leads instead, so that a slip changes nothing. */
  href?: string
}

interface HandleProps {
  limit: Limit
  unit: string | null
  name: string
  /** Of the plot, in px; `most` is the top of its scale. */
  area: { top: number, height: number, most: number, width: number }
  left: number
  /** How far its grip stands to the right, beside another one; undefined has none. */
  shift: number | undefined
  /** Told when a drag begins and ends: the scale may not change under the pointer. */
  onDrag: (isDragged: boolean) => void
}

const PAGE_STEPS = 10

/** A limit on a chart: a line with a grip at the left, where the data is oldest. It is a slider for the keyboard too. */
export function LimitHandle ({ limit, unit, name, area, left, shift, onDrag }: HandleProps): JSX.Element {
  const { value, tone, move, href } = limit
  const top = area.top + area.height * (1 - Math.min(value / area.most, 1))
  const text = figureText(value, unit)
  const place = { top: `${top}px`, left: `${left + (shift ?? 0)}px` }
  const line = <div class={`limit-line ${tone}`} style={{ ...place, left: `${left}px` }} />
  if (shift === undefined) return line
  if (move === undefined) {
    const grip = href === undefined
      ? <span class={`limit fixed ${tone}`} style={place}>{text}</span>
      : <a class={`limit ${tone}`} style={{ ...place, cursor: 'pointer' }} href={href} aria-label={`${name}: the ${tone} limit is ${text}; open its rule`}>{text}</a>
    return <>{line}{grip}</>
  }
  return <>{line}<Grip value={value} tone={tone} move={move} place={place} text={text} name={name} area={area} onDrag={onDrag} /></>
}

interface GripProps {
  value: number
  tone: Limit['tone']
  move: NonNullable<Limit['move']>
  place: { top: string, left: string }
  text: string
  name: string
  area: HandleProps['area']
  onDrag: HandleProps['onDrag']
}

function Grip ({ value, tone, move, place, text, name, area, onDrag }: GripProps): JSX.Element {
  const dragged = useRef<{ y: number, value: number } | undefined>(undefined)
  const grip = useRef<HTMLDivElement>(null)
  const isTyping = useSignal(false)
  const to = (wanted: number, step = move.step): void => {
    const snapped = Number((Math.round(wanted / step) * step).toPrecision(12))
    move.onMove(Math.min(Math.max(snapped, 0), move.most))
  }
  const end = (): void => {
    dragged.current = undefined
    onDrag(false)
  }
  const onKey = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: PAGE_STEPS, PageDown: -PAGE_STEPS }
    const count = steps[event.key]
    if (event.key === 'Escape') move.onReset()
    else if (event.key === 'Enter') isTyping.value = true
    else if (event.key === 'Home') to(0)
    else if (event.key === 'End') to(move.most)
    else if (count !== undefined) to(value + count * (event.shiftKey ? move.step / 10 : move.step), event.shiftKey ? move.step / 10 : move.step)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const typed = (wanted: number | undefined): void => {
    isTyping.value = false
    if (wanted !== undefined) move.onMove(Math.min(Math.max(wanted, 0), move.most))
    grip.current?.focus()
  }
  return (
    <>
      <div
        ref={grip} class={`limit ${tone}`} style={place} role='slider' tabIndex={0} aria-orientation='vertical'
        aria-label={`${name}, ${tone} limit`} aria-valuemin={0} aria-valuemax={move.most} aria-valuenow={value} aria-valuetext={text}
        onKeyDown={onKey}
        onPointerDown={(event) => {
          event.preventDefault()
          event.currentTarget.setPointerCapture(event.pointerId)
          event.currentTarget.focus()
          dragged.current = { y: event.clientY, value }
          onDrag(true)
        }}
        onPointerMove={(event) => {
          const from = dragged.current
          if (from !== undefined) to(from.value - (event.clientY - from.y) / area.height * area.most, event.shiftKey ? move.step / 10 : move.step)
        }}
        onPointerUp={end}
        onPointerCancel={() => { end(); move.onReset() }}
      >
        <span aria-hidden='true'>≡</span>{text}
      </div>
      {isTyping.value ? <TypedLimit value={value} place={place} label={`${name}, ${tone} limit, now ${text}`} onDone={typed} onLeave={() => { isTyping.value = false }} /> : null}
    </>
  )
}

interface TypedProps {
  value: number
  place: GripProps['place']
  label: string
  onDone: (value: number | undefined) => void
  onLeave: () => void
}

/** A number in the place of a grip: Enter takes it, Escape and leaving do not. */
function TypedLimit ({ value, place, label, onDone, onLeave }: TypedProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.select(), [])
  return (
    <input
      ref={input} class='limit-typed' style={place} type='number' min='0' step='any' aria-label={label} defaultValue={value} onBlur={onLeave}
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key !== 'Escape' && event.key !== 'Enter') return
        event.preventDefault()
        const typed = event.currentTarget.valueAsNumber
        onDone(event.key === 'Enter' && Number.isFinite(typed) ? typed : undefined)
      }}
    />
  )
}
