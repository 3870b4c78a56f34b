import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import type { Event } from '../../../schemas/event.ts'
import { countText } from '../../core/format.ts'
import { hrefOf, pageHref } from '../../core/router.ts'
import { eventRate, followEvents, isStale } from '../../stream/live.ts'
import { EventCells, toneOf } from '../../ui/event-row.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Panel } from '../../ui/panel.tsx'

const ROWS = 7
const A_SECOND = 20

/** The newest events as they come. */
export function LiveEvents ({ newest }: { newest: readonly Event[] }): JSX.Element {
  const rows = useSignal<readonly Event[]>(newest)
  const isPaused = useSignal(false)
  const take = (events: readonly Event[]): void => {
    const known = new Set(events.map(({ id }) => id))
    rows.value = [...events, ...rows.peek().filter(({ id }) => !known.has(id))].toSorted((a, b) => b.time.localeCompare(a.time)).slice(0, ROWS)
  }
  useEffect(() => { if (!isPaused.value) take(newest) }, [newest, isPaused.value])
  useEffect(() => isPaused.value ? undefined : followEvents('', A_SECOND, ({ events }) => take(events)), [isPaused.value])
  return (
    <Panel
      title='Live events' note={isPaused.value ? 'paused' : isStale.value ? 'not connected, newer rows come when it is' : `${countText(eventRate.value)}/s, all levels`}
      actions={
        <>
          <button type='button' class='button plain small' aria-pressed={isPaused.value} onClick={() => { isPaused.value = !isPaused.value }}><Icon name={isPaused.value ? 'play' : 'pause'} />{isPaused.value ? 'Follow' : 'Pause'}</button>
          <a href={pageHref('/dashboard/events')}>All events</a>
        </>
      }
    >
      {rows.value.length === 0
        ? <p class='muted'>Nothing has been sent yet. <a href='/dashboard/start'>See how to send the first event</a></p>
        : <ul class='log'>{rows.value.map((event) => <li key={event.id} class={toneOf(event.level)}><a href={hrefOf('/dashboard/events', { event: event.id })} data-row><EventCells event={event} /></a></li>)}</ul>}
    </Panel>
  )
}
