import type { JSX } from 'preact'
import { useSignal } from '@preact/signals'
import type { Invitation, Role, User } from '../../../schemas/user.ts'
import { ROLES } from '../../../schemas/words.ts'
import { call, get } from '../../core/api.ts'
import { spanText } from '../../core/format.ts'
import { useAction, useResource } from '../../core/resource.ts'
import { user as self } from '../../core/session.ts'
import { now } from '../../core/times.ts'
import { Badge } from '../../ui/badge.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { ActionFault, Loaded, Panel } from '../../ui/panel.tsx'
import { SessionsDialog } from './sessions.tsx'

/** Who may sign in, and as what. */
export function Users (): JSX.Element {
  const users = useResource('users', async (signal) => (await get<{ users: User[] }>('/users', {}, { signal })).users)
  const isInviting = useSignal(false)
  return (
    <Panel title='Users' actions={<button type='button' class='button small' onClick={() => { isInviting.value = true }}><Icon name='plus' />Invite</button>}>
      <Loaded of={users} what='the users' height={120}>{(all) => <ul class='items'>{all.map((one) => <UserRow key={one.id} user={one} onChange={users.refresh} />)}</ul>}</Loaded>
      {isInviting.value ? <Invite onClose={() => { isInviting.value = false }} /> : null}
    </Panel>
  )
}

function UserRow ({ user, onChange }: { user: User, onChange: () => void }): JSX.Element {
  const action = useAction()
  const { isBusy, error, run } = action
  const isRemoving = useSignal(false)
  const isOpen = useSignal(false)
  const change = (body: Partial<Pick<User, 'role' | 'disabled'>>): void => { void run(async () => { await call('PATCH', `/users/${user.id}`, { body }); onChange() }) }
  const remove = (): void => { void run(async () => { await call('DELETE', `/users/${user.id}`); isRemoving.value = false; onChange() }) }
  const isSelf = user.id === self.value?.id
  return (
    <li>
      <div class='grow'><b>{user.username}</b>{isSelf ? <span class='faint'> you</span> : null}<p class='muted small'>{seenText(user)}</p></div>
      {user.disabled ? <Badge tone='calm'>Disabled</Badge> : null}
      <select class='input narrow' aria-label={`Role of ${user.username}`} value={user.role} disabled={isBusy.value || isSelf} onChange={({ currentTarget }) => change({ role: ROLES.find((role) => role === currentTarget.value) ?? user.role })}>
        {ROLES.map((role) => <option key={role}>{role}</option>)}
      </select>
      <button type='button' class='button small' aria-label={`Sessions of ${user.username}`} onClick={() => { isOpen.value = true }}>Sessions</button>
      {isOpen.value ? <SessionsDialog user={user} isSelf={isSelf} onClose={() => { isOpen.value = false; onChange() }} /> : null}
      {isSelf
        ? null
        : (
          <>
            <button type='button' class='button small' disabled={isBusy.value} onClick={() => change({ disabled: !user.disabled })}>{user.disabled ? 'Enable' : 'Disable'}</button>
            <button type='button' class='button small danger' disabled={isBusy.value} onClick={() => { isRemoving.value = true }}>Remove</button>
          </>
          )}
      <ActionFault error={error.value} />
      {isRemoving.value
        ? (
          <ConfirmDialog title={`Remove ${user.username}`} keep='Keep the account' action={action} onConfirm={remove} onClose={() => { isRemoving.value = false }}>
            <p class='muted'>All sessions end. What they did stays in the audit.</p>
          </ConfirmDialog>
          )
        : null}
    </li>
  )
}

function seenText ({ last_login_at: signedIn, last_seen_at: seen }: User): string {
  const at = seen ?? signedIn
  return at === null ? 'never signed in' : `seen ${spanText(Math.max(now.value - Date.parse(at), 0))} ago`
}

/** Makes a link that lets one person register. */
function Invite ({ onClose }: { onClose: () => void }): JSX.Element {
  const { isBusy, error, run } = useAction()
  const role = useSignal<Role>('viewer')
  const link = useSignal<string | undefined>(undefined)
  const invite = (): void => {
    void run(async () => {
      const { setup_token: token } = await call<Invitation & { setup_token: string }>('POST', '/invitations', { body: { role: role.value } })
      link.value = `${location.origin}/dashboard/login#invitation=${encodeURIComponent(token)}`
    })
  }
  return (
    <Dialog title='Invite somebody' onClose={onClose}>
      {link.value === undefined
        ? (
          <>
            <label class='field'><span>Role</span><select class='input' onChange={({ currentTarget }) => { role.value = ROLES.find((one) => one === currentTarget.value) ?? 'viewer' }}>{ROLES.map((one) => <option key={one}>{one}</option>)}</select></label>
            <ActionFault error={error.value} />
            <div class='row'><button type='button' class='button primary' disabled={isBusy.value} onClick={invite}>Make a link</button><button type='button' class='button' onClick={onClose}>Cancel</button></div>
          </>
          )
        : (
          <>
            <p class='muted'>Whoever opens it within a week registers once, as {role.value}. It is shown this once.</p>
            <pre class='command' tabIndex={0}>{link.value}</pre>
            <button type='button' class='button' onClick={onClose}>I have it</button>
          </>
          )}
    </Dialog>
  )
}
