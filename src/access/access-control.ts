import type { Level } from '../../schemas/event.ts'
import type { Access, Caller, Scope, TokenCaller, TokenStamp, UserCaller } from '../../schemas/token.ts'
import type { Role } from '../../schemas/user.ts'
import { ROLES, SCOPES } from '../../schemas/words.ts'
import type { Clock } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import { BriefCache } from './brief-cache.ts'
import { hashSecret, isSameHash, newId, newSecret } from '../core/secret-hash.ts'
import type { Acts } from '../store/hot/access/acts.ts'
import type { Store } from '../store/store.ts'
import type { TokenRecord } from '../store/hot/access/tokens.ts'

interface AccessParts {
  store: Store
  clock: Clock
  opsApiToken: string | undefined
  metricsToken: string | undefined
}

export interface NewToken {
  name: string
  scopes: readonly Scope[]
  /** ms since the epoch; null is never. */
  expiresAt: number | null
  stamp?: TokenStamp
  minLevel?: Level
  /** The name of who makes it. */
  createdBy?: string
}

const SECRET_PREFIX = 'bw_'
/** So much of a secret is kept to tell it by: 36 of its 256 bits. */
const TOLD_LETTERS = SECRET_PREFIX.length + 6
const OPS_TOKEN: TokenCaller = { kind: 'token', id: 'ops', tokenId: 'ops', name: 'OPS_API_TOKEN', scopes: ['ingest', 'read'] }
const METRICS_TOKEN: TokenCaller = { kind: 'token', id: 'metrics', tokenId: 'metrics', name: 'METRICS_TOKEN', scopes: ['metrics'] }
const HOW_TO_SEND = 'send it as "Authorization: Bearer <token>" or "X-Ops-Token: <token>", or sign in'

/** What each kind of access asks for: of a token one of the scopes, of a person the role. */
const NEEDS: Readonly<Record<Exclude<Access, 'open' | 'signed-in'>, { scopes: readonly Scope[], role: Role }>> = {
  read: { scopes: ['read'], role: 'viewer' },
  metrics: { scopes: ['metrics', 'read'], role: 'viewer' },
  ingest: { scopes: ['ingest'], role: 'operator' },
  operator: { scopes: [], role: 'operator' },
  admin: { scopes: [], role: 'admin' }
}

/** Knows who may do what. Secrets are compared and kept as SHA-256 only. */
export class AccessControl {
  readonly #store: Store
  readonly #clock: Clock
  /** Callers whose secrets are settings. */
  readonly #set: ReadonlyArray<{ digest: string, caller: TokenCaller }>
  readonly #tokens: BriefCache<TokenRecord>
  readonly #used = new Map<string, number>()

  constructor ({ store, clock, opsApiToken, metricsToken }: AccessParts) {
    this.#store = store
    this.#clock = clock
    this.#set = [{ secret: opsApiToken, caller: OPS_TOKEN }, { secret: metricsToken, caller: METRICS_TOKEN }]
      .flatMap(({ secret, caller }) => secret === undefined ? [] : [{ digest: hashSecret(secret), caller }])
    this.#tokens = new BriefCache(clock, (hash) => store.read('findToken', hash))
  }

