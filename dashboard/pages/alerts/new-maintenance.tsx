import type { JSX } from 'preact'
import { useSignal } from '@preact/signals'
import type { Maintenance } from '../../../schemas/alert.ts'
import type { RuleView } from '../../../schemas/rule.ts'
import { clockText, readTime, zoneName } from '../../core/times.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { ActionFault } from '../../ui/panel.tsx'
import { maintenanceOf } from './mutes.ts'
import { heldBackText, useMuteForm } from './use-mute-form.ts'

const WHEN = [['now', 'now, once'], ['time', 'at a time, once'], ['cron', 'again and again']] as const

interface Props {
  rules: readonly RuleView[]
  onClose: () => void
  onDone: () => void
}

/** Plans a stretch of time in which nobody is told, once or again and again; then tells what it would have held back. */
export function NewMaintenanceDialog ({ rules, onClose, onDone }: Props): JSX.Element {
  const when = useSignal<string>('now')
  const { made, fault, error, isBusy, submit } = useMuteForm<Maintenance>('/maintenance', (text) => maintenanceOf(text, readTime), onDone)
  if (made.value !== undefined) return <Planned maintenance={made.value} onClose={onClose} />
  return (
    <Dialog title='Plan a maintenance' onClose={onClose}>
      <form class='stack' onSubmit={submit}>
        <label class='field'><span>Name</span><input class='input' name='name' maxLength={200} required placeholder='Nightly backup' /></label>
        <label class='field'><span>When</span>
          <select class='input' name='when' value={when.value} onChange={({ currentTarget }) => { when.value = currentTarget.value }}>{WHEN.map(([value, text]) => <option key={value} value={value}>{text}</option>)}</select>
        </label>
        {when.value === 'time' ? <label class='field'><span>From, in {zoneName()}</span><input class='input' name='from' required placeholder='2026-01-31 02:00' /></label> : null}
        {when.value === 'cron'
          ? (
            <div class='row two-fields'>
              <label class='field'><span>Minute, hour, day, month, weekday</span><input class='input mono' name='cron' required maxLength={200} placeholder='0 2 * * SUN' /></label>
              <label class='field'><span>In the time zone</span><input class='input' name='time_zone' maxLength={100} defaultValue={zoneName()} /></label>
            </div>
            )
          : null}
        <label class='field'><span>For how long, like 30m or 2h</span><input class='input' name='duration' required pattern='[1-9][0-9]{0,5}[smhd]' defaultValue='1h' /></label>
        <label class='field'><span>Rule</span>
          <select class='input' name='rule'><option value=''>Every rule</option>{rules.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}</select>
        </label>
        <label class='field'><span>Only what this query fits, if you like</span><input class='input mono' name='query' maxLength={4_000} placeholder='service:api' /></label>
        <label class='field'><span>Why, if you like</span><input class='input' name='reason' maxLength={1_000} /></label>
        {fault.value === '' ? null : <p class='fault' role='alert'>{fault.value}</p>}
        <ActionFault error={error.value} />
        <div class='row'><button type='submit' class='button primary' disabled={isBusy.value}>Plan it</button><button type='button' class='button' onClick={onClose}>Do not plan it</button></div>
      </form>
    </Dialog>
  )
}

function Planned ({ maintenance: { name, active, next, would_have_held_back: held }, onClose }: { maintenance: Maintenance, onClose: () => void }): JSX.Element {
  return (
    <Dialog title={`${name} is planned`} onClose={onClose}>
      <p>{active ? 'It holds from now on.' : next === null ? '' : `It begins ${clockText(Date.parse(next))}.`} {heldBackText(held)}</p>
      <div class='row'><button type='button' class='button primary' onClick={onClose}>Close</button></div>
    </Dialog>
  )
}
