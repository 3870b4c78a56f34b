import type { Role } from '../../schemas/user.ts'
import { ROLES } from '../../schemas/words.ts'
import { askPassword } from './ask-password.ts'
import { auditRecord, COMMAND_LINE } from '../access/audit.ts'
import { systemClock } from '../core/clock.ts'
import { configOf, say, sayTable, timeCell, UsageError, type Flags } from './command.ts'
import { newUser, passwordFaults, usernameFaults, usernameKey } from '../access/credentials.ts'
import { refuseFaults } from '../core/faults.ts'
import { AppError } from '../core/errors.ts'
import { PasswordJudge } from '../access/password-judge.ts'
import { Passwords } from '../access/passwords.ts'
import { withActs } from '../store/hot/access/acts.ts'
import { withDatabase } from '../store/hot/offline.ts'
import { findUserByName, insertUser, listUsers, updateUser, type UserRecord, type UserUpdate } from '../store/hot/access/users.ts'

export async function addUser ({ role = 'viewer', ...flags }: Flags, words: string[]): Promise<number> {
  const username = readUsername(words, 'add')
  const granted = readRole(role)
  const { dataDir } = configOf(flags)
  const passwordHash = await askHash(username)
  const now = systemClock.now()
  const user = newUser({ username, role: granted, passwordHash }, now)
  const act = auditRecord({ action: 'user.create', actor: COMMAND_LINE, from: undefined, target: user.id, detail: { role: granted } }, now)
  await withDatabase(dataDir, (_db, connection) => withActs(insertUser)(connection, { user, entry: { kind: 'always' }, acts: [act] }))
  return say(`user "${user.username}" is made, with the role ${granted}`)
}

export async function printUsers (flags: Flags): Promise<number> {
  const users = await withDatabase(configOf(flags).dataDir, listUsers)
  return sayTable(['id', 'username', 'role', 'created', 'last login', 'disabled'], users.map(({ id, username, role, createdAt, lastLoginAt, disabledAt }) =>
    [id, username, role, timeCell(createdAt), timeCell(lastLoginAt), timeCell(disabledAt)]))
}

/** Sets a new password, for whoever lost it; all sessions of the user end. */
export async function setPassword (flags: Flags, words: string[]): Promise<number> {
  const username = readUsername(words, 'passwd')
  const { dataDir } = configOf(flags)
  const user = await findUser(dataDir, username)
  await change(dataDir, { id: user.id, passwordHash: await askHash(user.username) }, { password: 'reset' })
  return say(`user "${user.username}" has a new password${user.disabledAt === null ? '' : ', and is still disabled'}; all sessions end within a second`)
}

export async function disableUser (flags: Flags, words: string[]): Promise<number> {
  const username = readUsername(words, 'disable')
  const { dataDir } = configOf(flags)
  const user = await findUser(dataDir, username)
  await change(dataDir, { id: user.id, disabledAt: systemClock.now() }, { disabled: true })
  return say(`user "${user.username}" is disabled; all sessions end within a second`)
}

async function change (dataDir: string, update: UserUpdate, detail: { password: string } | { disabled: boolean }): Promise<void> {
  const act = auditRecord({ action: 'user.update', actor: COMMAND_LINE, from: undefined, target: update.id, detail }, systemClock.now())
  await withDatabase(dataDir, (_db, connection) => withActs(updateUser)(connection, { ...update, acts: [act] }))
}

async function findUser (dataDir: string, username: string): Promise<UserRecord> {
  const user = await withDatabase(dataDir, (db) => findUserByName(db, usernameKey(username)))
  if (user === undefined) throw new AppError('not_found', `no user is called "${username}" (see user list)`)
  return user
}

async function askHash (username: string): Promise<string> {
  const password = await askPassword(process.stdin, process.stderr)
  refuseFaults(passwordFaults(password, username, 'password'))
  const judge = new PasswordJudge()
  refuseFaults(await judge.faultsOf(password, username, 'password').finally(() => judge.close()))
  return new Passwords().hash(password)
}

function readUsername ([username]: string[], command: string): string {
  if (username === undefined) throw new UsageError(`say which user: bellwether user ${command} NAME`)
  const [fault] = usernameFaults(username)
  if (fault !== undefined) throw new UsageError(`"${username}" is no username: it ${fault.message}`)
  return username
}

function readRole (text: string): Role {
  const role = ROLES.find((name) => name === text)
  if (role === undefined) throw new UsageError(`--role takes one of ${ROLES.join(', ')}, got "${text}"`)
  return role
}
