import type { Static } from '@sinclair/typebox'
import type { ApiToken, MadeApiToken, NewApiToken, Requester } from '../../schemas/token.ts'
import { isScope, type AccessControl } from './access-control.ts'
import { type Act, type Audit, COMMAND_LINE } from './audit.ts'
import { type Clock, isoTime } from '../core/clock.ts'
import { AppError, type Fault } from '../core/errors.ts'
import { parseExpiry } from '../core/expiry.ts'
import { textFault, refuseFaults } from '../core/faults.ts'
import type { Acts } from '../store/hot/access/acts.ts'
import type { Store } from '../store/store.ts'
import type { TokenRecord } from '../store/hot/access/tokens.ts'

/** The API tokens of the installation. */
export class ApiTokens {
  readonly #store: Store
  readonly #clock: Clock
  readonly #access: AccessControl
  readonly #audit: Audit

  constructor ({ store, clock, access, audit }: { store: Store, clock: Clock, access: AccessControl, audit: Audit }) {
    this.#store = store
    this.#clock = clock
    this.#access = access
    this.#audit = audit
  }

  async list (): Promise<ApiToken[]> {
    return (await this.#store.read('listTokens', undefined)).map(wireToken)
  }

  async get (id: string): Promise<ApiToken> {
    return wireToken(await this.#find(id))
  }

  /** Makes a token; its secret is in the answer and nowhere else. */
  async create ({ name, scopes, expires_at: expires, service, env, min_level: minLevel }: NewApiToken, { caller, from }: Requester): Promise<Static<typeof MadeApiToken>> {
    refuseFaults(textFaults({ name, service, env }))
    const now = this.#clock.now()
    const stamp = { ...(service === undefined ? {} : { service }), ...(env === undefined ? {} : { env }) }
    const token = { name, scopes, stamp, ...caller === undefined ? {} : { createdBy: caller.name }, expiresAt: expires === undefined ? null : parseExpiry(expires, now), ...(minLevel === undefined ? {} : { minLevel }) }
    const { record, secret } = await this.#access.create(token, this.#actsOf({ actor: caller, from }))
    return { ...wireToken(record), secret }
  }

  /** Makes the token of the first start and answers its secret; undefined when there is a token already. */
  async createFirst (): Promise<string | undefined> {
    if (await this.#access.count() > 0) return undefined
    const { secret } = await this.#access.create({ name: 'first', scopes: ['ingest', 'read'], expiresAt: null, createdBy: COMMAND_LINE.name }, this.#actsOf({ actor: COMMAND_LINE, from: undefined }))
    return secret
  }

  /** Ends a token. Throws `not_found` when no token that is still good has the id. */
  async revoke (id: string, { caller, from }: Requester): Promise<void> {
    const { name } = await this.#find(id)
    const act = this.#audit.recordOf({ action: 'token.revoke', actor: caller, from, target: id, detail: { name } })
    if (!await this.#access.revoke(id, { acts: [act] })) throw unknownToken(id)
  }

  #actsOf (by: Pick<Act<'token.create'>, 'actor' | 'from'>): (record: TokenRecord) => Acts {
    return (record) => ({ acts: [this.#audit.recordOf({ action: 'token.create', ...by, target: record.id, detail: wireToken(record) })] })
  }

  async #find (id: string): Promise<TokenRecord> {
    const token = await this.#store.read('getToken', id)
    if (token === undefined) throw unknownToken(id)
    return token
  }
}

/** The names stand in events, which are well-formed Unicode without NUL. */
function textFaults (texts: Readonly<Record<string, string | undefined>>): Fault[] {
  return Object.entries(texts).flatMap(([name, text = '']) => {
    const message = textFault(text)
    return message === undefined ? [] : [{ path: `/${name}`, message }]
  })
}

function wireToken ({ id, name, prefix, createdBy, scopes, service, env, minLevel, createdAt, expiresAt, lastUsedAt, revokedAt }: TokenRecord): ApiToken {
  const time = (ms: number | null): string | null => ms === null ? null : isoTime(ms)
  return {
    id,
    name,
    prefix,
    created_by: createdBy,
    scopes: scopes.filter(isScope),
    service,
    env,
    min_level: minLevel,
    created_at: isoTime(createdAt),
    expires_at: time(expiresAt),
    last_used_at: time(lastUsedAt),
    revoked_at: time(revokedAt)
  }
}

function unknownToken (id: string): AppError {
  return new AppError('not_found', `no token that is still good has the id ${JSON.stringify(id)}`)
}
