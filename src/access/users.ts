import type { PasswordChange, Setup } from '../../schemas/session.ts'
import type { Requester, UserCaller } from '../../schemas/token.ts'
import type { NewUser, Person, Registration, Role, User, UserChange } from '../../schemas/user.ts'
import { refusalOf } from './access-control.ts'
import type { Audit } from './audit.ts'
import { type Clock, isoTime } from '../core/clock.ts'
import { newUser, passwordFaults, usernameFaults } from './credentials.ts'
import { refuseFaults } from '../core/faults.ts'
import { AppError } from '../core/errors.ts'
import type { PasswordJudge } from './password-judge.ts'
import type { Passwords } from './passwords.ts'
import { hashSecret, isSameHash, newSecret } from '../core/secret-hash.ts'
import type { Sessions } from './sessions.ts'
import type { Store } from '../store/store.ts'
import { notInvited, unknownUser, type Entry, type UserRecord } from '../store/hot/access/users.ts'

interface UsersParts {
  store: Store
  clock: Clock
  passwords: Passwords
  judge: PasswordJudge
  sessions: Sessions
  audit: Audit
  /** Lets somebody be the first from beyond loopback. */
  setupToken: string | undefined
}

/** Who registers. `isLocal`: from this machine, through no proxy. */
interface Registrant extends Requester {
  isLocal: boolean
}

const SETUP_PREFIX = 'bws_'

/** The users of the installation: who they are, what they may, and how they come in. */
export class Users {
  readonly #parts: UsersParts
  #setupHash: string | undefined

  constructor (parts: UsersParts) {
    this.#parts = parts
    this.#setupHash = parts.setupToken === undefined ? undefined : hashSecret(parts.setupToken)
  }

