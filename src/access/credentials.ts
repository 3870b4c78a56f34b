import type { Role } from '../../schemas/user.ts'
import type { Fault } from '../core/errors.ts'
import { newId } from '../core/secret-hash.ts'
import { normalPassword } from './passwords.ts'
import type { UserRecord } from '../store/hot/access/users.ts'

const LEAST_LENGTH = 12
const MOST_LENGTH = 128

/** A username as it is kept: full-width letters and the like become the plain ones. */
function normalUsername (text: string): string {
  return text.normalize('NFKC')
}

/** What usernames are compared by. */
export function usernameKey (text: string): string {
  return normalUsername(text).toLowerCase()
}

/** Says why a text is no username. */
export function usernameFaults (username: string): Fault[] {
  if (/^[a-zA-Z0-9._@-]{2,64}$/.test(normalUsername(username))) return []
  return [{ path: '/username', message: 'must be 2 to 64 of a-z, A-Z, 0-9, ".", "_", "@" and "-"' }]
}

/**
 * Says why a text is no password, at the path where it was sent. It asks for length, not for kinds of characters (NIST SP 800-63B);
 * whether one is easily guessed is for `PasswordJudge`.
 */
export function passwordFaults (password: string, username: string, path = '/password'): Fault[] {
  const { length } = [...normalPassword(password)]
  if (!password.isWellFormed()) return [{ path, message: 'must be well-formed Unicode' }]
  if (length < LEAST_LENGTH || length > MOST_LENGTH) return [{ path, message: `must be ${LEAST_LENGTH} to ${MOST_LENGTH} characters, got ${length}` }]
  if (usernameKey(password) === usernameKey(username)) return [{ path, message: 'must not be the username' }]
  return []
}

/** Makes the record of a user, for the service and for the command line alike. */
export function newUser ({ username, role, passwordHash }: { username: string, role: Role, passwordHash: string }, now: number): UserRecord {
  return {
    id: newId(),
    username: normalUsername(username),
    usernameKey: usernameKey(username),
    passwordHash,
    role,
    version: 1,
    createdAt: now,
    disabledAt: null,
    lastLoginAt: null,
    lastSeenAt: null
  }
}
