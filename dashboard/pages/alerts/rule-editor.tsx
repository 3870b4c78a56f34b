import type { JSX } from 'preact'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import type { RuleView } from '../../../schemas/rule.ts'
import { call } from '../../core/api.ts'
import { useAction } from '../../core/resource.ts'
import { param, setParams } from '../../core/router.ts'
import { isOperator } from '../../core/session.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Menu } from '../../ui/menu.tsx'
import { ActionFault, Panel } from '../../ui/panel.tsx'
import { TestChannels } from './channel-picker.tsx'
import { DraftFields } from './draft-fields.tsx'
import { bodyOf } from './replay-words.ts'
import { draftFaults, draftOf, isChanged, reachOf, savesOf, type Draft, type Reach } from './rule-draft.ts'
import { RuleBadge } from './state-badge.tsx'
import type { RuleState } from './state-bar.ts'

const REACHES: Readonly<Record<Reach, string | undefined>> = {
  all: undefined,
  thresholds: 'This rule is built in: its limits are the thresholds of the service.',
  channels: 'This rule is built in: its limit is fixed. Who is told can be changed.',
  nothing: undefined
}
const NARROW = '(max-width: 1100px)'

interface EditorProps {
  rule: RuleView
  rules: readonly RuleView[]
  state: RuleState
  onSaved: () => void
}

/** The limits of a rule on what it looks at, what it would have done with them, and who is told. */
export function RuleEditor ({ rule, rules, state, onSaved }: EditorProps): JSX.Element {
  const draft = useSignal<Draft>(draftOf(rule))
  const { isBusy, error, run } = useAction()
  const box = useRef<HTMLDivElement>(null)
  const reach: Reach = isOperator.value ? reachOf(rule) : 'nothing'
  const body = useMemo(() => bodyOf(rule), [rule])
  const faults = draftFaults(draft.value)
  const saves = savesOf(rule, draft.value)
  useEffect(() => { if (param('rule') === rule.id && matchMedia(NARROW).matches) box.current?.scrollIntoView({ block: 'start' }) }, [])
  const save = (): void => {
    void run(async () => {
      for (const { method, path, body } of saves) await call(method, path, { body })
      onSaved()
    })
  }
  const revert = (): void => { draft.value = draftOf(rule) }
  return (
    <div ref={box} class='editor'>
      <Panel title={rule.name} note={<RuleBadge state={state} />} actions={reach === 'nothing' ? undefined : <RuleMenu rule={rule} onSaved={onSaved} />}>
        <Source rule={rule} reach={reach} />
        <DraftFields rule={body} draft={draft} reach={reach} faults={faults} rules={rules} />
        <ActionFault error={error.value} />
        {reach === 'nothing'
          ? null
          : (
            <div class='row'>
              <button type='button' class='button primary' disabled={isBusy.value || saves.length === 0 || Object.keys(faults).length > 0} onClick={save}>Save rule</button>
              <TestChannels names={draft.value.channels} />
              <button type='button' class='button plain' style={{ marginLeft: 'auto' }} disabled={!isChanged(rule, draft.value)} onClick={revert}>Revert</button>
            </div>
            )}
      </Panel>
    </div>
  )
}

/** Where a rule is set, when that is not here. */
function Source ({ rule: { origin, source }, reach }: { rule: RuleView, reach: Reach }): JSX.Element | null {
  if (origin === 'file') return <p class='small muted'>It is set in {source === undefined ? 'the configuration file' : `${source.file}, line ${source.line}`}, and is changed there.</p>
  if (reach === 'nothing') return <p class='small muted'>Your role can read rules but not change them.</p>
  return <p class='small muted'>{REACHES[reach] ?? 'Drag the line, or type a value, to set the limit.'}</p>
}

function RuleMenu ({ rule, onSaved }: { rule: RuleView, onSaved: () => void }): JSX.Element {
  const isRemoving = useSignal(false)
  const action = useAction()
  const { error, run } = action
  const path = `/rules/${encodeURIComponent(rule.id)}`
  const change = (body: object): void => { void run(async () => { await call('PATCH', path, { body }); onSaved() }) }
  const remove = async (): Promise<void> => {
    if (!await run(() => call('DELETE', path))) return
    isRemoving.value = false
    setParams({ rule: undefined }, { replace: true })
    onSaved()
  }
  return (
    <>
      <ActionFault error={error.value} />
      <Menu label={`More for ${rule.name}`} class='button square plain' isRight button={<Icon name='more' />}>
        {(close) => (
          <>
            <button type='button' onClick={() => { close(); change({ enabled: !rule.enabled }) }}>{rule.enabled ? 'Switch the rule off' : 'Switch the rule on'}</button>
            <button type='button' onClick={() => { close(); change({ draft: !rule.draft }) }}>{rule.draft ? 'Announce it from now on' : 'Make it a draft, which nobody is told of'}</button>
            {rule.origin === 'api' ? <button type='button' onClick={() => { close(); isRemoving.value = true }}>Remove the rule</button> : null}
          </>
        )}
      </Menu>
      {isRemoving.value
        ? (
          <ConfirmDialog title={`Remove ${rule.name}`} keep='Keep it' action={action} onConfirm={() => { void remove() }} onClose={() => { isRemoving.value = false }}>
            <p class='muted'>Its alerts are resolved at the next evaluation. What they were stays in the history.</p>
          </ConfirmDialog>
          )
        : null}
    </>
  )
}
