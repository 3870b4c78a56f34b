import type { JSX } from 'preact'
import { useSignal } from '@preact/signals'
import type { Maintenance, Silence } from '../../../schemas/alert.ts'
import type { RuleView } from '../../../schemas/rule.ts'
import { call, get } from '../../core/api.ts'
import { countText } from '../../core/format.ts'
import { useAction, useResource, type Resource } from '../../core/resource.ts'
import { isOperator } from '../../core/session.ts'
import { clockText, now } from '../../core/times.ts'
import { Badge } from '../../ui/badge.tsx'
import { Icon } from '../../ui/icon.tsx'
import { ActionFault, Loaded, Panel } from '../../ui/panel.tsx'
import { isActive, silencesInOrder, targetText, whenText } from './mutes.ts'
import { NewMaintenanceDialog } from './new-maintenance.tsx'
import { NewSilenceDialog } from './new-silence.tsx'

const SHOWN = 100

/** What holds back notices: silences and maintenance. */
export function SilencesTab ({ silences }: { silences: Resource<Silence[]> }): JSX.Element {
  const rules = useResource('rules', async (signal) => (await get<{ rules: RuleView[] }>('/rules', {}, { signal })).rules)
  const maintenance = useResource('maintenance', async (signal) => (await get<{ maintenance: Maintenance[] }>('/maintenance', {}, { signal })).maintenance)
  const isAdding = useSignal(false)
  const isPlanning = useSignal(false)
  const nameOf = (id: string): string => rules.data?.find((rule) => rule.id === id)?.name ?? id
  return (
    <div class='stack'>
      <Panel
        title='Silences' note='they hold back notices; watching and recording go on'
        actions={isOperator.value ? <button type='button' class='button primary small' onClick={() => { isAdding.value = true }}><Icon name='plus' />New silence</button> : undefined}
      >
        <Loaded of={silences} what='the silences' height={160}>
          {(all) => all.length === 0
            ? <p class='muted'>Nothing is silenced, and nothing was.</p>
            : <ul class='alert-rows'>{silencesInOrder(all, now.value).slice(0, SHOWN).map((silence) => <SilenceRow key={silence.id} silence={silence} nameOf={nameOf} onDone={silences.refresh} />)}</ul>}
        </Loaded>
      </Panel>
      <Panel title='Maintenance' actions={isOperator.value ? <button type='button' class='button small' onClick={() => { isPlanning.value = true }}><Icon name='plus' />Plan a maintenance</button> : undefined}>
        <Loaded of={maintenance} what='the maintenance' height={80}>
          {(all) => all.length === 0
            ? <p class='muted'>None is planned. In one nobody is told; watching and recording go on.</p>
            : <ul class='alert-rows'>{all.slice(0, SHOWN).map((one) => <MaintenanceRow key={one.id} maintenance={one} nameOf={nameOf} onDone={maintenance.refresh} />)}</ul>}
        </Loaded>
      </Panel>
      {isPlanning.value ? <NewMaintenanceDialog rules={rules.data ?? []} onClose={() => { isPlanning.value = false }} onDone={maintenance.refresh} /> : null}
      {isAdding.value ? <NewSilenceDialog rules={rules.data ?? []} onClose={() => { isAdding.value = false }} onDone={silences.refresh} /> : null}
    </div>
  )
}

interface RowProps {
  nameOf: (id: string) => string
  onDone: () => void
}

function SilenceRow ({ silence, nameOf, onDone }: RowProps & { silence: Silence }): JSX.Element {
  const { id, until, until_recovered: untilRecovered, reason, created_by: by, created_at: at, ended_at: ended, held_back: held, source } = silence
  const isOn = isActive(silence, now.value)
  const end = until === null ? (untilRecovered ? 'until it recovers' : 'until somebody ends it') : `until ${clockText(Date.parse(until))}${untilRecovered ? ' or it recovers' : ''}`
  return (
    <li class='row'>
      {isOn ? <Badge tone='calm' icon='silenced'>Silenced {end}</Badge> : <Badge tone='calm'>Ended{ended === null ? '' : ` ${clockText(Date.parse(ended))}`}</Badge>}
      <span class='grow'>
        <b>{targetText(silence, nameOf)}</b>
        <span class='small muted below'>
          {source === undefined ? `by ${by ?? 'the service'}, ${clockText(Date.parse(at))}` : `from ${source.file}, line ${source.line}`}{reason === null || reason === '' ? '' : `: ${reason}`}. {heldText(held)}
        </span>
      </span>
      {isOn && isOperator.value && source === undefined ? <EndButton path={`/silences/${id}`} text='End the silence' onDone={onDone} /> : null}
    </li>
  )
}

function MaintenanceRow ({ maintenance, nameOf, onDone }: RowProps & { maintenance: Maintenance }): JSX.Element {
  const { id, name, active, next, reason, created_by: by, ended_at: ended, held_back: held } = maintenance
  return (
    <li class='row'>
      <Badge tone='calm' icon={active ? 'silenced' : undefined}>{active ? 'Now' : next !== null ? `Next ${clockText(Date.parse(next))}` : 'Over'}</Badge>
      <span class='grow'>
        <b>{name}</b> <span class='muted'>{targetText(maintenance, nameOf)}</span>
        <span class='small muted below'>{whenText(maintenance, clockText)}, by {by ?? 'the service'}{reason === null || reason === '' ? '' : `: ${reason}`}. {heldText(held)}</span>
      </span>
      {ended === null && (active || next !== null) && isOperator.value ? <EndButton path={`/maintenance/${id}`} text='End the maintenance' onDone={onDone} /> : null}
    </li>
  )
}

function heldText (held: number): string {
  if (held === 0) return 'It held back nothing.'
  return `It held back ${countText(held)} ${held === 1 ? 'notice' : 'notices'}.`
}

/** Ends it: what still fires is announced then. */
function EndButton ({ path, text, onDone }: { path: string, text: string, onDone: () => void }): JSX.Element {
  const { isBusy, error, run } = useAction()
  const end = (): void => { void run(async () => { await call('DELETE', path); onDone() }) }
  return <><button type='button' class='button small' title='What still fires is announced then' disabled={isBusy.value} onClick={end}>{text}</button><ActionFault error={error.value} /></>
}
