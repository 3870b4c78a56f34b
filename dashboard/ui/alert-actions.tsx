import type { JSX } from 'preact'
import { useSignal } from '@preact/signals'
import type { Alert, NewSilence } from '../../schemas/alert.ts'
import { call } from '../core/api.ts'
import { loadAlerts, takeAlerts } from '../core/firing.ts'
import { useAction } from '../core/resource.ts'
import { ActionFault } from './panel.tsx'
import { Dialog } from './dialog.tsx'
import { Icon } from './icon.tsx'

const ACKNOWLEDGE = [{ name: '1 hour', until: '1h' }, { name: '4 hours', until: '4h' }, { name: 'Until it recovers', until: undefined }] as const
const SILENCE: ReadonlyArray<{ name: string, silence: Pick<NewSilence, 'until' | 'until_recovered'> }> = [
  { name: '15 min', silence: { until: '15m' } },
  { name: '1 h', silence: { until: '1h' } },
  { name: '4 h', silence: { until: '4h' } },
  { name: 'Until it recovers', silence: { until_recovered: true } }
]

interface Props {
  alert: Alert
  onDone?: () => void
}

/** Says that somebody is on it: nobody is reminded meanwhile. */
export function AcknowledgeButton ({ alert, onDone = () => {} }: Props): JSX.Element {
  const isOpen = useSignal(false)
  const note = useSignal('')
  const { isBusy, error, run } = useAction()
  const acknowledge = (until: string | undefined): void => {
    void run(async () => {
      const after = await call<Alert>('POST', `/alerts/${alert.id}/ack`, { body: { ...until === undefined ? {} : { until }, ...note.value === '' ? {} : { note: note.value } } })
      takeAlerts([after])
      isOpen.value = false
      onDone()
    })
  }
  const takeBack = (): void => {
    void run(async () => {
      takeAlerts([await call<Alert>('POST', `/alerts/${alert.id}/unack`, { body: {} })])
      onDone()
    })
  }
  if (alert.acknowledged_by !== null) return <><button type='button' class='button' disabled={isBusy.value} onClick={takeBack}>Take the acknowledgement back</button><ActionFault error={error.value} /></>
  return (
    <>
      <button type='button' class='button' data-action='acknowledge' onClick={() => { isOpen.value = true }}>Acknowledge</button>
      {isOpen.value
        ? (
          <Dialog title={`Acknowledge ${alert.rule.name}`} onClose={() => { isOpen.value = false }}>
            <p class='muted'>Nobody is told again meanwhile. It goes on being watched and written down.</p>
            <label class='field'><span>Note, if you like</span><input class='input' maxLength={1_000} onInput={({ currentTarget }) => { note.value = currentTarget.value }} /></label>
            <div class='row'>{ACKNOWLEDGE.map(({ name, until }) => <button key={name} type='button' class='button' disabled={isBusy.value} onClick={() => acknowledge(until)}>{name}</button>)}</div>
            <ActionFault error={error.value} />
          </Dialog>
          )
        : null}
    </>
  )
}

/** Silences the rule of an alert, for the labels of the alert. */
export function SilenceButton ({ alert, onDone = () => {} }: Props): JSX.Element {
  const isOpen = useSignal(false)
  const reason = useSignal('')
  const { isBusy, error, run } = useAction()
  const silence = (chosen: Pick<NewSilence, 'until' | 'until_recovered'>): void => {
    void run(async () => {
      const labels = Object.keys(alert.labels).length === 0 ? {} : { labels: alert.labels }
      await call('POST', '/silences', { body: { rule: alert.rule.id, ...labels, ...chosen, ...reason.value === '' ? {} : { reason: reason.value } } })
      await loadAlerts()
      isOpen.value = false
      onDone()
    })
  }
  return (
    <>
      <button type='button' class='button' data-action='silence' onClick={() => { isOpen.value = true }}><Icon name='silenced' />Silence</button>
      {isOpen.value
        ? (
          <Dialog title={`Silence ${alert.rule.name}`} onClose={() => { isOpen.value = false }}>
            <p class='muted'>It goes on being watched and written down; nobody is told.</p>
            <label class='field'><span>Why, if you like</span><input class='input' maxLength={1_000} onInput={({ currentTarget }) => { reason.value = currentTarget.value }} /></label>
            <div class='row'>{SILENCE.map(({ name, silence: chosen }) => <button key={name} type='button' class='button' disabled={isBusy.value} onClick={() => silence(chosen)}>{name}</button>)}</div>
            <ActionFault error={error.value} />
          </Dialog>
          )
        : null}
    </>
  )
}
