import type { JSX } from 'preact'
import { loadAlerts, openAlerts } from '../core/firing.ts'
import { bytesText, countText, spanText } from '../core/format.ts'
import { useResource } from '../core/resource.ts'
import { path } from '../core/router.ts'
import { readSampleData } from '../core/sample-data.ts'
import { loadStored, stored } from '../core/stored.ts'
import { clockText, now } from '../core/times.ts'
import { connection, lastEventAt, reconnect } from '../stream/live.ts'

const OVERVIEW = '/dashboard'
const AGAIN_MS = 60_000

/** How the page is connected, when the last event came, and how much there is. */
export function ConnectionState (): JSX.Element {
  return (
    <>
      <p><ConnectionWord />{lastEventAt.value === undefined ? null : `, ${spanText(Math.max(now.value - lastEventAt.value, 0))} ago`}</p>
      {path.value === OVERVIEW ? null : <Loader />}
      {stored.value === undefined ? null : <p>{countText(stored.value.events)} events, {bytesText(stored.value.bytes)}</p>}
    </>
  )
}

/** Reads on every other page what the overview brings along. */
function Loader (): null {
  useResource('stored', (signal) => loadStored(signal), { everyMs: AGAIN_MS })
  useResource('alerts', async (signal) => { if (openAlerts.peek() === undefined) await loadAlerts(signal) })
  useResource('sample-data', readSampleData)
  return null
}

/** How many services there are, under the name of the installation. */
export function Seen (): JSX.Element {
  const count = stored.value?.services
  return <span>{count === undefined ? 'Bellwether' : count === 0 ? 'no services yet' : `${countText(count)} ${count === 1 ? 'service' : 'services'}`}</span>
}

function ConnectionWord (): JSX.Element {
  const state = connection.value
  if (state.state === 'connected') return <><span class='dot on' /><b class='connected'>Connected</b></>
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
