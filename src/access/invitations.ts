import type { Static } from '@sinclair/typebox'
import type { Requester } from '../../schemas/token.ts'
import type { Invitation, MadeInvitation, NewInvitation } from '../../schemas/user.ts'
import type { Audit } from './audit.ts'
import { type Clock, isoTime } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import { parseExpiry } from '../core/expiry.ts'
import { hashSecret, newId, newSecret } from '../core/secret-hash.ts'
import type { InvitationRecord } from '../store/hot/access/invitations.ts'
import type { Store } from '../store/store.ts'

const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS
const LONGEST_MS = 30 * DAY_MS
const SECRET_PREFIX = 'bwi_'

/** Secrets that let one person each register. */
export class Invitations {
  readonly #store: Store
  readonly #clock: Clock
  readonly #audit: Audit

  constructor ({ store, clock, audit }: { store: Store, clock: Clock, audit: Audit }) {
    this.#store = store
    this.#clock = clock
    this.#audit = audit
  }

  /** Lists those that are open. */
  async list (): Promise<Invitation[]> {
    return (await this.#store.read('listInvitations', this.#clock.now())).map(wireInvitation)
  }

  /** Makes an invitation; its secret is in the answer and nowhere else. */
  async create ({ role = 'viewer', expires_at: expires }: NewInvitation, { caller, from }: Requester): Promise<Static<typeof MadeInvitation>> {
    const now = this.#clock.now()
    const secret = newSecret(SECRET_PREFIX)
    const expiresAt = expires === undefined ? now + WEEK_MS : parseExpiry(expires, now, { mostMs: LONGEST_MS })
    const record: InvitationRecord = { id: newId(), hash: hashSecret(secret), role, createdAt: now, expiresAt }
    const told = wireInvitation(record)
    const act = this.#audit.recordOf({ action: 'invitation.create', actor: caller, from, target: record.id, detail: { role, expires_at: told.expires_at } })
    await this.#store.write('insertInvitation', { ...record, acts: [act] })
    return { ...told, setup_token: secret }
  }

  /** Throws `not_found` for one that is no longer open. */
  async revoke (id: string, { caller, from }: Requester): Promise<void> {
    const act = this.#audit.recordOf({ action: 'invitation.revoke', actor: caller, from, target: id })
    if (!await this.#store.write('deleteInvitation', { id, acts: [act] })) throw new AppError('not_found', `no open invitation has the id ${JSON.stringify(id)}`)
  }
}

function wireInvitation ({ id, role, createdAt, expiresAt }: InvitationRecord): Invitation {
  return { id, role, created_at: isoTime(createdAt), expires_at: isoTime(expiresAt) }
}
