import type { JSX } from 'preact'
import { useSignal } from '@preact/signals'
import type { ApiToken, Scope } from '../../../schemas/token.ts'
import { SCOPES } from '../../../schemas/words.ts'
import { call, get } from '../../core/api.ts'
import { spanText } from '../../core/format.ts'
import { useAction, useResource } from '../../core/resource.ts'
import { now } from '../../core/times.ts'
import { Badge } from '../../ui/badge.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { ActionFault, Loaded, Panel } from '../../ui/panel.tsx'

const MAY: Readonly<Record<Scope, string>> = {
  ingest: 'send events and samples', read: 'read everything but users, tokens and secrets', metrics: 'read /metrics', admin: 'everything'
}

/** Tokens of programs: made here, shown once, revoked by name. */
export function Tokens (): JSX.Element {
  const tokens = useResource('tokens', async (signal) => (await get<{ tokens: ApiToken[] }>('/tokens', {}, { signal })).tokens)
  const isAdding = useSignal(false)
  return (
    <Panel title='API tokens' actions={<button type='button' class='button small' onClick={() => { isAdding.value = true }}><Icon name='plus' />Create</button>}>
      <Loaded of={tokens} what='the tokens' height={120}>
        {(all) => all.length === 0 ? <p class='muted'>There are none yet.</p> : <ul class='items'>{all.map((token) => <TokenRow key={token.id} token={token} onChange={tokens.refresh} />)}</ul>}
      </Loaded>
      {isAdding.value ? <NewToken onClose={() => { isAdding.value = false; tokens.refresh() }} /> : null}
    </Panel>
  )
}

function TokenRow ({ token, onChange }: { token: ApiToken, onChange: () => void }): JSX.Element {
  const isRevoking = useSignal(false)
  const typed = useSignal('')
  const action = useAction()
  const { run } = action
  const revoke = (): void => { void run(async () => { await call('DELETE', `/tokens/${token.id}`); isRevoking.value = false; onChange() }) }
  const used = token.last_used_at === null ? 'never used' : `used ${spanText(Math.max(now.value - Date.parse(token.last_used_at), 0))} ago`
  return (
    <li>
      <div class='grow'><b>{token.name}</b>{token.prefix === null ? null : <code class='faint'> {token.prefix}…</code>}<p class='muted small'>{token.scopes.join(', ')}{token.service === null ? '' : `, as ${token.service}`}{token.expires_at === null ? '' : `, until ${token.expires_at.slice(0, 10)}`}</p><p class='faint small'>made {token.created_at.slice(0, 10)}{token.created_by === null ? '' : ` by ${token.created_by}`}</p></div>
      <span class='muted'>{used}</span>
      {token.revoked_at === null ? <button type='button' class='button small danger' onClick={() => { isRevoking.value = true }}>Revoke</button> : <Badge tone='calm'>Revoked</Badge>}
      {isRevoking.value
        ? (
          <ConfirmDialog title={`Revoke ${token.name}`} keep='Keep it' action={action} isReady={typed.value === token.name} onConfirm={revoke} onClose={() => { isRevoking.value = false }}>
            <label class='field'><span>Whatever uses it is refused from now on. Type <b>{token.name}</b> to go on</span><input class='input' onInput={({ currentTarget }) => { typed.value = currentTarget.value }} /></label>
          </ConfirmDialog>
          )
        : null}
    </li>
  )
}

function NewToken ({ onClose }: { onClose: () => void }): JSX.Element {
  const { isBusy, error, run } = useAction()
  const secret = useSignal<string | undefined>(undefined)
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    const data = new FormData(event.currentTarget)
    void run(async () => { secret.value = (await call<ApiToken & { secret: string }>('POST', '/tokens', { body: { name: String(data.get('name')), scopes: data.getAll('scope') } })).secret })
  }
  if (secret.value !== undefined) return <Made secret={secret.value} onClose={onClose} />
  return (
    <Dialog title='Create a token' onClose={onClose}>
      <form class='stack' onSubmit={submit}>
        <label class='field'><span>Name</span><input class='input' name='name' maxLength={255} required /></label>
        <fieldset class='field'><legend class='muted small'>It may</legend>{SCOPES.map((scope) => <label key={scope} class='row'><input type='checkbox' name='scope' value={scope} defaultChecked={scope === 'ingest'} />{MAY[scope]}</label>)}</fieldset>
        <ActionFault error={error.value} />
        <div class='row'><button type='submit' class='button primary' disabled={isBusy.value}>Create the token</button><button type='button' class='button' onClick={onClose}>Cancel</button></div>
      </form>
    </Dialog>
  )
}

function Made ({ secret, onClose }: { secret: string, onClose: () => void }): JSX.Element {
  return (
    <Dialog title='The token is shown this once' onClose={onClose} isFirm>
      <pre class='command' tabIndex={0}>{secret}</pre>
      <div class='row'><CopyButton class='button primary' text={() => secret}>Copy</CopyButton><button type='button' class='button' onClick={onClose}>I have it</button></div>
    </Dialog>
  )
}
