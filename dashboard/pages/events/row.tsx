import type { CSSProperties, JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import type { Event } from '../../../schemas/event.ts'
import { countText } from '../../core/format.ts'
import { clockText, fullText, isUtc, preciseText, showRange } from '../../core/times.ts'
import { toneOf } from '../../ui/event-row.tsx'
import { Icon } from '../../ui/icon.tsx'
import { EventDetail } from './detail.tsx'
import { cutText, fieldText } from './event-fields.ts'
import type { DividerRow } from './rows.ts'
import { setParams } from '../../core/router.ts'
import { columns } from './view.ts'

interface LineProps {
  index: number
  isActive: boolean
  measure: (element: HTMLElement | null) => void
  style: CSSProperties | undefined
}

/** One event on a line; it opens in place. */
export function EventLine ({ event, index, isOpen, isActive, measure, style, onToggle }: LineProps & { event: Event, isOpen: boolean, onToggle: (id: string) => void }): JSX.Element {
  const tone = toneOf(event.level)
  const [shownColumns, utc] = [columns.value, isUtc.value]
  // The same as it was, where only its place in the list has changed: it is not gone through again.
  const inner = useMemo(() => (
    <>
      <EventCells event={event} isOpen={isOpen} columns={shownColumns} onToggle={onToggle} />
      {isOpen ? <EventDetail event={event} /> : null}
    </>
  ), [event, isOpen, shownColumns, utc])
  return <div ref={measure} role='row' class={`event ${tone}${isOpen ? ' open' : ''}`} aria-rowindex={index + 2} tabIndex={isActive ? 0 : -1} data-id={event.id} style={style}>{inner}</div>
}

interface CellsProps {
  event: Event
  isOpen: boolean
  columns: readonly string[]
  onToggle: (id: string) => void
}

function EventCells ({ event, isOpen, columns, onToggle }: CellsProps): JSX.Element {
  const tone = toneOf(event.level)
  const at = Date.parse(event.time)
  const toggle = (): void => {
    // Who selects text does not want it opened or closed.
    if (getSelection()?.isCollapsed !== false) onToggle(event.id)
  }
  return (
    <div class='line' role='presentation' onClick={toggle}>
      <time role='gridcell' aria-expanded={isOpen} class='time' dateTime={event.time} title={fullText(at)}>
        {event.anomaly.flagged ? <span class='mark anomaly'><Icon name='anomaly' /><span class='hidden'>anomalous </span></span> : <span class='mark' aria-hidden='true'>{isOpen ? '▾' : '▸'}</span>}
        {preciseText(at)}
      </time>
      <span role='gridcell' class={`level ${tone}`}>{tone === 'calm' ? null : <Icon name={tone} />}{event.level.toLowerCase()}</span>
      <span role='gridcell' class='service'>{event.service ?? ''}</span>
      {columns.map((name) => <span key={name} role='gridcell' class='column' title={name}>{fieldText(event, name)}</span>)}
      <span role='gridcell' class='message'>{cutText(event.message).shown}</span>
    </div>
  )
}

/** Stands where events are not in the list, and says how many. */
export function DividerLine ({ row, index, isActive, measure, style }: LineProps & { row: DividerRow }): JSX.Element {
  return (
    <div ref={measure} role='row' class='divider' aria-rowindex={index + 2} tabIndex={isActive ? 0 : -1} data-id={row.id} style={style}>
      <span role='gridcell'>
        {dividerText(row)}{' '}
        {row.why === 'newer'
          ? <button type='button' class='button small' onClick={() => setParams({ event: undefined })}>Go to the newest</button>
          : <button type='button' class='button small' onClick={() => showRange(row.from, row.at + 1)}>Show them</button>}
      </span>
    </div>
  )
}

function dividerText ({ why, count, isCapped, at, from }: DividerRow): string {
  const events = `${isCapped ? 'more than ' : ''}${countText(count)} events`
  switch (why) {
    case 'away': return `${events} while away, from ${clockText(from)} to ${clockText(at)}`
    case 'sampled': return `${events} came too fast to be shown, from ${clockText(from)} to ${clockText(at)}`
    case 'held': return `${events} came while the list was held, from ${clockText(from)} to ${clockText(at)}`
    case 'newer': return 'There are newer events, which are not shown here.'
  }
}
