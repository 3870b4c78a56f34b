import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import type { AlertsPage } from '../../../schemas/alert.ts'
import type { RuleView } from '../../../schemas/rule.ts'
import type { Series } from '../../../schemas/sample.ts'
import { get } from '../../core/api.ts'
import { loadAlerts, openAlerts } from '../../core/firing.ts'
import { useResource, type Resource } from '../../core/resource.ts'
import { param, setParams } from '../../core/router.ts'
import { isOperator } from '../../core/session.ts'
import { clockText, now } from '../../core/times.ts'
import { Icon } from '../../ui/icon.tsx'
import { Failure, Loaded, Panel } from '../../ui/panel.tsx'
import { NewRuleEditor } from './new-rule.tsx'
import { RuleEditor } from './rule-editor.tsx'
import { RuleBadge } from './state-badge.tsx'
import { StateBar } from './state-bar.tsx'
import { inOrder, ruleState, segmentsOf, type Range, type RuleState, type Segment } from './state-bar.ts'

const DAY_MS = 86_400_000
const STEP_MS = 60_000
const MOST = 1_000
const MARKS = 5

interface Row {
  rule: RuleView
  state: RuleState
  segments: Segment[]
}

/** Every rule with how it was for a day, and the editor of one. */
export function RulesTab ({ rules }: { rules: Resource<RuleView[]> }): JSX.Element {
  const series = useResource('series', async (signal) => new Set((await get<{ series: Series[] }>('/series', {}, { signal })).series.map(({ name }) => name)))
  const alerts = useResource('alerts', (signal) => loadAlerts(signal), { everyMs: 60_000 })
  const to = Math.ceil(now.value / STEP_MS) * STEP_MS
  const range = useMemo(() => ({ from: to - DAY_MS, to }), [to])
  const past = useResource(`day ${to} ${openAlerts.value?.map(({ id, state }) => id + state).join() ?? ''}`, async (signal) => (await get<AlertsPage>('/alerts', { from: new Date(to - DAY_MS).toISOString(), limit: MOST }, { signal })).alerts)
  const rows = useMemo(() => inOrder((rules.data ?? []).map((rule): Row => ({
    rule,
    state: ruleState(rule, (openAlerts.value ?? []).filter((alert) => alert.rule.id === rule.id), !('metric' in rule.signal) || series.data?.has(rule.signal.metric) !== false),
    segments: segmentsOf((past.data ?? []).filter((alert) => alert.rule.id === rule.id), range)
  }))), [rules.data, openAlerts.value, past.data, series.data, range])
  const isNew = param('new') !== undefined && isOperator.value
  const chosen = rows.find(({ rule }) => rule.id === param('rule')) ?? rows[0]
  return (
    <div class='rules'>
      <RulesPanel rules={rules} rows={rows} chosen={isNew ? undefined : chosen?.rule.id} range={range} unread={[{ of: alerts, what: 'the alerts that are open' }, { of: past, what: 'the last 24 hours' }]} isPartial={past.data?.length === MOST} />
      {isNew
        ? <NewRuleEditor rules={rules.data ?? []} onSaved={rules.refresh} />
        : chosen === undefined ? null : <RuleEditor key={`${chosen.rule.id} ${chosen.rule.version}`} rule={chosen.rule} rules={rules.data ?? []} state={chosen.state} onSaved={rules.refresh} />}
    </div>
  )
}

interface RulesPanelProps {
  rules: Resource<RuleView[]>
  rows: readonly Row[]
  chosen: string | undefined
  range: Range
  /** Without these a rule may look better than it is. */
  unread: ReadonlyArray<{ of: Pick<Resource<unknown>, 'error' | 'refresh'>, what: string }>
  isPartial: boolean
}

function RulesPanel ({ rules, rows, chosen, range, unread, isPartial }: RulesPanelProps): JSX.Element {
  return (
    <Panel
      title='State, last 24 hours' note={isPartial ? 'showing the newest 1,000 alerts' : 'firing first'}
      actions={isOperator.value ? <button type='button' class='button primary small' onClick={() => setParams({ new: 'events', rule: undefined })}><Icon name='plus' />New rule</button> : undefined}
    >
      <Loaded of={rules} what='the rules' height={300}>
        {() => (
          <>
            {unread.map(({ of: { error, refresh }, what }) => error === undefined ? null : <Failure key={what} error={error} what={what} retry={refresh} />)}
            <ul class='rule-rows'>{rows.map((row) => <RuleRow key={row.rule.id} row={row} isChosen={row.rule.id === chosen} range={range} />)}</ul>
            <div class='rule-legend'>
              <span class='row'><i class='firing critical' />critical<i class='firing warning' />warning<i class='pending' />pending<i class='silenced' />silenced</span>
              <span class='axis' aria-hidden='true'>{Array.from({ length: MARKS }, (_, at) => <span key={at}>{at === MARKS - 1 ? 'now' : clockText(range.from + DAY_MS * at / (MARKS - 1)).slice(-5)}</span>)}</span>
            </div>
          </>
        )}
      </Loaded>
    </Panel>
  )
}

function RuleRow ({ row: { rule, state, segments }, isChosen, range }: { row: Row, isChosen: boolean, range: Range }): JSX.Element {
  return (
    <li class={isChosen ? 'chosen' : ''}>
      <button type='button' class='name' data-row aria-current={isChosen ? 'true' : undefined} onClick={() => setParams({ rule: rule.id, new: undefined, q: undefined, limit: undefined })}>{rule.name}{rule.draft ? <span class='faint small'> draft</span> : null}</button>
      <StateBar name={rule.name} state={state.word} segments={segments} range={range} />
      <RuleBadge state={state} />
    </li>
  )
}
