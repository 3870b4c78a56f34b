import { useSignal, type Signal } from '@preact/signals'
import { call } from '../../core/api.ts'
import { loadAlerts } from '../../core/firing.ts'
import { countText } from '../../core/format.ts'
import { useAction } from '../../core/resource.ts'

interface MuteForm<Made> {
  /** What the service answered, once it is made. */
  made: Signal<Made | undefined>
  /** What is wrong with what was typed. */
  fault: Signal<string>
  error: ReturnType<typeof useAction>['error']
  isBusy: ReturnType<typeof useAction>['isBusy']
  submit: (event: SubmitEvent) => void
}

type Text = (name: string) => string

/** A form that makes a silence or a maintenance at `path`. `bodyOf` reads its fields, and answers a text where they will not do. */
export function useMuteForm<Made> (path: string, bodyOf: (text: Text) => object | string, onDone: () => void): MuteForm<Made> {
  const made = useSignal<Made | undefined>(undefined)
  const fault = useSignal('')
  const { isBusy, error, run } = useAction()
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    const form = new FormData(event.currentTarget)
    const body = bodyOf((name) => String(form.get(name) ?? '').trim())
    fault.value = typeof body === 'string' ? body : ''
    if (typeof body === 'string') return
    void run(async () => {
      made.value = await call<Made>('POST', path, { body })
      onDone()
      await loadAlerts()
    })
  }
  return { made, fault, error, isBusy, submit }
}

export function heldBackText (held = 0): string {
  return `In the last 7 days it would have held back ${held === 0 ? 'nothing' : `${countText(held)} ${held === 1 ? 'notice' : 'notices'}`}.`
}
