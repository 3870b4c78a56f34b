import type { JSX } from 'preact'
import type { Session } from '../../../schemas/session.ts'
import { call, get } from '../../core/api.ts'
import { countText, spanText } from '../../core/format.ts'
import { useAction, useResource } from '../../core/resource.ts'
import { clockText, now } from '../../core/times.ts'
import { Badge } from '../../ui/badge.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ActionFault, Loaded, Panel } from '../../ui/panel.tsx'

const OWN = '/api/me/sessions'

/** Where a user is signed in, for admins; of oneself by one's own right. */
export function SessionsDialog ({ user: { id, username }, isSelf, onClose }: { user: { id: string, username: string }, isSelf: boolean, onClose: () => void }): JSX.Element {
  return (
    <Dialog title={`Sessions of ${username}`} onClose={onClose}>
      <SessionItems path={isSelf ? OWN : `/users/${id}/sessions`} />
      <button type='button' class='button' onClick={onClose}>Close the sessions</button>
    </Dialog>
  )
}

/** Where one is signed in oneself. */
export function OwnSessions (): JSX.Element {
  return <Panel title='Your sessions'><SessionItems path={OWN} /></Panel>
}

function SessionItems ({ path }: { path: string }): JSX.Element {
  const sessions = useResource(path, async (signal) => (await get<{ sessions: Session[] }>(path, {}, { signal })).sessions)
  const { isBusy, error, run } = useAction()
  const end = (url: string): void => { void run(async () => { await call('DELETE', url); sessions.refresh() }) }
  return (
    <Loaded of={sessions} what='the sessions' height={120}>
      {(all) => {
        const others = all.filter(({ current }) => !current).length
        return (
          <>
            {all.length === 0 ? <p class='muted'>Not signed in anywhere.</p> : <ul class='items'>{all.map((one) => <SessionItem key={one.id} session={one} isBusy={isBusy.value} onEnd={() => end(`${path}/${one.id}`)} />)}</ul>}
            {others === 0 ? null : <p><button type='button' class='button danger small' disabled={isBusy.value} onClick={() => end(path)}>{path === OWN ? `Sign out of ${countText(others)} ${others === 1 ? 'other' : 'others'}` : `Sign out of all ${countText(others)}`}</button></p>}
            <ActionFault error={error.value} />
          </>
        )
      }}
    </Loaded>
  )
}

function SessionItem ({ session: { address, created_at: began, last_used_at: used, current }, isBusy, onEnd }: { session: Session, isBusy: boolean, onEnd: () => void }): JSX.Element {
  return (
    <li>
      <div class='grow'>
        <b>{address ?? 'address not kept'}</b>
        <p class='muted small'>since {clockText(Date.parse(began))}, used {spanText(Math.max(now.value - Date.parse(used), 0))} ago</p>
      </div>
      {current ? <Badge tone='healthy'>This one</Badge> : <button type='button' class='button small' disabled={isBusy} aria-label={`Sign out of the session from ${address ?? 'an address that was not kept'}, since ${clockText(Date.parse(began))}`} onClick={onEnd}>Sign out</button>}
    </li>
  )
}