  /** Tells whose API token this is; undefined for one that is unknown, revoked or expired. */
  async identify (secret: string): Promise<TokenCaller | undefined> {
    const digest = hashSecret(secret)
    const set = this.#set.find((known) => isSameHash(digest, known.digest))
    if (set !== undefined) return set.caller
    const token = await this.#tokens.get(digest)
    if (token === undefined || !isGood(token, this.#clock.now())) return undefined
    this.#used.set(token.id, this.#clock.now())
    return callerOf(token)
  }

  /** Says why this is nobody's API token. Whoever holds the secret of one that ended may hear that it did. */
  async whyNot (secret: string): Promise<string> {
    const token = await this.#tokens.get(hashSecret(secret))
    if (token === undefined) return `the token is not known here: ${HOW_TO_SEND}`
    return `the token ${token.revokedAt === null ? 'has expired' : 'was revoked'}: ask for a new one`
  }

  /** Throws `unauthorized` for nobody and `forbidden` for somebody without the scope or role. */
  authorise (caller: Caller | undefined, access: Access): void {
    if (access === 'open') return
    if (caller === undefined) throw new AppError('unauthorized', `${access === 'metrics' ? 'METRICS_TOKEN or a token with the scope metrics or read' : 'a token'} is needed: ${HOW_TO_SEND}`)
    const refusal = refusalOf(caller, access)
    if (refusal !== undefined) throw new AppError('forbidden', refusal)
  }

  /** Makes a token. The secret is in the answer and nowhere else. */
  async create (token: NewToken, actsOf: (record: TokenRecord) => Acts = () => ({})): Promise<{ id: string, secret: string, record: TokenRecord }> {
    const { record, secret } = newToken(token, this.#clock.now())
    await this.#store.write('insertToken', { ...record, ...actsOf(record) })
    return { id: record.id, secret, record }
  }

  /** Ends a token, here at once; false when no token that is still good has the id. */
  async revoke (id: string, acts: Acts = {}): Promise<boolean> {
    const isDone = await this.#store.write('revokeToken', { id, now: this.#clock.now(), ...acts })
    this.#tokens.forget()
    return isDone
  }

  async count (): Promise<number> {
    return (await this.#store.read('listTokens', undefined)).length
  }

  /** Writes down when tokens were last used; called now and then, not for each request. */
  async noteUses (): Promise<void> {
    const uses = Array.from(this.#used, ([id, at]) => ({ id, at }))
    this.#used.clear()
    if (uses.length > 0) await this.#store.write('touchTokens', uses)
  }
}

/** Makes the record of a token and its secret, for the service and for the command line alike. */
export function newToken ({ name, scopes, expiresAt, stamp = {}, minLevel, createdBy }: NewToken, now: number): { record: TokenRecord, secret: string } {
  const secret = newSecret(SECRET_PREFIX)
  const record: TokenRecord = {
    id: newId(),
    name,
    hash: hashSecret(secret),
    prefix: secret.slice(0, TOLD_LETTERS),
    createdBy: createdBy ?? null,
    scopes: [...scopes],
    service: stamp.service ?? null,
    env: stamp.env ?? null,
    minLevel: minLevel ?? null,
    createdAt: now,
    expiresAt,
    revokedAt: null,
    lastUsedAt: null
  }
  return { record, secret }
}

export function isScope (text: string): text is Scope {
  return SCOPES.some((scope) => scope === text)
}

/** What a person of this role may do, in the words of tokens. */
export function scopesOf (role: Role): Scope[] {
  return SCOPES.filter((scope) => isAtLeast(role, NEEDS[scope].role))
}

function isAtLeast (role: Role, wanted: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(wanted)
}

/** Says why somebody may not; undefined for one who may. */
export function refusalOf (caller: Caller, access: Exclude<Access, 'open'>): string | undefined {
  return caller.kind === 'user' ? refusePerson(caller, access) : refuseToken(caller, access)
}

function refusePerson ({ name, role }: UserCaller, access: Exclude<Access, 'open'>): string | undefined {
  if (access === 'signed-in' || isAtLeast(role, NEEDS[access].role)) return undefined
  return `"${name}" has the role ${role}; this needs ${NEEDS[access].role}`
}

function refuseToken ({ name, scopes }: TokenCaller, access: Exclude<Access, 'open'>): string | undefined {
  if (access === 'signed-in') return `the token "${name}" is no person; this is for those who signed in`
  const wanted = NEEDS[access].scopes
  if (scopes.includes('admin') || wanted.some((scope) => scopes.includes(scope))) return undefined
  return `the token "${name}" has the scopes ${scopes.join(', ')}; this needs ${wanted[0] ?? 'admin'}`
}

function callerOf ({ id, name, scopes, service, env, minLevel }: TokenRecord): TokenCaller {
  const stamp: TokenStamp = { ...(service === null ? {} : { service }), ...(env === null ? {} : { env }) }
  return {
    kind: 'token',
    id,
    tokenId: id,
    name,
    scopes: scopes.filter(isScope),
    ...(service === null && env === null ? {} : { stamp }),
    ...(minLevel === null ? {} : { minLevel })
  }
}

function isGood ({ revokedAt, expiresAt }: TokenRecord, now: number): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt > now)
}
