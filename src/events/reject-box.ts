import type { Event } from '../../schemas/event.ts'
import type { Rejected, StoredReceipt } from '../../schemas/submission.ts'
import type { Caller, TokenRules } from '../../schemas/token.ts'
import type { Static } from '@sinclair/typebox'
import type { Audit } from '../access/audit.ts'
import { AppError } from '../core/errors.ts'
import type { Admission } from '../ingest/admission.ts'
import { parseJson } from '../ingest/json/read-json.ts'
import type { Intake } from './intake.ts'
import type { RejectedItem } from '../store/hot/events/receipts.ts'
import type { Store } from '../store/store.ts'
import { isoTime } from '../core/clock.ts'

const LISTED = 100

/** What was taken in and what was refused, afterwards: receipts, and the reject box with its second try. */
export class RejectBox {
  readonly #store: Store
  readonly #intake: Intake
  readonly #admission: Admission
  readonly #audit: Audit

  constructor ({ store, intake, admission, audit }: { store: Store, intake: Intake, admission: Admission, audit: Audit }) {
    this.#store = store
    this.#intake = intake
    this.#admission = admission
    this.#audit = audit
  }

  async receipt (id: string): Promise<Static<typeof StoredReceipt>> {
    const found = await this.#store.read('findReceipt', id)
    if (found === undefined) throw new AppError('not_found', `no receipt has the id ${JSON.stringify(id)}`)
    return { received_at: isoTime(found.receivedAt), ...found.receipt }
  }

  async list ({ limit = LISTED, before }: { limit?: number, before?: string }): Promise<{ rejected: Rejected[], next: string | null }> {
    const items = await this.#store.read('listRejected', { limit, before })
    const last = items.length === limit ? items.at(-1) : undefined
    return { rejected: items.map(wireRejected), next: last?.id ?? null }
  }

  /**
   * Sends an item again, as it was or mended, for the token that it came with: what that says of events holds, whoever mends them and
   * even after it ended. The item leaves the box only when it was stored. Throws `invalid`, `not_found`.
   */
  async retry (id: string, mended: unknown, { caller, from }: { caller: Caller, from: string }): Promise<Event> {
    const item = await this.#store.read('findRejected', id)
    if (item === undefined) throw new AppError('not_found', `the reject box holds no item ${JSON.stringify(id)}`)
    const input = mended ?? parseJson(item.original)
    const rules = await this.#rulesOf(item.tokenId)
    const ticket = this.#admission.enter(caller.tokenId, item.original.length)
    try {
      const event = await this.#intake.takeDecoded(input, { tokenId: item.tokenId, rules }, ticket)
      const act = this.#audit.recordOf({ action: 'rejected.retry', actor: caller, from, target: id, detail: { event: event.id } })
      await this.#store.write('deleteRejected', { id, acts: [act] })
      return event
    } finally {
      ticket.leave()
    }
  }

  /** Nothing for a person and for OPS_API_TOKEN. */
  async #rulesOf (tokenId: string): Promise<TokenRules> {
    const { service = null, env = null, minLevel = null } = await this.#store.read('getToken', tokenId) ?? {}
    return { ...(service === null ? {} : { service }), ...(env === null ? {} : { env }), ...(minLevel === null ? {} : { minLevel }) }
  }
}

function wireRejected ({ id, receivedAt, receipt, index, faults, original }: RejectedItem): Rejected {
  return { id, received_at: isoTime(receivedAt), receipt, index, errors: faults, original }
}
