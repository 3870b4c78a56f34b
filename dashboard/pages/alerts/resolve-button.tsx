import type { JSX } from 'preact'
import { useSignal } from '@preact/signals'
import type { Alert } from '../../../schemas/alert.ts'
import { call } from '../../core/api.ts'
import { takeAlerts } from '../../core/firing.ts'
import { useAction } from '../../core/resource.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { ActionFault } from '../../ui/panel.tsx'

/** Ends an alert; it begins anew when its limit is still crossed. */
export function ResolveButton ({ alert, onDone }: { alert: Alert, onDone: () => void }): JSX.Element {
  const isOpen = useSignal(false)
  const { isBusy, error, run } = useAction()
  const close = (): void => { isOpen.value = false }
  const resolve = async (): Promise<void> => {
    const isDone = await run(async () => { takeAlerts([await call<Alert>('POST', `/alerts/${alert.id}/resolve`, { body: {} })]) })
    if (!isDone) return
    close()
    onDone()
  }
  return (
    <>
      <button type='button' class='button' onClick={() => { isOpen.value = true }}>Resolve</button>
      {isOpen.value
        ? (
          <Dialog title={`Resolve ${alert.rule.name}`} onClose={close}>
            <p class='muted'>It ends now, and whoever was told of it is told of its end. While its limit is still crossed, it begins anew at the next evaluation.</p>
            <div class='row'><button type='button' class='button primary' disabled={isBusy.value} onClick={() => { void resolve() }}>Resolve it</button><button type='button' class='button' onClick={close}>Leave it</button></div>
            <ActionFault error={error.value} />
          </Dialog>
          )
        : null}
    </>
  )
}
