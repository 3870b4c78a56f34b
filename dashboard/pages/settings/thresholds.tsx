import type { JSX } from 'preact'
import { useSignal } from '@preact/signals'
import type { ConfigView } from '../../../schemas/settings.ts'
import type { ReplayAnswer } from '../../../schemas/replay.ts'
import { call, get } from '../../core/api.ts'
import { useAction, useResource, type Resource } from '../../core/resource.ts'
import { isOperator } from '../../core/session.ts'
import { ActionFault, Loaded, Panel } from '../../ui/panel.tsx'
import { changesOf, faultOf, SIGNALS, type Draft, type Fault, type SignalName } from './threshold-draft.ts'
import { ThresholdTrend } from './threshold-trend.tsx'

/** The limits of the built-in rules, edited together and saved at once. */
export function Thresholds (): JSX.Element {
  const config = useResource('config', (signal) => get<ConfigView>('/config', {}, { signal }))
  return (
    <Panel title='Thresholds' note='changes hold from the next evaluation on, and stand in the audit'>
      <Loaded of={config} what='the thresholds' height={220}>{(view) => <Editor key={JSON.stringify(view.thresholds)} view={view} onSaved={config.refresh} />}</Loaded>
    </Panel>
  )
}

function Editor ({ view, onSaved }: { view: ConfigView, onSaved: () => void }): JSX.Element {
  const draft = useSignal<Draft>({})
  const saving = useAction()
  const changes = changesOf(view.thresholds, draft.value)
  const save = (event: SubmitEvent): void => {
    event.preventDefault()
    void saving.run(async () => {
      await call('PATCH', '/config', { body: { thresholds: draft.value } })
      onSaved()
    })
  }
  const set = (name: SignalName, field: 'warning' | 'critical' | 'for', text: string): void => {
    const value = field === 'for' ? text : Number(text)
    draft.value = { ...draft.value, [name]: { ...draft.value[name], [field]: value } }
  }
  const faults = SIGNALS.map(({ name }) => faultOf({ ...view.thresholds[name], ...draft.value[name] }))
  const firings = useFirings(SIGNALS.map(({ name, rule }, at) => ({ rule, level: faults[at] === undefined ? { ...view.thresholds[name], ...draft.value[name] }.warning : undefined })))
  return (
    <form onSubmit={save}>
      <div class='scroll' tabIndex={0} role='region' aria-label='Thresholds as a table'>
        <table>
          <thead><tr><th scope='col'>Signal</th><th scope='col'>Warning</th><th scope='col'>Critical</th><th scope='col'>For</th><th scope='col' class='wide'>Last 7 days</th><th scope='col' class='wide'>Would have fired</th></tr></thead>
          <tbody>
            {SIGNALS.map(({ name, title, unit, series }, at) => {
              const shown = { ...view.thresholds[name], ...draft.value[name] }
              const isFixed = (field: string): boolean => !isOperator.value || view.read_only.some((place) => `/thresholds/${name}/${field}`.startsWith(place))
              return (
                <tr key={name}>
                  <th scope='row'>{title}</th>
                  {(['warning', 'critical'] as const).map((field) => (
                    <td key={field}><label class='unit'><input class='input' type='number' min='0' step='any' required aria-invalid={faults[at]?.field === field} aria-describedby={faults[at]?.field === field ? `fault-${name}` : undefined} aria-label={`${title}, ${field}, in ${unit}`} disabled={isFixed(field)} value={shown[field]} onInput={({ currentTarget }) => set(name, field, currentTarget.value)} /><span>{unit}</span></label><FieldFault fault={faults[at]} field={field} id={`fault-${name}`} /></td>
                  ))}
                  <td><input class='input narrow' aria-label={`${title}, for how long, like 30s or 2m`} pattern='\d+[smhd]' required disabled={isFixed('for')} value={shown.for} onInput={({ currentTarget }) => set(name, 'for', currentTarget.value)} /><FieldFault fault={faults[at]} field='for' id={`fault-${name}`} /></td>
                  <td class='wide'><ThresholdTrend series={series} title={title} warning={shown.warning} critical={shown.critical} /></td>
                  <td class={`wide${firings.isLoading ? ' stale' : ''}`}>{firings.error === undefined ? timesText(firings.data?.[at]) : <span class='faint'>not known: {firings.error.message}</span>}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
      <div class='row save-bar'>
        <button type='submit' class='button primary' disabled={changes.length === 0 || faults.some((fault) => fault !== undefined) || saving.isBusy.value}>Save thresholds</button>
        <button type='button' class='button' disabled={changes.length === 0} onClick={() => { draft.value = {} }}>Discard</button>
        <span class='muted' role='status'>{changes.length === 0 ? '' : `${changes.length} ${changes.length === 1 ? 'change' : 'changes'} not saved: ${changes.join(', ')}`}</span>
        <ActionFault error={saving.error.value} />
      </div>
    </form>
  )
}

/** What is wrong, beside the field that it is wrong with. */
function FieldFault ({ fault, field, id }: { fault: Fault | undefined, field: Fault['field'], id: string }): JSX.Element | null {
  return fault?.field === field ? <p class='fault' role='alert' id={id}>{fault.message}</p> : null
}

/** How often each warning would have been reached: asked for one after the other, since a replay is much work. */
function useFirings (levels: ReadonlyArray<{ rule: string, level: number | undefined }>): Resource<Array<number | undefined>> {
  return useResource(JSON.stringify(levels), async (signal) => {
    const firings: Array<number | undefined> = []
    for (const { rule, level } of levels) {
      const answer = level === undefined ? undefined : await call<ReplayAnswer>('POST', '/rules/replay', { body: { rule, from: '-7d', sweep: { level: 'warning', values: [level] } }, signal })
      firings.push(answer?.sweep?.[0]?.firings)
    }
    return firings
  })
}

function timesText (count: number | undefined): string {
  if (count === undefined) return ''
  return count === 0 ? 'never' : `${count} ${count === 1 ? 'time' : 'times'}`
}
