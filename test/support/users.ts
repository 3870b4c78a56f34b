import type { Test } from 'tap'
import { Audit } from '../../src/access/audit.ts'
import { Invitations } from '../../src/access/invitations.ts'
import { PasswordJudge } from '../../src/access/password-judge.ts'
import { Passwords } from '../../src/access/passwords.ts'
import { Users } from '../../src/access/users.ts'
import { Sessions } from '../../src/access/sessions.ts'
import { buildStore } from '../helper.ts'

export const PASSWORD = 'correct horse and so on'
export const START = Date.UTC(2026, 0, 1)
export const NOBODY = { caller: undefined, from: '192.0.2.1' }

/** Everything that knows people, over a store of its own, on a clock that the test turns. */
export async function userParts (t: Test, setupToken?: string) {
  const { store, file } = await buildStore(t)
  const clock = { time: START, now: () => clock.time }
  const audit = new Audit({ store, clock })
  const passwords = new Passwords()
  const sessions = new Sessions({ store, clock, passwords, audit })
  const judge = new PasswordJudge()
  t.teardown(() => judge.close())
  const users = new Users({ store, clock, passwords, judge, sessions, audit, setupToken })
  const invitations = new Invitations({ store, clock, audit })
  const actions = async () => (await audit.list({ limit: 1000 })).entries.map(({ action }) => action).reverse()
  return { store, file, clock, audit, sessions, users, invitations, actions }
}
