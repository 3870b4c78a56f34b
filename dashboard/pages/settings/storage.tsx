import type { JSX } from 'preact'
import { useSignal } from '@preact/signals'
import type { Health } from '../../../schemas/health.ts'
import type { ConfigView } from '../../../schemas/settings.ts'
import { call, get } from '../../core/api.ts'
import { bytesText } from '../../core/format.ts'
import { useAction, useResource } from '../../core/resource.ts'
import { isAdmin } from '../../core/session.ts'
import { Badge } from '../../ui/badge.tsx'
import { ActionFault, Loaded, Panel } from '../../ui/panel.tsx'
import { SamplePanel } from '../../ui/sample-data.tsx'

const GIGABYTE = 1e9
const TONES = { ok: 'healthy', degraded: 'warning', down: 'critical' } as const
const AGAIN_MS = 10_000

/** How much there is, how long it is kept, and how the service itself is. */
export function Storage (): JSX.Element {
  const config = useResource('config', (signal) => get<ConfigView>('/config', {}, { signal }))
  const health = useResource('health', (signal) => get<Health>('/health', {}, { signal }), { everyMs: AGAIN_MS })
  return (
    <>
      <Panel title='Retention'>
        <Loaded of={config} what='the retention' height={80}>{(view) => <Retention key={JSON.stringify(view.settings)} view={view} onSaved={config.refresh} />}</Loaded>
      </Panel>
      <SamplePanel />
      <Panel title='How the service is'>
        <Loaded of={health} what='the checks' height={200}>
          {({ checks }) => (
            <ul class='items'>
              {Object.entries(checks).map(([name, { status, detail }]) => <li key={name}><b class='check-name'>{name}</b><span class='grow muted'>{detail}</span><Badge tone={TONES[status]}>{status}</Badge></li>)}
            </ul>
          )}
        </Loaded>
      </Panel>
    </>
  )
}

function Retention ({ view, onSaved }: { view: ConfigView, onSaved: () => void }): JSX.Element {
  const { isBusy, error, run } = useAction()
  const days = useSignal(view.settings.retention_days)
  const gigabytes = useSignal(view.settings.retention_bytes / GIGABYTE)
  const isFixed = (name: string): boolean => !isAdmin.value || view.read_only.includes(`/settings/${name}`)
  const isChanged = days.value !== view.settings.retention_days || gigabytes.value * GIGABYTE !== view.settings.retention_bytes
  const save = (event: SubmitEvent): void => {
    event.preventDefault()
    void run(async () => {
      const settings = {
        ...isFixed('retention_days') ? {} : { retention_days: days.value },
        ...isFixed('retention_bytes') ? {} : { retention_bytes: Math.round(gigabytes.value * GIGABYTE) }
      }
      await call('PATCH', '/config', { body: { settings } })
      onSaved()
    })
  }
  return (
    <form class='row' onSubmit={save}>
      <label class='field narrow'><span>Days</span><input class='input' type='number' min='1' max='36500' required disabled={isFixed('retention_days')} value={days.value} onInput={({ currentTarget }) => { days.value = currentTarget.valueAsNumber }} /></label>
      <label class='field narrow'><span>Gigabytes on disk</span><input class='input' type='number' min='0.001' step='any' required disabled={isFixed('retention_bytes')} value={gigabytes.value} onInput={({ currentTarget }) => { gigabytes.value = currentTarget.valueAsNumber }} /></label>
      <p class='muted retention-words'>What is older goes by whole days; the oldest go earlier when {bytesText(view.settings.retention_bytes)} are full.</p>
      {isAdmin.value ? <button type='submit' class='button primary' disabled={!isChanged || isBusy.value}>Save the retention</button> : null}
      <ActionFault error={error.value} />
    </form>
  )
}
