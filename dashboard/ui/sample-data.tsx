import type { JSX } from 'preact'
import { useSignal } from '@preact/signals'
import { removeSampleData, sampleData } from '../core/sample-data.ts'
import { countText } from '../core/format.ts'
import { useAction } from '../core/resource.ts'
import { isOperator } from '../core/session.ts'
import { clockText } from '../core/times.ts'
import { Badge } from './badge.tsx'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { Panel } from './panel.tsx'

/** Says that what is seen is partly made up, and takes that away. */
export function SampleNote (): JSX.Element | null {
  if (sampleData.value?.loaded !== true) return null
  return <p class='note row sample-note'><Badge tone='anomaly'>Sample data</Badge><span class='grow'>{extent()} Nobody is told of it.</span><RemoveSampleData /></p>
}

/** The same in the settings. */
export function SamplePanel (): JSX.Element | null {
  if (sampleData.value?.loaded !== true) return null
  return <Panel title='Sample data' actions={<RemoveSampleData />}><p class='muted'>{extent()} No rule counts it, and nothing else goes with it.</p></Panel>
}

/** In the rail. */
export function SampleMark (): JSX.Element | null {
  return sampleData.value?.loaded === true ? <p><a href='/dashboard/settings/storage'><Badge tone='anomaly'>Sample data</Badge></a></p> : null
}

function RemoveSampleData (): JSX.Element | null {
  const isAsking = useSignal(false)
  const action = useAction()
  if (!isOperator.value) return null
  return (
    <>
      <button type='button' class='button small' onClick={() => { isAsking.value = true }}>Remove sample data</button>
      {isAsking.value
        ? (
          <ConfirmDialog title='Remove sample data' keep='Keep it' action={action} onConfirm={() => { void action.run(removeSampleData) }} onClose={() => { isAsking.value = false }}>
            <p class='muted'>Its events and series go. What you sent yourself stays.</p>
          </ConfirmDialog>
          )
        : null}
    </>
  )
}

function extent (): string {
  const { from, to, events = 0 } = sampleData.value ?? {}
  return `${countText(events)} events of a shop that was made up, from ${clockText(Date.parse(from ?? ''))} to ${clockText(Date.parse(to ?? ''))}.`
}
