import type { JSX } from 'preact'
import { useSignal } from '@preact/signals'
import type { Channel, ChannelPatch, ChannelTest } from '../../../schemas/channel.ts'
import { CHANNEL_KINDS } from '../../../schemas/words.ts'
import { call, get } from '../../core/api.ts'
import { useAction, useResource } from '../../core/resource.ts'
import { isAdmin } from '../../core/session.ts'
import { Badge } from '../../ui/badge.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { ActionFault, Loaded, Panel } from '../../ui/panel.tsx'

/** Who is told. */
export function Channels (): JSX.Element {
  const channels = useResource('channels', async (signal) => (await get<{ channels: Channel[] }>('/channels', {}, { signal })).channels)
  const isAdding = useSignal(false)
  return (
    <Panel title='Notification channels' actions={isAdmin.value ? <button type='button' class='button small' onClick={() => { isAdding.value = true }}><Icon name='plus' />Add</button> : undefined}>
      <Loaded of={channels} what='the channels' height={120}>
        {(all) => all.length === 0
          ? <p class='muted'>Nobody is told of alerts yet. A channel called <code>default</code> hears of every rule that names none.</p>
          : <ul class='items'>{all.map((channel) => <ChannelRow key={channel.id} channel={channel} onChange={channels.refresh} />)}</ul>}
      </Loaded>
      {isAdding.value ? <NewChannelDialog hasDefault={channels.data?.some(({ name }) => name === 'default') === true} onClose={() => { isAdding.value = false }} onDone={() => { isAdding.value = false; channels.refresh() }} /> : null}
    </Panel>
  )
}

function ChannelRow ({ channel, onChange }: { channel: Channel, onChange: () => void }): JSX.Element {
  const action = useAction()
  const { isBusy, error, run } = action
  const tested = useSignal<ChannelTest | undefined>(undefined)
  const isRemoving = useSignal(false)
  const test = (): void => { void run(async () => { tested.value = await call<ChannelTest>('POST', `/channels/${channel.id}/test`, { body: {} }) }) }
  const change = (body: ChannelPatch): void => { void run(async () => { await call('PATCH', `/channels/${channel.id}`, { body }); onChange() }) }
  const remove = (): void => { void run(async () => { await call('DELETE', `/channels/${channel.id}`); isRemoving.value = false; onChange() }) }
  return (
    <li>
      <div class='grow'><b>{channel.name}</b><p class='muted small'>{channel.kind}{channel.signed ? ', signed' : ''}{channel.ack_links ? ', with links that acknowledge' : ''} · <span class='mono'>{channel.url}</span></p></div>
      <StateOf channel={channel} />
      {isAdmin.value
        ? (
          <span class='row'>
            <button type='button' class='button small' disabled={isBusy.value} onClick={test}>Send a test</button>
            {channel.source === undefined
              ? (
                <>
                  <button type='button' class='button small' disabled={isBusy.value} onClick={() => change({ enabled: !channel.enabled })}>{channel.enabled ? 'Switch off' : 'Switch on'}</button>
                  <button type='button' class='button small' disabled={isBusy.value} onClick={() => change({ ack_links: !channel.ack_links })}>{channel.ack_links ? 'Leave links out' : 'Put links in'}</button>
                  <button type='button' class='button small danger' disabled={isBusy.value} onClick={() => { isRemoving.value = true }}>Remove</button>
                </>
                )
              : <span class='faint small'>set in {'setting' in channel.source ? channel.source.setting : `${channel.source.file}, line ${channel.source.line}`}</span>}
          </span>
          )
        : null}
      <ActionFault error={error.value} />
      {tested.value === undefined ? null : <TestResult test={tested.value} />}
      {isRemoving.value
        ? (
          <ConfirmDialog title={`Remove ${channel.name}`} keep='Keep it' action={action} onConfirm={remove} onClose={() => { isRemoving.value = false }}>
            <p class='muted'>What waits for it is given up. What it was told stays in the ledger.</p>
          </ConfirmDialog>
          )
        : null}
    </li>
  )
}

function StateOf ({ channel: { enabled, disabled_reason: reason, broken, failures } }: { channel: Channel }): JSX.Element {
  if (!enabled) return <Badge tone='calm'>Switched off{reason === null ? '' : `: ${reason}`}</Badge>
  if (broken) return <Badge tone='critical'>Broken, {failures} failures in a row</Badge>
  return failures > 0 ? <Badge tone='warning'>{failures} failures in a row</Badge> : <Badge tone='healthy'>Fine</Badge>
}

function TestResult ({ test: { request, attempt } }: { test: ChannelTest }): JSX.Element {
  return (
    <div class='note test' role='status'>
      <p><b>{attempt.result === 'delivered' ? 'Delivered' : 'Not delivered'}</b>{attempt.status === undefined ? '' : `, answered ${attempt.status}`} in {attempt.ms} ms{attempt.reason === undefined ? '' : `: ${attempt.reason}`}{attempt.detail === undefined ? '' : `, ${attempt.detail}`}</p>
      <details><summary>What was sent</summary><pre class='command'>{Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`).join('\n')}{'\n\n'}{request.body}</pre></details>
    </div>
  )
}

function NewChannelDialog ({ hasDefault, onClose, onDone }: { hasDefault: boolean, onClose: () => void, onDone: () => void }): JSX.Element {
  const { isBusy, error, run } = useAction()
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    const data = Object.fromEntries(new FormData(event.currentTarget))
    void run(async () => {
      const { secret, ack_links: ackLinks, ...rest } = data
      await call('POST', '/channels', { body: { ...rest, ack_links: ackLinks === 'on', ...secret === '' ? {} : { secret } } })
      onDone()
    })
  }
  return (
    <Dialog title='Add a channel' onClose={onClose}>
      <form class='stack' onSubmit={submit}>
        <label class='field'><span>Name</span><input class='input' name='name' maxLength={100} required defaultValue={hasDefault ? '' : 'default'} /></label>
        <label class='field'><span>Kind</span><select class='input' name='kind'>{CHANNEL_KINDS.map((kind) => <option key={kind}>{kind}</option>)}</select></label>
        <label class='field'><span>Address</span><input class='input mono' name='url' type='url' maxLength={2_048} required /></label>
        <label class='field'><span>Secret that signs, if the receiver checks it</span><input class='input mono' name='secret' autocomplete='off' maxLength={1_024} /></label>
        <label class='row'><input type='checkbox' name='ack_links' defaultChecked />Links that acknowledge, for whoever reads the channel</label>
        <ActionFault error={error.value} />
        <div class='row'><button type='submit' class='button primary' disabled={isBusy.value}>Add the channel</button><button type='button' class='button' onClick={onClose}>Cancel</button></div>
      </form>
    </Dialog>
  )
}
