import { startLive } from '../stream/live.ts'
import { go } from './router.ts'

/** Goes on to where somebody wanted to be before signing in; only to places of this service. */
export function enter (next: string | undefined): void {
  startLive()
  const target = URL.parse(next ?? '/dashboard', location.origin)
  if (target === null || target.origin !== location.origin) return go('/dashboard', { replace: true })
  if (target.pathname.startsWith('/dashboard')) go(target.pathname + target.search, { replace: true })
  else location.replace(target.pathname + target.search)
}
