import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { useSignal, type Signal } from '@preact/signals'
import type { Event } from '../../../schemas/event.ts'
import type { EventsPage } from '../../../schemas/event-query.ts'
import type { RuleView } from '../../../schemas/rule.ts'
import type { Refusal } from '../../../schemas/submission.ts'
import type { ApiToken } from '../../../schemas/token.ts'
import { call, get } from '../../core/api.ts'
import { useAction, useResource } from '../../core/resource.ts'
import { spanText } from '../../core/format.ts'
import { hrefOf } from '../../core/router.ts'
import { loadSampleData, NO_SAMPLE, sampleData } from '../../core/sample-data.ts'
import { isAdmin, isOperator } from '../../core/session.ts'
import { now } from '../../core/times.ts'
import { followEvents } from '../../stream/live.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { EventCells } from '../../ui/event-row.tsx'
import { Icon } from '../../ui/icon.tsx'
import { ActionFault } from '../../ui/panel.tsx'
import { SampleNote } from '../../ui/sample-data.tsx'
import { SeriesPanel } from '../../ui/series-panel.tsx'
import { commands } from './commands.ts'

const ANYTHING_SENT = `-type:CANARY ${NO_SAMPLE}`
const TOLD_AFTER_MS = 20_000
const LOOK_EVERY_MS = 3_000
/** A command may have been run a little before this page was opened. */
const BEFORE_MS = 60_000

/** The first event: the command with its token, and a panel that turns into the event when it lands. */
export function Start (): JSX.Element {
  const landed = useSignal<Event | undefined>(undefined)
  const rules = useResource('rules', async (signal) => (await get<{ rules: RuleView[] }>('/rules', {}, { signal })).rules)
  const ruleOf = (wanted: string): RuleView | undefined => rules.data?.find(({ id }) => id === wanted)
  return (
    <div class='start'>
      <h2>Send your first event</h2>
      <p class='muted'>Paste one command. This page changes by itself when the event arrives.</p>
      {isAdmin.value
        ? <Steps landed={landed} />
        : <p class='note'>Your role can read what there is, but make no tokens: ask an admin for one.</p>}
      <Sample isNeeded={landed.value === undefined} />
      <p class='muted'>Meanwhile, this host is already being watched.</p>
      <div class='two'>
        <SeriesPanel title='CPU' series='host_cpu_percent' context='host' rule={ruleOf('builtin-cpu')} />
        <SeriesPanel title='Memory' series='host_memory_percent' context='host' rule={ruleOf('builtin-memory')} />
      </div>
    </div>
  )
}

function Steps ({ landed }: { landed: Signal<Event | undefined> }): JSX.Element {
  const token = useSignal<string | undefined>(undefined)
  const making = useAction()
  const make = (): void => {
    void making.run(async () => {
      token.value = (await call<ApiToken & { secret: string }>('POST', '/tokens', { body: { name: `first events ${new Date().toISOString().slice(0, 16)}`, scopes: ['ingest'] } })).secret
    })
  }
  return (
    <ol class='start-steps'>
      <li class={token.value === undefined ? '' : 'done'}>
        <h3>{token.value === undefined ? 'Make a token' : 'Token made'}</h3>
        <p class='muted'>It may send events and nothing else. It is shown once, in the command.</p>
        {token.value === undefined ? <button type='button' class='button primary' disabled={making.isBusy.value} onClick={make}>Make a token</button> : null}
        <ActionFault error={making.error.value} />
      </li>
      <li><h3>Run this in a terminal</h3><Command token={token.value ?? '<token>'} isReady={token.value !== undefined} /></li>
      <li><Listening landed={landed} /></li>
    </ol>
  )
}

function Command ({ token, isReady }: { token: string, isReady: boolean }): JSX.Element {
  const all = commands(location.origin, token)
  const chosen = useSignal(0)
  const text = all[chosen.value]?.text ?? ''
  return (
    <div class='stack'>
      <div class='row' role='group' aria-label='How to send'>
        {all.map(({ name }, at) => <button key={name} type='button' class='button small' aria-pressed={at === chosen.value} onClick={() => { chosen.value = at }}>{name}</button>)}
      </div>
      <pre class='command' tabIndex={0}><code>{text}</code></pre>
      <div class='row'><CopyButton class='button primary' isDisabled={!isReady} text={() => text}>Copy command</CopyButton></div>
    </div>
  )
}

/** An hour of a made-up shop, for those who want to look around first, and those whose own events tell no story yet. */
function Sample ({ isNeeded }: { isNeeded: boolean }): JSX.Element | null {
  const { isBusy, error, run } = useAction()
  if (sampleData.value?.loaded === true) return <><SampleNote /><p><a href={hrefOf('/dashboard/events', { q: 'meta.sample:true', from: '-2h' })}>See it in Events</a></p></>
  if (sampleData.value === undefined || !isOperator.value) return null
  return (
    <div class='stack'>
      <p class='muted'>{isNeeded ? 'Nothing to send yet? ' : ''}An hour of a made-up shop shows what it looks like when something breaks. It can be removed again.</p>
      <div class='row'><button type='button' class='button' disabled={isBusy.value} onClick={() => { void run(loadSampleData) }}>Load sample data{isNeeded ? ' instead' : ''}</button></div>
      <ActionFault error={error.value} />
    </div>
  )
}

/** What the service saw last of those that send, since somebody waits. */
function LastSeen ({ since }: { since: number }): JSX.Element {
  const seen = useResource('refusals', async (signal) => (await get<{ refusals: Refusal[] }>('/refusals', {}, { signal })).refusals, { everyMs: LOOK_EVERY_MS })
  const last = seen.data?.find(({ time }) => Date.parse(time) >= since - BEFORE_MS)
  if (seen.data === undefined) return <>Nothing yet.</>
  if (last === undefined) return <>Nothing yet: nothing reached {location.origin}/events. Is that its address from where you send?</>
  return <>Nothing yet. The last request was refused {spanText(Math.max(now.value - Date.parse(last.time), 0))} ago: {last.message}.</>
}

/** Turns into the first event that lands. */
function Listening ({ landed }: { landed: Signal<Event | undefined> }): JSX.Element {
  const began = useRef(Date.now())
  const existing = useResource('first', (signal) => get<EventsPage>('/events', { q: ANYTHING_SENT, limit: 1, total: 'none' }, { signal }))
  useEffect(() => followEvents(ANYTHING_SENT, 1, ({ events }) => { landed.value ??= events[0] }), [])
  useEffect(() => { landed.value ??= existing.data?.events[0] }, [existing.data])
  const event = landed.value
  const waited = now.value - began.current
  if (event === undefined) {
    return (
      <div class='listening' role='status'>
        <span class='ring' aria-hidden='true' />
        <div><h3>Listening for the first event</h3><p class='muted'>{waited < TOLD_AFTER_MS ? 'What is refused is told here, with the reason.' : <LastSeen since={began.current} />}</p></div>
      </div>
    )
  }
  return (
    <div class='listening landed' role='status'>
      <Icon name='healthy' />
      <div class='grow'>
        <h3>Your event is here</h3>
        <ul class='log'><li><a href={hrefOf('/dashboard/events', { event: event.id })}><EventCells event={event} /></a></li></ul>
        <a class='button primary' href={hrefOf('/dashboard/events', { event: event.id })}>See it in Events</a>
      </div>
    </div>
  )
}
