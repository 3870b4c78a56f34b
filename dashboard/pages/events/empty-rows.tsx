import type { JSX } from 'preact'
import type { EventsPage } from '../../../schemas/event-query.ts'
import { get } from '../../core/api.ts'
import { countText } from '../../core/format.ts'
import { useResource } from '../../core/resource.ts'
import { clockText, showRange } from '../../core/times.ts'
import { query, setQuery } from './view.ts'

const AROUND_MS = 1_800_000

/** Why there is no row, and what to do about it. */
export function EmptyRows ({ total }: { total: number | undefined }): JSX.Element {
  if (query.value !== '' && total !== 0) {
    return (
      <p class='empty'>
        No events match.{total === undefined ? '' : ` ${countText(total)} events are in this range.`}
        {' '}<button type='button' class='button small' onClick={() => setQuery('')}>Clear filters</button>
      </p>
    )
  }
  return <NoEvents />
}

function NoEvents (): JSX.Element {
  const newest = useResource('newest', async (signal) => (await get<EventsPage>('/events', { limit: 1, total: 'none' }, { signal })).events[0] ?? null)
  if (newest.data === undefined) return <p class='empty'>No events are in this range.</p>
  if (newest.data === null) return <p class='empty'>Nothing has been sent yet. <a href='/dashboard/start'>See how to send the first event</a></p>
  const at = Date.parse(newest.data.time)
  return <p class='empty'>No events are in this range. The newest is of {clockText(at)}. <button type='button' class='button small' onClick={() => showRange(at - AROUND_MS, at + 1_000)}>Show the 30 minutes before it</button></p>
}
