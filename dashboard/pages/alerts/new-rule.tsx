import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import type { NewRule, RuleView } from '../../../schemas/rule.ts'
import type { Series } from '../../../schemas/sample.ts'
import { call, get } from '../../core/api.ts'
import { useAction, useResource } from '../../core/resource.ts'
import { param, setParams } from '../../core/router.ts'
import { ActionFault, Panel } from '../../ui/panel.tsx'
import { DraftFields } from './draft-fields.tsx'
import { draftFaults, draftOf, draftRule, type Draft } from './rule-draft.ts'

const WINDOWS = ['30s', '1m', '5m', '15m', '1h'] as const
const AGGREGATES = { metric: ['avg', 'max', 'min', 'last', 'sum'], events: ['count', 'rate'] } as const

/** A rule that is made of a query or of a series that is picked; the address says which. */
export function NewRuleEditor ({ rules, onSaved }: { rules: readonly RuleView[], onSaved: () => void }): JSX.Element {
  const isMetric = param('new') === 'metric'
  const signal = isMetric ? metricSignal(param('q') ?? '') : { events: param('q') ?? '' }
  const window = useSignal<string>('5m')
  const aggregate = useSignal<NonNullable<NewRule['aggregate']>>(isMetric ? 'avg' : 'count')
  const draft = useSignal<Draft>({ ...draftOf({ name: '', signal, levels: { warning: { op: '>=', value: isMetric ? 80 : 10 } } }), for: '1m' })
  const rule = useMemo((): NewRule => ({ name: draft.value.name, signal, window: window.value, aggregate: aggregate.value, levels: {} }), [JSON.stringify(signal), window.value, aggregate.value, draft.value.name])
  const { isBusy, error, run } = useAction()
  const faults = draftFaults(draft.value)
  const { name: unnamed, ...others } = faults
  const isPicked = !('metric' in signal) || signal.metric !== ''
  const save = (): void => {
    void run(async () => {
      const { id } = await call<RuleView>('POST', '/rules', { body: draftRule(rule, draft.value) })
      onSaved()
      setParams({ rule: id, new: undefined, q: undefined })
    })
  }
  return (
    <div class='editor'>
      <Panel title='New rule'>
        <label class='field'><span>Name</span><input class='input' maxLength={200} value={draft.value.name} onInput={({ currentTarget }) => { draft.value = { ...draft.value, name: currentTarget.value } }} /></label>
        <SignalPicker isMetric={isMetric} onKind={(kind) => { aggregate.value = kind === 'metric' ? 'avg' : 'count'; setParams({ new: kind, q: undefined }, { replace: true }) }} />
        <div class='row two-fields'>
          <Choice label='Over' value={window.value} of={WINDOWS} onChange={(value) => { window.value = value }} />
          <Choice label='As' value={aggregate.value} of={AGGREGATES[isMetric ? 'metric' : 'events']} onChange={(value) => { aggregate.value = value }} />
        </div>
        {isPicked ? <DraftFields rule={{ ...rule, name: draft.value.name === '' ? 'New rule' : draft.value.name }} draft={draft} reach='all' faults={others} rules={rules} /> : null}
        <ActionFault error={error.value} />
        <div class='row'>
          <button type='button' class='button primary' disabled={isBusy.value || !isPicked || Object.keys(faults).length > 0} onClick={save}>Save rule</button>
          <button type='button' class='button plain' onClick={() => setParams({ new: undefined, q: undefined })}>Do not make it</button>
          {unnamed === undefined ? null : <span class='small muted'>It needs a name.</span>}
        </div>
      </Panel>
    </div>
  )
}

function SignalPicker ({ isMetric, onKind }: { isMetric: boolean, onKind: (kind: 'metric' | 'events') => void }): JSX.Element {
  return (
    <>
      <div class='row two-fields'>
        <label class='row'><input type='radio' name='kind' checked={!isMetric} onChange={() => onKind('events')} />Events that match</label>
        <label class='row'><input type='radio' name='kind' checked={isMetric} onChange={() => onKind('metric')} />A series of numbers</label>
      </div>
      {isMetric ? <SeriesPicker /> : <label class='field'><span>Query</span><input class='input mono' defaultValue={param('q') ?? ''} placeholder='service:api level>=error' onChange={({ currentTarget }) => setParams({ q: currentTarget.value }, { replace: true })} /></label>}
    </>
  )
}

function SeriesPicker (): JSX.Element {
  const series = useResource('series', async (signal) => (await get<{ series: Series[] }>('/series', {}, { signal })).series)
  const texts = (series.data ?? []).map(seriesText)
  return (
    <label class='field'><span>Series</span>
      <select class='input' value={param('q') ?? ''} onChange={({ currentTarget }) => setParams({ q: currentTarget.value }, { replace: true })}>
        <option value=''>Pick one</option>
        {texts.map((text) => <option key={text} value={text}>{text}</option>)}
      </select>
    </label>
  )
}

function seriesText ({ name, labels }: Pick<Series, 'name' | 'labels'>): string {
  return Object.keys(labels).length === 0 ? name : `${name} ${JSON.stringify(labels)}`
}

function metricSignal (text: string): Extract<NewRule['signal'], { metric: string }> {
  const [metric = ''] = text.split(' ')
  const given = text.slice(metric.length).trim()
  if (given === '') return { metric }
  try {
    const labels: Record<string, string> = JSON.parse(given)
    return { metric, labels }
  } catch {
    // An address that somebody typed: the series alone.
    return { metric }
  }
}

function Choice<T extends string> ({ label, value, of: choices, onChange }: { label: string, value: string, of: readonly T[], onChange: (value: T) => void }): JSX.Element {
  return (
    <label class='field'><span>{label}</span>
      <select class='input' value={value} onChange={({ currentTarget }) => { const found = choices.find((one) => one === currentTarget.value); if (found !== undefined) onChange(found) }}>{choices.map((one) => <option key={one} value={one}>{one}</option>)}</select>
    </label>
  )
}
