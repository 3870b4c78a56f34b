import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { SCOPES, type Access, type Caller, type Scope } from '../schemas/token.ts'
import type { Clock } from './clock.ts'
import { AppError } from './errors.ts'
import type { Store } from './store/store.ts'
import type { TokenRecord } from './store/tokens.ts'

interface Known {
  token: TokenRecord | undefined
  readAt: number
}

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
}

const SECRET_BYTES = 32
const SECRET_PREFIX = 'bw_'
/** A revoked token is refused within this time; a look-up costs one read of the store. */
const KNOWN_FOR_MS = 500
const MOST_KNOWN = 1_000
const OPS_TOKEN: Caller = { tokenId: 'ops', name: 'OPS_API_TOKEN', scopes: ['ingest', 'read'] }
const METRICS_TOKEN: Caller = { tokenId: 'metrics', name: 'METRICS_TOKEN', scopes: ['metrics'] }
const HOW_TO_SEND = 'send it as "Authorization: Bearer <token>" or "X-Ops-Token: <token>"'

/** Knows who may do what. Secrets are compared and kept as SHA-256 only. */
export class AccessControl {
  readonly #store: Store
  readonly #clock: Clock
  /** Callers whose secrets are settings. */
  readonly #set: ReadonlyArray<{ digest: string, caller: Caller }>
  readonly #known = new Map<string, Known>()
  readonly #used = new Map<string, number>()

  constructor ({ store, clock, opsApiToken, metricsToken }: AccessParts) {
    this.#store = store
    this.#clock = clock
    this.#set = [{ secret: opsApiToken, caller: OPS_TOKEN }, { secret: metricsToken, caller: METRICS_TOKEN }]
      .flatMap(({ secret, caller }) => secret === undefined ? [] : [{ digest: hashSecret(secret), caller }])
  }

  /** Tells whose secret this is; undefined for one that is unknown, revoked or expired. */
  async identify (secret: string): Promise<Caller | undefined> {
    const digest = hashSecret(secret)
    const set = this.#set.find((known) => isSame(digest, known.digest))
    if (set !== undefined) return set.caller
    const token = await this.#find(digest)
    if (token === undefined || !isGood(token, this.#clock.now())) return undefined
    this.#used.set(token.id, this.#clock.now())
    return { tokenId: token.id, name: token.name, scopes: token.scopes.filter(isScope) }
  }

  /** Throws `unauthorized` for nobody and `forbidden` for somebody without the scope. */
  authorise (caller: Caller | undefined, access: Access): void {
    if (access === 'open') return
    if (caller === undefined) throw new AppError('unauthorized', `${access === 'metrics' ? 'METRICS_TOKEN or a token with the scope metrics or read' : 'a token'} is needed: ${HOW_TO_SEND}`)
    if (caller.scopes.includes(access) || caller.scopes.includes('admin')) return
    if (access === 'metrics' && caller.scopes.includes('read')) return
    throw new AppError('forbidden', `the token "${caller.name}" has the scopes ${caller.scopes.join(', ')}; this needs ${access}`)
  }

  /** Makes a token. The secret is in the answer and nowhere else. */
  async create (token: NewToken): Promise<{ id: string, secret: string }> {
    const { record, secret } = newToken(token, this.#clock.now())
    await this.#store.write('insertToken', record)
    return { id: record.id, secret }
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

  async #find (digest: string): Promise<TokenRecord | undefined> {
    const known = this.#known.get(digest)
    const now = this.#clock.now()
    if (known !== undefined && now - known.readAt < KNOWN_FOR_MS) return known.token
    const token = await this.#store.read('findToken', digest)
    if (this.#known.size >= MOST_KNOWN) this.#known.clear()
    this.#known.set(digest, { token, readAt: now })
    return token
  }
}

/** Makes the record of a token and its secret, for the service and for the command line alike. */
export function newToken ({ name, scopes, expiresAt }: NewToken, now: number): { record: TokenRecord, secret: string } {
  const secret = SECRET_PREFIX + randomBytes(SECRET_BYTES).toString('base64url')
  const id = randomBytes(8).toString('hex')
  const record: TokenRecord = {
    id, name, hash: hashSecret(secret), scopes: [...scopes], createdAt: now, expiresAt, revokedAt: null, lastUsedAt: null
  }
  return { record, secret }
}

export function isScope (text: string): text is Scope {
  return SCOPES.some((scope) => scope === text)
}

function isGood ({ revokedAt, expiresAt }: TokenRecord, now: number): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt > now)
}

function hashSecret (secret: string): string {
  return hash('sha256', secret)
}

function isSame (a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a), Buffer.from(b))
}
