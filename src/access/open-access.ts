import type { Clock } from '../core/clock.ts'
import type { ClosingStack } from '../core/closing-stack.ts'
import type { Store } from '../store/store.ts'
import { AccessControl } from './access-control.ts'
import { ApiTokens } from './api-tokens.ts'
import { Audit } from './audit.ts'
import { Invitations } from './invitations.ts'
import { PasswordJudge } from './password-judge.ts'
import { Passwords } from './passwords.ts'
import { Sessions } from './sessions.ts'
import { SignInLimiter } from './sign-in-limiter.ts'
import { TokenGuessLimiter } from './token-guess-limiter.ts'
import { Users } from './users.ts'

interface Parts {
  store: Store
  clock: Clock
  config: { opsApiToken: string | undefined, metricsToken: string | undefined, setupToken: string | undefined }
  closing: ClosingStack
}

/** Who may do what, and what they did. */
export interface People {
  access: AccessControl
  audit: Audit
  invitations: Invitations
  sessions: Sessions
  signInLimiter: SignInLimiter
  tokenGuessLimiter: TokenGuessLimiter
  tokens: ApiTokens
  users: Users
}

export function openAccess ({ store, clock, config, closing }: Parts): People {
  const { opsApiToken, metricsToken, setupToken } = config
  const audit = new Audit({ store, clock })
  const access = new AccessControl({ store, clock, opsApiToken, metricsToken })
  const passwords = new Passwords()
  const sessions = new Sessions({ store, clock, passwords, audit })
  return {
    access,
    audit,
    invitations: new Invitations({ store, clock, audit }),
    sessions,
    signInLimiter: new SignInLimiter(clock),
    tokenGuessLimiter: new TokenGuessLimiter(clock),
    tokens: new ApiTokens({ store, clock, access, audit }),
    users: new Users({ store, clock, passwords, judge: closing.keep(new PasswordJudge()), sessions, audit, setupToken })
  }
}
