import { useEffect } from 'preact/hooks'
import type { JSX } from 'preact'
import { effect, useSignal } from '@preact/signals'
import { type ApiError, isSignedOut } from '../core/api.ts'
import { openAlerts } from '../core/firing.ts'
import { go, hrefOf, path } from '../core/router.ts'
import { loadUser, setup, user } from '../core/session.ts'
import { asApiError } from '../core/resource.ts'
import { startLive } from '../stream/live.ts'
import { SignIn, SignInDialog } from '../pages/sign-in.tsx'
import { Failure } from '../ui/panel.tsx'
import { Shell } from './shell.tsx'

const LOGIN = '/dashboard/login'
const START = '/dashboard/start'
const OVERVIEW = '/dashboard'
/** An overview that takes longer is not waited for. */
const LATE_MS = 1_500

/** Who is nobody signs in, or makes the first account; everybody else gets the page. */
export function App (): JSX.Element | null {
  const fault = useSignal<ApiError | undefined>(undefined)
  const begin = (): void => {
    fault.value = undefined
    settle().catch((error: unknown) => { fault.value = asApiError(error) })
  }
  useEffect(begin, [])
  if (fault.value !== undefined) return <div class='gate'><Failure error={fault.value} what='who is signed in' retry={begin} /></div>
  if (user.value === undefined) return null
  if (user.value === null) return <SignIn />
  return (
    <>
      <Shell />
      {isSignedOut.value ? <SignInDialog /> : null}
    </>
  )
}

/** Has the overview's first answer be drawn before the stream is opened: the verdict waits for nothing that it does not need. */
async function followSoon (): Promise<void> {
  if (path.value === OVERVIEW) {
    await new Promise<void>((resolve) => {
      setTimeout(resolve, LATE_MS)
      effect(() => { if (openAlerts.value !== undefined) requestAnimationFrame(() => setTimeout(resolve)) })
    })
  }
  startLive()
}

async function settle (): Promise<void> {
  await loadUser()
  if (user.value !== null) {
    if (path.value === LOGIN) go('/dashboard', { replace: true })
    return followSoon()
  }
  if (!(await setup()).registered) return go(START, { replace: true })
  if (path.value !== LOGIN) go(hrefOf(LOGIN, { next: location.pathname + location.search }), { replace: true })
}
