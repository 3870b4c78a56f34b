import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import type { StoredPipeline, TrialAnswer } from '../../../schemas/pipeline.ts'
import { call, get } from '../../core/api.ts'
import { countText } from '../../core/format.ts'
import { useAction, useResource } from '../../core/resource.ts'
import { user } from '../../core/session.ts'
import { Badge, type Tone } from '../../ui/badge.tsx'
import { ActionFault, Loaded, Panel } from '../../ui/panel.tsx'
import { Changed } from './traces.tsx'

const FIRST = { processors: [{ type: 'filter', pattern: 'healthz', mode: 'exclude' }, { type: 'redact' }] }
const NEW_ID = 'main'
const TONES: Readonly<Record<string, Tone>> = { same: 'calm', modified: 'info', dropped: 'warning', error: 'critical' }

/** A pipeline is changed, tried on lines that came or are pasted, and set when it does what it should. */
export function Trial (): JSX.Element {
  const pipelines = useResource('pipelines', async (signal) => (await get<{ pipelines: StoredPipeline[] }>('/pipelines', {}, { signal })).pipelines)
  return <Loaded of={pipelines} what='the pipelines' height={200}>{(list) => <Editor pipelines={list} onSaved={pipelines.refresh} />}</Loaded>
}

function Editor ({ pipelines, onSaved }: { pipelines: readonly StoredPipeline[], onSaved: () => void }): JSX.Element {
  const id = useSignal(pipelines[0]?.id ?? NEW_ID)
  const pipeline = pipelines.find((one) => one.id === id.value)
  const text = useSignal('')
  const query = useSignal('')
  const pasted = useSignal('')
  const answer = useSignal<TrialAnswer | undefined>(undefined)
  const saved = useSignal('')
  const { isBusy, error, run } = useAction()
  useEffect(() => { text.value = JSON.stringify(pipeline === undefined ? FIRST : { processors: pipeline.processors }, null, 2) }, [id.value])
  const lines = (): string[] | undefined => pasted.value.trim() === '' ? undefined : pasted.value.replace(/\n$/, '').split('\n')
  const attempt = (): void => {
    void run(async () => {
      saved.value = ''
      const given = lines()
      answer.value = await call<TrialAnswer>('POST', '/pipelines/try', { body: { config: JSON.parse(text.value), ...(given === undefined ? { query: query.value } : { lines: given }) } })
    })
  }
  const save = (): void => {
    void run(async () => {
      await call('PUT', `/pipelines/${id.value}`, { body: JSON.parse(text.value) })
      saved.value = `${id.value} is in force from the next batch on.`
      onSaved()
    })
  }
  return (
    <div class='stack'>
      <Panel title='Pipeline over what comes in' note='as JSON; nothing changes until it is set'>
        <div class='stack'>
          <label class='field'><span>Name</span><input class='input' list='pipeline-ids' value={id.value} onInput={({ currentTarget }) => { id.value = currentTarget.value }} /></label>
          <datalist id='pipeline-ids'>{pipelines.map((one) => <option key={one.id} value={one.id} />)}</datalist>
          <label class='field'><span>Processors</span><textarea class='input mono' rows={12} spellcheck={false} value={text.value} onInput={({ currentTarget }) => { text.value = currentTarget.value }} /></label>
          <label class='field'><span>Try on the newest events of this query</span><input class='input' value={query.value} placeholder='all events' onInput={({ currentTarget }) => { query.value = currentTarget.value }} /></label>
          <label class='field'><span>or on these lines</span><textarea class='input mono' rows={3} spellcheck={false} value={pasted.value} onInput={({ currentTarget }) => { pasted.value = currentTarget.value }} /></label>
          <div class='row'>
            <button type='button' class='button primary' disabled={isBusy.value} onClick={attempt}>Try</button>
            {user.value?.role === 'admin' && pipeline?.origin !== 'file' ? <button type='button' class='button' disabled={isBusy.value} onClick={save}>Set</button> : null}
            {pipeline?.origin === 'file' ? <span class='small muted'>This one is in the configuration file: change it there.</span> : null}
            <span role='status'>{saved.value}</span>
          </div>
          <ActionFault error={error.value} />
        </div>
      </Panel>
      {answer.value === undefined ? null : <Answer answer={answer.value} />}
    </div>
  )
}

function Answer ({ answer: { lines, differing, hints } }: { answer: TrialAnswer }): JSX.Element {
  return (
    <Panel title='What would become of them' note={`${countText(lines.length)} lines, ${countText(differing)} of them otherwise than now`}>
      {hints.map((hint) => <p key={hint} class='note warning'>{hint}</p>)}
      {lines.length === 0
        ? <p class='muted'>No event is found by this query.</p>
        : (
          <div class='scroll' role='region' aria-label='Lines before and behind the pipeline' tabIndex={0}>
            <table>
              <thead><tr><th scope='col' class='number'>Line</th><th scope='col'>Comes in</th><th scope='col'>Goes out</th><th scope='col'>Outcome</th></tr></thead>
              <tbody>{lines.map(({ number, before, after, outcome, reason, routes, was }) => (
                <tr key={number}>
                  <td class='number'>{number}</td>
                  <td><code>{before}</code></td>
                  <td>{after.length === 0 ? <span class='faint'>nothing</span> : after.map((text, at) => <div key={at}><Changed before={before} after={text} /></div>)}</td>
                  <td><Badge tone={TONES[outcome] ?? 'calm'} icon={undefined}>{outcome}</Badge> <span class='small'>{[reason, ...routes.map((route) => `routed to ${route}`), was === undefined ? undefined : `now: ${was.length === 0 ? 'dropped' : was.join(' | ')}`].filter((part) => part !== undefined).join('; ')}</span></td>
                </tr>
              ))}
              </tbody>
            </table>
          </div>
          )}
    </Panel>
  )
}
