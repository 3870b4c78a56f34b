import type { JSX } from 'preact'
import { useSignal } from '@preact/signals'
import type { NewSilence, Silence } from '../../../schemas/alert.ts'
import type { RuleView } from '../../../schemas/rule.ts'
import { readTime, zoneName } from '../../core/times.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { ActionFault } from '../../ui/panel.tsx'
import { heldBackText, useMuteForm } from './use-mute-form.ts'

const SPANS = [['15m', '15 min'], ['1h', '1 h'], ['4h', '4 h'], ['1d', '1 d'], ['recovered', 'until it recovers'], ['time', 'until a time']] as const

interface Props {
  rules: readonly RuleView[]
  onClose: () => void
  onDone: () => void
}

/** Makes a silence for a rule, or for all alerts that a query fits; then tells what it would have held back. */
export function NewSilenceDialog ({ rules, onClose, onDone }: Props): JSX.Element {
  const span = useSignal<string>('1h')
  const { made, fault, error, isBusy, submit } = useMuteForm<Silence>('/silences', silenceOf, onDone)
  if (made.value !== undefined) {
    return (
      <Dialog title='It is silenced' onClose={onClose}>
        <p>{heldBackText(made.value.would_have_held_back)}</p>
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
function silenceOf (text: (name: string) => string): NewSilence | string {
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