  /** Makes the secret that the first registration from beyond loopback needs; undefined when one is set or somebody is registered. */
  async offerSetupToken (): Promise<string | undefined> {
    if (this.#setupHash !== undefined || await this.#parts.store.read('hasUsers', undefined)) return undefined
    const secret = newSecret(SETUP_PREFIX)
    this.#setupHash = hashSecret(secret)
    return secret
  }

  /** Whether somebody is there, and what the first one needs. */
  async setup ({ isLocal }: Pick<Registrant, 'isLocal'>): Promise<Setup> {
    const registered = await this.#parts.store.read('hasUsers', undefined)
    return { registered, setup_token_needed: !registered && !isLocal }
  }

  /** Lets in the first user, those whom an admin registers, and those with an invitation; of strangers no password is judged. Throws `invalid`, `forbidden`, `conflict`. */
  async register ({ username, password, setup_token: token, role }: Registration, { caller, from, isLocal }: Registrant): Promise<Person> {
    if (caller !== undefined && refusalOf(caller, 'admin') === undefined) {
      return person(await this.create({ username, password, role: role ?? 'viewer' }, { caller, from }))
    }
    refuseFaults([...usernameFaults(username), ...passwordFaults(password, username)])
    const { store, audit } = this.#parts
    const { entry, role: granted } = await this.#entryOf(token, isLocal)
    if (role !== undefined && role !== granted) throw new AppError('forbidden', `the role will be ${granted}: only an admin gives another`)
    const user = await this.#make({ username, password, role: granted })
    const act = audit.recordOf({ action: 'user.register', actor: { kind: 'user', id: user.id, name: user.username }, from, target: user.id, detail: { role: granted, via: entry.kind } })
    await store.write('insertUser', { user, entry, acts: [act] })
    return person(user)
  }

  async list (): Promise<User[]> {
    return (await this.#parts.store.read('listUsers', undefined)).map(wireUser)
  }

  async get (id: string): Promise<User> {
    return wireUser(await this.#find(id))
  }

  /** Throws `invalid` for a name or password that will not do, `conflict` for a name that is taken. */
  async create ({ username, password, role }: NewUser, { caller, from }: Requester): Promise<User> {
    refuseFaults([...usernameFaults(username), ...passwordFaults(password, username)])
    const { store, audit } = this.#parts
    const user = await this.#make({ username, password, role })
    const act = audit.recordOf({ action: 'user.create', actor: caller, from, target: user.id, detail: { role } })
    await store.write('insertUser', { user, entry: { kind: 'always' }, acts: [act] })
    return wireUser(user)
  }

  /** Changes role, password or whether the user may sign in; all sessions end. Throws `conflict` for the last admin. */
  async change (id: string, { role, disabled, password }: UserChange, { caller, from }: Requester): Promise<User> {
    const { store, clock, sessions, audit } = this.#parts
    const { username } = await this.#find(id)
    const passwordHash = password === undefined ? undefined : await this.#hash(password, username)
    const change = { ...(role === undefined ? {} : { role }), ...(disabled === undefined ? {} : { disabled }) }
    const act = audit.recordOf({
      action: 'user.update', actor: caller, from, target: id, detail: { ...change, ...(password === undefined ? {} : { password: 'reset' }) }
    })
    const after = await store.write('updateUser', {
      id,
      ...(role === undefined ? {} : { role }),
      ...(disabled === undefined ? {} : { disabledAt: disabled ? clock.now() : null }),
      ...(passwordHash === undefined ? {} : { passwordHash }),
      acts: [act]
    })
    sessions.forget()
    return wireUser(after)
  }

  /** Throws `conflict` for the last admin. */
  async remove (id: string, { caller, from }: Requester): Promise<void> {
    const { store, sessions, audit } = this.#parts
    const { role } = await this.#find(id)
    await store.write('deleteUser', { id, acts: [audit.recordOf({ action: 'user.delete', actor: caller, from, target: id, detail: { role } })] })
    sessions.forget()
  }

  /** Changes one's own password; all other sessions end. Throws `forbidden` when the current one is wrong. */
  async changePassword ({ current, password }: PasswordChange, caller: UserCaller, from: string): Promise<void> {
    const { store, passwords, sessions, audit } = this.#parts
    const user = await this.#find(caller.id)
    if (!await passwords.isRight(current, user.passwordHash)) {
      await audit.record({ action: 'session.failed', actor: caller, from, target: user.id, detail: { reason: 'password change' } })
      throw new AppError('forbidden', 'the current password is wrong', { faults: [{ path: '/current', message: 'is wrong' }] })
    }
    const passwordHash = await this.#hash(password, user.username)
    const act = audit.recordOf({ action: 'user.password', actor: caller, from, target: user.id })
    await store.write('updateUser', { id: user.id, passwordHash, keepSession: caller.sessionId, acts: [act] })
    sessions.forget()
  }

  async #entryOf (token: string | undefined, isLocal: boolean): Promise<{ entry: Entry, role: Role }> {
    const { store, clock } = this.#parts
    const hash = token === undefined ? undefined : hashSecret(token)
    if (!await store.read('hasUsers', undefined)) {
      const knowsSecret = hash !== undefined && this.#setupHash !== undefined && isSameHash(hash, this.#setupHash)
      if (isLocal || knowsSecret) return { entry: { kind: 'first' }, role: 'admin' }
      throw new AppError('forbidden', 'the first user registers on the machine itself, at its loopback address, or with the setup token: SETUP_TOKEN, or what was printed at the start')
    }
    const invitation = hash === undefined ? undefined : await store.read('findInvitation', hash)
    if (invitation === undefined || invitation.expiresAt <= clock.now()) throw notInvited()
    return { entry: { kind: 'invitation', hash: invitation.hash, now: clock.now() }, role: invitation.role }
  }

  async #make ({ username, password, role }: NewUser): Promise<UserRecord> {
    return newUser({ username, role, passwordHash: await this.#hash(password, username) }, this.#parts.clock.now())
  }

  /** Throws `invalid` for a password that will not do. */
  async #hash (password: string, username: string): Promise<string> {
    refuseFaults(passwordFaults(password, username))
    refuseFaults(await this.#parts.judge.faultsOf(password, username))
    return this.#parts.passwords.hash(password)
  }

  async #find (id: string): Promise<UserRecord> {
    const user = await this.#parts.store.read('getUser', id)
    if (user === undefined) throw unknownUser(id)
    return user
  }
}

function person ({ id, username, role }: Person): Person {
  return { id, username, role }
}

function wireUser ({ id, username, role, disabledAt, createdAt, lastLoginAt, lastSeenAt }: UserRecord): User {
  return {
    id,
    username,
    role,
    disabled: disabledAt !== null,
    created_at: isoTime(createdAt),
    last_login_at: lastLoginAt === null ? null : isoTime(lastLoginAt),
    last_seen_at: lastSeenAt === null ? null : isoTime(lastSeenAt)
  }
}
