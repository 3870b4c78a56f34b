import type { JSX } from 'preact'
import type { Summary } from '../../schemas/summary.ts'
import { get } from '../core/api.ts'
import { countText, spanText } from '../core/format.ts'
import { useResource } from '../core/resource.ts'
import { clockText, now } from '../core/times.ts'
import { connection, lastEventAt, reconnect } from '../stream/live.ts'

/** How the page is connected, when the last event came, and how much there is. */
export function ConnectionState (): JSX.Element {
  const summary = useResource('summary', (signal) => get<Summary>('/api/summary', {}, { signal }), { everyMs: 60_000 })
  return (
    <>
      <p><ConnectionWord /></p>
      {lastEventAt.value === undefined ? null : <p>last event {spanText(Math.max(now.value - lastEventAt.value, 0))} ago</p>}
      {summary.data === undefined ? null : <p>{countText(summary.data.events.total)} events in 24 h</p>}
    </>
  )
}

function ConnectionWord (): JSX.Element {
  const state = connection.value
  if (state.state === 'connected') return <><span class='dot on' />Connected</>
  if (state.state === 'connecting') return <><span class='dot' />Connecting</>
  if (state.state === 'refused') return <><span class='dot off' />Signed out</>
  const seconds = Math.max(Math.ceil((state.at - now.value) / 1_000), 0)
  return (
    <>
      <span class='dot off' />
      {now.value - state.since > 60_000 ? `Offline since ${clockText(state.since)}` : `Reconnecting in ${seconds} s`}
      {' '}<button type='button' class='button plain small' onClick={reconnect}>Try now</button>
    </>
  )
}
