import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import type { Setup } from '../../schemas/session.ts'
import { call } from '../core/api.ts'
import { enter } from '../core/enter.ts'
import { useAction } from '../core/resource.ts'
import { param, path } from '../core/router.ts'
import { setup, signIn, user } from '../core/session.ts'
import { Dialog } from '../ui/dialog.tsx'
import { ActionFault } from '../ui/panel.tsx'

const START = '/dashboard/start'
/** What is so for nearly everybody, when the service does not say. */
const PROBABLE: Setup = { registered: true, setup_token_needed: false }

/** Signs in, makes the first account, or takes an invitation: whatever there is to do. */
export function SignIn (): JSX.Element | null {
  const known = useSignal<Setup | undefined>(undefined)
  useEffect(() => { setup().then((answer) => { known.value = answer }, () => { known.value = PROBABLE }) }, [])
  const invitation = new URLSearchParams(location.hash.slice(1)).get('invitation') ?? undefined
  const isFirst = known.value?.registered === false
  const isRegistering = isFirst || invitation !== undefined
  const heading = isFirst ? 'Make the first account' : invitation === undefined ? 'Sign in' : 'Take your invitation'
  useEffect(() => { document.title = `${heading} · Bellwether` }, [heading])
  // A form that becomes another one takes away what was typed meanwhile.
  if (known.value === undefined) return null
  return (
    <main class='gate'>
      <section class='panel stack'>
        <div><h1>{heading}</h1><p class='muted'>{isFirst ? 'Whoever is first here is the admin, and invites the others.' : 'to Bellwether at ' + location.host}</p></div>
        {isRegistering
          ? <Credentials key='register' isNew needsToken={known.value.setup_token_needed} token={invitation} done={() => enter(isFirst ? START : param('next'))} />
          : <Credentials key='sign-in' done={() => enter(path.value === START ? '/dashboard' : param('next'))} />}
      </section>
    </main>
  )
}

/** Over the page when the session has ended: after it, the page goes on where it was. */
export function SignInDialog (): JSX.Element {
  return (
    <Dialog title='Your session ended' isFirm onClose={() => {}}>
      <p class='muted'>Sign in, and go on where you were.</p>
      <Credentials username={user.value?.username ?? ''} done={() => {}} />
    </Dialog>
  )
}

interface CredentialsProps {
  isNew?: boolean
  needsToken?: boolean
  token?: string | undefined
  username?: string
  done: () => void
}

function Credentials ({ isNew = false, needsToken = false, token, username = '', done }: CredentialsProps): JSX.Element {
  const { isBusy, error, run } = useAction()
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    const data = new FormData(event.currentTarget)
    const given = { username: String(data.get('username')), password: String(data.get('password')) }
    const setupToken = token ?? String(data.get('setup_token') ?? '')
    void run(async () => {
      if (isNew) await call('POST', '/api/register', { body: { ...given, ...setupToken === '' ? {} : { setup_token: setupToken } }, isQuiet: true })
      await signIn(given.username, given.password)
      done()
    })
  }
  return (
    <form class='stack' onSubmit={submit}>
      <label class='field'><span>Name</span><input class='input' name='username' autocomplete='username' defaultValue={username} required autofocus={username === ''} /></label>
      <label class='field'>
        <span>Password</span>
        <input class='input' name='password' type='password' autocomplete={isNew ? 'new-password' : 'current-password'} minLength={isNew ? 12 : undefined} required autofocus={username !== ''} />
        {isNew ? <span class='faint small'>12 characters or more</span> : null}
      </label>
      {needsToken ? <label class='field'><span>Setup token</span><input class='input mono' name='setup_token' autocomplete='off' required /><span class='faint small'>SETUP_TOKEN, or what the service printed when it started</span></label> : null}
      <ActionFault error={error.value} />
      <button type='submit' class='button primary' disabled={isBusy.value}>{isNew ? 'Make the account' : 'Sign in'}</button>
    </form>
  )
}
