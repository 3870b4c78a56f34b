import { AUDIT_DETAILS, type Actor, type AuditAction, type AuditDetail, type AuditEntry, type AuditPage, type AuditQuery } from '../../schemas/audit.ts'
import { type Clock, isoTime } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import type { AuditRecord, NewAuditRecord } from '../store/hot/access/audit.ts'
import type { Store } from '../store/store.ts'
import { parseTimeParam } from '../core/time-range.ts'

/** What somebody did. `actor` is undefined for one who was not signed in, `from` for the command line. */
export interface Act<A extends AuditAction> {
  action: A
  actor: Actor | undefined
  /** The address of the request. */
  from: string | undefined
  /** The id or name of what was acted on. Never what a stranger typed: it may be a password. */
  target?: string
  detail?: AuditDetail<A>
}

/** Who acts in the audit, when it is nobody who signed in. */
export const COMMAND_LINE: Actor = { kind: 'command-line', id: `uid ${process.getuid?.() ?? 'unknown'}`, name: 'command line' }

const LISTED = 100
const LONGEST_TEXT = 512

/** Writes down who did what, when and from where, in a chain that shows when it was changed. Entries are kept for good. */
export class Audit {
  readonly #store: Pick<Store, 'read' | 'write'>
  readonly #clock: Clock

  constructor ({ store, clock }: { store: Pick<Store, 'read' | 'write'>, clock: Clock }) {
    this.#store = store
    this.#clock = clock
  }

  /** Resolves when the entry is stored: await it before the answer. */
  async record<A extends AuditAction> (act: Act<A>): Promise<void> {
    await this.#store.write('appendAudit', [this.recordOf(act)])
  }

  /** The same as a value, for a change that is stored together with its entry. */
  recordOf<A extends AuditAction> (act: Act<A>): NewAuditRecord {
    return auditRecord(act, this.#clock.now())
  }

  /** Lists entries, newest first. Throws `invalid` for a bad time or an unknown action. */
  async list ({ from, to, actor, action, cursor, limit = LISTED }: AuditQuery): Promise<AuditPage> {
    const now = this.#clock.now()
    const records = await this.#store.read('listAudit', {
      from: from === undefined ? undefined : parseTimeParam('from', from, now),
      to: to === undefined ? undefined : parseTimeParam('to', to, now),
      actor,
      actions: action === undefined ? undefined : action.split(',').map(knownAction),
      before: cursor === undefined ? undefined : Number(cursor),
      limit: limit + 1
    })
    const page = records.slice(0, limit)
    return { entries: page.map(wireEntry), next: records.length > limit ? String(page.at(-1)?.id) : null }
  }
}

/** Makes the record of an act, for the service and for the command line alike. Only details that the action may have are in it. */
export function auditRecord<A extends AuditAction> ({ action, actor, from, target, detail = {} }: Act<A>, now: number): NewAuditRecord {
  const given: Readonly<Record<string, unknown>> = detail
  const kept = AUDIT_DETAILS[action].filter((name) => given[name] !== undefined).map((name) => [name, given[name]])
  return {
    time: now,
    action,
    actor: actor === undefined ? null : { kind: actor.kind, id: actor.id, name: shortened(actor.name) },
    from: from ?? null,
    target: target === undefined ? null : shortened(target),
    detail: Object.fromEntries(kept)
  }
}

function shortened (text: string): string {
  const cut = text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}...`
  return cut.toWellFormed()
}

function knownAction (text: string): string {
  const action = text.trim()
  if (Object.hasOwn(AUDIT_DETAILS, action)) return action
  const message = `${JSON.stringify(action)} is no action: there are ${Object.keys(AUDIT_DETAILS).join(', ')}`
  throw new AppError('invalid', `action: ${message}`, { faults: [{ path: 'action', message }] })
}

function wireEntry ({ id, time, ...entry }: AuditRecord): AuditEntry {
  return { id: String(id), time: isoTime(time), ...entry }
}
