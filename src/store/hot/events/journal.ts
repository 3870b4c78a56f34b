import type SqliteDatabase from 'better-sqlite3'
import type { Appended, Receipt } from '../../../../schemas/submission.ts'
import { parseJsonText, toJsonText, type JsonText } from '../../../core/text/json-text.ts'
import { itemsOf } from '../../../core/receipt-items.ts'
import type { IdempotencyTable, StoredAnswer } from '../tables.ts'
import { CELLS, CLIENT_ID, MAX_LISTED, textOf, type Outcome, type PackedSubmission } from './submission.ts'

interface Entry {
  submission: PackedSubmission
  answer: Appended
  receiptId: number | null
  now: number
  leadMs: number
  nextId: () => number
}

/** What is kept beside the events of a submission, in the same transaction: receipt, reject box, answer under a key. */
export class Journal {
  readonly #findAnswer: SqliteDatabase.Statement<[string, string, number], Pick<IdempotencyTable, 'body_hash' | 'answer'>>
  readonly #addAnswer: SqliteDatabase.Statement
  readonly #addReceipt: SqliteDatabase.Statement
  readonly #addRejected: SqliteDatabase.Statement

  constructor (raw: SqliteDatabase.Database) {
    this.#findAnswer = raw.prepare('SELECT body_hash, answer FROM idempotency WHERE token_id = ? AND key = ? AND part = ?')
    this.#addAnswer = raw.prepare('INSERT INTO idempotency (token_id, key, part, body_hash, answer, created_at) VALUES (?, ?, ?, ?, ?, ?)')
    this.#addReceipt = raw.prepare('INSERT INTO receipts (id, token_id, answer, lead_ms) VALUES (?, ?, ?, ?)')
    this.#addRejected = raw.prepare('INSERT INTO rejected (id, receipt_id, token_id, position, faults, original, lead_ms) VALUES (?, ?, ?, ?, ?, ?, ?)')
  }

  earlierAnswer ({ key }: PackedSubmission): Outcome | undefined {
    if (key === undefined) return undefined
    const earlier = this.#findAnswer.get(key.tokenId, key.key, key.part)
    if (earlier === undefined) return undefined
    if (earlier.body_hash !== key.bodyHash) return { conflict: true }
    return { appended: { ...parseAnswer(earlier.answer), replayed: true } }
  }

  record ({ submission, answer, receiptId, now, leadMs, nextId }: Entry): void {
    const { key, tokenId, rejections } = submission
    if (key !== undefined) this.#addAnswer.run(key.tokenId, key.key, key.part, key.bodyHash, toJsonText(answer), now)
    if (receiptId !== null) this.#addReceipt.run(receiptId, tokenId, toJsonText(answer.receipt), leadMs)
    for (const { index, faults, original } of rejections) {
      this.#addRejected.run(nextId(), receiptId, tokenId, index, toJsonText(faults), original, leadMs)
    }
  }
}

/** Tells the sender what became of a submission; a receipt counts the parts before it in. */
export function answerOf (submission: PackedSubmission, appended: Appended, receiptId: number | null): Appended {
  const { receipt: soFar, indexes, rejections, cells } = submission
  if (soFar === undefined || receiptId === null) return appended
  const { ids, duplicates, conflicts } = appended
  const clientId = (at: number): string | null => textOf(cells[at * CELLS + CLIENT_ID])
  const items = soFar.items.concat(itemsOf({ appended, clientId, indexes, rejections, all: soFar.all }))
  const receipt: Receipt = {
    receipt: String(receiptId),
    accepted: soFar.accepted + ids.length - duplicates.length - conflicts.length,
    duplicates: soFar.duplicates + duplicates.length,
    rejected: soFar.rejected + rejections.length + conflicts.length,
    items: items.slice(0, MAX_LISTED),
    ...soFar.notes
  }
  return { ...appended, receipt }
}

function parseAnswer (text: JsonText<StoredAnswer>): Appended {
  return { conflicts: [], renamed: [], ...parseJsonText(text) }
}
