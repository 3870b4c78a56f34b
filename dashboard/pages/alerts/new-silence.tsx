import type { JSX } from 'preact'
import { useSignal } from '@preact/signals'
import type { NewSilence, Silence } from '../../../schemas/alert.ts'
import type { RuleView } from '../../../schemas/rule.ts'
import { call } from '../../core/api.ts'
import { loadAlerts } from '../../core/firing.ts'
import { countText } from '../../core/format.ts'
import { useAction } from '../../core/resource.ts'
import { readTime, zoneName } from '../../core/times.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { ActionFault } from '../../ui/panel.tsx'

const SPANS = [['15m', '15 min'], ['1h', '1 h'], ['4h', '4 h'], ['1d', '1 d'], ['recovered', 'until it recovers'], ['time', 'until a time']] as const

interface Props {
  rules: readonly RuleView[]
  onClose: () => void
  onDone: () => void
}

/** Makes a silence for a rule, or for all alerts that a query fits; then tells what it would have held back. */
export function NewSilenceDialog ({ rules, onClose, onDone }: Props): JSX.Element {
  const span = useSignal<string>('1h')
  const fault = useSignal('')
  const made = useSignal<Silence | undefined>(undefined)
  const { isBusy, error, run } = useAction()
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    const body = silenceOf(new FormData(event.currentTarget))
    fault.value = typeof body === 'string' ? body : ''
    if (typeof body === 'string') return
    void run(async () => {
      made.value = await call<Silence>('POST', '/silences', { body })
      onDone()
      await loadAlerts()
    })
  }
  if (made.value !== undefined) {
    const held = made.value.would_have_held_back ?? 0
    return (
      <Dialog title='It is silenced' onClose={onClose}>
        <p>In the last 7 days it would have held back {held === 0 ? 'nothing' : `${countText(held)} ${held === 1 ? 'notice' : 'notices'}`}.</p>
        <div class='row'><button type='button' class='button primary' onClick={onClose}>Close</button></div>
      </Dialog>
    )
  }
  return (
    <Dialog title='New silence' onClose={onClose}>
      <form class='stack' onSubmit={submit}>
        <label class='field'><span>Rule</span>
          <select class='input' name='rule'><option value=''>Any rule</option>{rules.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}</select>
        </label>
        <label class='field'><span>Only what this query fits; labels are meta.name</span><input class='input mono' name='query' maxLength={4_000} placeholder='service:api meta.mount:/data' /></label>
        <label class='field'><span>Until</span>
          <select class='input' name='span' value={span.value} onChange={({ currentTarget }) => { span.value = currentTarget.value }}>{SPANS.map(([value, text]) => <option key={value} value={value}>{text}</option>)}</select>
        </label>
        {span.value === 'time' ? <label class='field'><span>When it ends, in {zoneName()}</span><input class='input' name='until' required placeholder='2026-01-31 14:00' /></label> : null}
        <label class='field'><span>Why, if you like</span><input class='input' name='reason' maxLength={1_000} /></label>
        {fault.value === '' ? null : <p class='fault' role='alert'>{fault.value}</p>}
        <ActionFault error={error.value} />
        <div class='row'><button type='submit' class='button primary' disabled={isBusy.value}>Silence them</button><button type='button' class='button' onClick={onClose}>Do not silence</button></div>
      </form>
    </Dialog>
  )
}

/** The silence that the form says, or what is wrong with it. */
function silenceOf (form: FormData): NewSilence | string {
  const text = (name: string): string => String(form.get(name) ?? '').trim()
  const [rule, query, span, reason] = [text('rule'), text('query'), text('span'), text('reason')]
  if (rule === '' && query === '') return 'Choose a rule or write a query: a silence of everything is a maintenance.'
  const until = span === 'time' ? readTime(text('until')) : undefined
  if (span === 'time' && until === undefined) return 'A time is like 2026-01-31 14:00, today 22:00 or 2026-01-31T14:00:00Z.'
  return {
    ...rule === '' ? {} : { rule },
    ...query === '' ? {} : { query },
    ...span === 'recovered' ? { until_recovered: true } : { until: until === undefined ? span : new Date(until).toISOString() },
    ...reason === '' ? {} : { reason }
  }
}
