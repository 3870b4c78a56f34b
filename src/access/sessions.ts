import type { Login, Session } from '../../schemas/session.ts'
import type { Requester, UserCaller } from '../../schemas/token.ts'
import type { Person } from '../../schemas/user.ts'
import { scopesOf } from './access-control.ts'
import type { Audit } from './audit.ts'
import { type Clock, isoTime } from '../core/clock.ts'
import { usernameKey } from './credentials.ts'
import { AppError } from '../core/errors.ts'
import { BriefCache } from './brief-cache.ts'
import { isOutdated, type Passwords } from './passwords.ts'
import { hashSecret, newId, newSecret } from '../core/secret-hash.ts'
import { wrongCredentials, type SessionRecord } from '../store/hot/access/sessions.ts'
import type { Store } from '../store/store.ts'
import type { UserRecord } from '../store/hot/access/users.ts'

/** What a session token says: which session, of whom, and how often the user's sessions had been ended when it began. */
export interface SessionClaims {
  userId: string
  sessionId: string
  version: number
}

/** What one who signed in or refreshed goes away with. */
export interface Granted {
  claims: SessionClaims
  refreshToken: string
  user: Person
}

interface SessionsParts {
  store: Store
  clock: Clock
  passwords: Passwords
  audit: Audit
}

const DAY_MS = 86_400_000
/** Counted from the sign-in, however often it is refreshed. */
const SESSION_MS = 30 * DAY_MS
/** After so long without a request the cookie is no longer taken. */
const COOKIE_IDLE_MS = DAY_MS / 2
/** Uses are noted no more often than this. */
const NOTE_EVERY_MS = 60_000
const COOKIE_PREFIX = 'bwc_'
const REFRESH_TOKEN = /^bwr_([0-9a-f]{32})_[\w-]{43}$/

/**
 * Who is signed in. A session is one row of the store: its cookie, its refresh token and its session tokens are good as long as
 * the row is there, so that ending it ends them all.
 */
export class Sessions {
  readonly #parts: SessionsParts
  readonly #byId: BriefCache<SessionRecord>
  readonly #byCookie: BriefCache<SessionRecord>
  readonly #used = new Map<string, number>()

  constructor (parts: SessionsParts) {
    this.#parts = parts
    const { store, clock } = parts
    this.#byId = new BriefCache(clock, (id) => store.read('findSession', id))
    this.#byCookie = new BriefCache(clock, (hash) => store.read('findSessionByCookie', hash))
  }

  /** Throws `unauthorized`, with the same words after the same time whether or not the user exists. */
  async login ({ username, password }: Login, from: string): Promise<Granted & { cookie: string }> {
    const { store, passwords, audit } = this.#parts
    const user = await store.read('findUserByName', usernameKey(username))
    const isRight = await passwords.isRight(password, user?.passwordHash)
    if (user === undefined || !isRight || user.disabledAt !== null) {
      // What was typed as a name is not written down when nobody has it: it may be a password.
      await audit.record({ action: 'session.failed', actor: undefined, from, ...(user === undefined ? {} : { target: user.id }) })
      throw wrongCredentials()
    }
    const granted = await this.#begin(user, from)
    if (await isOutdated(user.passwordHash)) await store.write('replaceHash', { id: user.id, from: user.passwordHash, to: await passwords.hash(password) })
    return granted
  }

  /** Exchanges a refresh token for a new one. One that was used before ends its session. Throws `unauthorized`. */
  async refresh (refreshToken: string, from: string): Promise<Granted> {
    const id = REFRESH_TOKEN.exec(refreshToken)?.[1]
    const { store, clock, audit } = this.#parts
    const session = id === undefined ? undefined : await store.read('findSession', id)
    if (session === undefined || clock.now() >= session.expiresAt) throw badRefreshToken()
    const next = newRefreshToken(session.id)
    const outcome = await store.write('rotateSession', { id: session.id, from: hashSecret(refreshToken), to: hashSecret(next), now: clock.now() })
    if (outcome === 'reused') {
      this.forget()
      await audit.record({ action: 'session.refresh_reused', actor: { kind: 'user', id: session.userId, name: session.username }, from, detail: { session: session.id } })
    }
    if (outcome !== 'rotated') throw badRefreshToken()
    return { claims: claimsOf(session), refreshToken: next, user: { id: session.userId, username: session.username, role: session.role } }
  }

