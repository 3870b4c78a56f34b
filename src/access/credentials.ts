import type { Role } from '../../schemas/user.ts'
import type { Fault } from '../core/errors.ts'
import { newId } from '../core/secret-hash.ts'
import type { UserRecord } from '../store/hot/access/users.ts'

const LEAST_LENGTH = 12
const MOST_LENGTH = 128

/** What people take when twelve characters are asked for. Compared without case, blanks and signs. */
const COMMON = new Set([
  '123456789012', '1234567890123', '12345678901234', '123456123456', '111111111111', '000000000000', '121212121212', '123123123123',
  'aaaaaaaaaaaa', 'abcdefghijkl', 'abcdefghijklm', 'abcdefghijklmnop', 'abcd12345678', 'abc123abc123', 'abcdef123456', 'administrator',
  'adminadminadmin', 'adminpassword', 'administrator1', 'asdfghjklasdfghjkl', 'asdfasdfasdf', 'bellwether12', 'bellwether123', 'bellwetherbellwether',
  'changeme1234', 'changemechangeme', 'changemenow1', 'correcthorsebatterystaple', 'defaultpassword', 'iloveyou1234', 'iloveyouiloveyou', 'letmeinletmein',
  'letmein12345', 'mypassword12', 'mypassword123', 'passw0rdpassw0rd', 'password1234', 'password12345', 'password123456', 'passwordpassword', 'password1password1',
  'p4ssw0rd1234', 'qwerty123456', 'qwertyqwerty', 'qwertyuiop12', 'qwertyuiop123', 'qwertyuiopasdfghjkl', 'qwertyuiopas', '1q2w3e4r5t6y', '1qaz2wsx3edc',
  'qazwsxedcrfv', 'secretsecret', 'secretpassword', 'supersecret1', 'temppassword', 'testpassword', 'testtesttest', 'welcome12345', 'welcomewelcome', 'zxcvbnmzxcvbnm'
])

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

/** Says why a text is no password, at the path where it was sent. It asks for length, not for kinds of characters (NIST SP 800-63B). */
export function passwordFaults (password: string, username: string, path = '/password'): Fault[] {
  const { length } = [...password.normalize('NFKC')]
  if (!password.isWellFormed()) return [{ path, message: 'must be well-formed Unicode' }]
  if (length < LEAST_LENGTH || length > MOST_LENGTH) return [{ path, message: `must be ${LEAST_LENGTH} to ${MOST_LENGTH} characters, got ${length}` }]
  if (usernameKey(password) === usernameKey(username)) return [{ path, message: 'must not be the username' }]
  if (COMMON.has(password.toLowerCase().replace(/[\s._!-]/g, ''))) return [{ path, message: 'is one of the most common: take another' }]
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
    lastLoginAt: null
  }
}