  async logout (caller: UserCaller, from: string): Promise<void> {
    const { store, audit } = this.#parts
    const { sessionId: id } = caller
    await store.write('deleteSession', { id, acts: [audit.recordOf({ action: 'session.logout', actor: caller, from, detail: { session: id } })] })
    this.forget()
  }

  /** The sign-ins of a user that are good. */
  async list (userId: string, { caller }: Pick<Requester, 'caller'>): Promise<Session[]> {
    const { store, clock } = this.#parts
    const own = caller?.kind === 'user' ? caller.sessionId : undefined
    return (await store.read('listSessions', { userId, now: clock.now() })).map(({ id, createdAt, lastUsedAt, expiresAt, address }) => ({
      id, created_at: isoTime(createdAt), last_used_at: isoTime(lastUsedAt), expires_at: isoTime(expiresAt), address, current: id === own
    }))
  }

  /** Ends one sign-in of a user. Throws `not_found` when there is no such one. */
  async end (userId: string, id: string, { caller: actor, from }: Requester): Promise<void> {
    const { store, audit } = this.#parts
    const act = audit.recordOf({ action: 'session.end', actor, from, target: userId, detail: { session: id } })
    if (!await store.write('endSessions', { userId, id, acts: [act] })) throw new AppError('not_found', `no session of this user has the id ${JSON.stringify(id)}`)
    this.forget()
  }

  /** Ends all sign-ins of a user; the one that asks for it goes on. */
  async endAll (userId: string, { caller: actor, from }: Requester): Promise<void> {
    const { store, audit } = this.#parts
    const act = audit.recordOf({ action: 'session.end', actor, from, target: userId, detail: { session: 'all' } })
    await store.write('endSessions', { userId, ...actor?.kind === 'user' ? { except: actor.sessionId } : {}, acts: [act] })
    this.forget()
  }

  /** Tells whose session token this is; the claims are those of a token whose signature is right. */
  async identify ({ sessionId, userId, version }: SessionClaims): Promise<UserCaller | undefined> {
    const session = await this.#byId.get(sessionId)
    if (session?.userId !== userId || session.version !== version) return undefined
    return this.#callerOf(session)
  }

  /** Tells whose cookie this is. */
  async identifyCookie (cookie: string): Promise<UserCaller | undefined> {
    const session = await this.#byCookie.get(hashSecret(cookie))
    if (session === undefined || this.#parts.clock.now() - session.lastUsedAt >= COOKIE_IDLE_MS) return undefined
    return this.#callerOf(session)
  }

  /** Lets sessions that ended here be refused at once. */
  forget (): void {
    this.#byId.forget()
    this.#byCookie.forget()
  }

  /** Writes down when sessions were last used; called now and then, not for each request. */
  async noteUses (): Promise<void> {
    const uses = Array.from(this.#used, ([id, at]) => ({ id, at }))
    this.#used.clear()
    if (uses.length > 0) await this.#parts.store.write('touchSessions', uses)
  }

  async #begin ({ id: userId, version, username, role }: UserRecord, from: string): Promise<Granted & { cookie: string }> {
    const { store, clock, audit } = this.#parts
    const now = clock.now()
    const id = newId()
    const cookie = newSecret(COOKIE_PREFIX)
    const refreshToken = newRefreshToken(id)
    const act = audit.recordOf({ action: 'session.login', actor: { kind: 'user', id: userId, name: username }, from, detail: { session: id } })
    await store.write('insertSession', {
      id, userId, version, cookieHash: hashSecret(cookie), refreshHash: hashSecret(refreshToken), address: from, now, expiresAt: now + SESSION_MS, acts: [act]
    })
    return { claims: { userId, sessionId: id, version }, refreshToken, cookie, user: { id: userId, username, role } }
  }

  #callerOf ({ id: sessionId, userId, username, role, expiresAt, lastUsedAt }: SessionRecord): UserCaller | undefined {
    const now = this.#parts.clock.now()
    if (now >= expiresAt) return undefined
    if (now - lastUsedAt >= NOTE_EVERY_MS) this.#used.set(sessionId, now)
    return { kind: 'user', id: userId, tokenId: `user:${userId}`, name: username, scopes: scopesOf(role), role, sessionId }
  }
}

function claimsOf ({ id: sessionId, userId, version }: SessionRecord): SessionClaims {
  return { sessionId, userId, version }
}

/** Names its session, so that one that was used before can be told from one that never was. */
function newRefreshToken (sessionId: string): string {
  return newSecret(`bwr_${sessionId}_`)
}

function badRefreshToken (): AppError {
  return new AppError('unauthorized', 'this refresh token is not good or was used before: sign in again')
}
