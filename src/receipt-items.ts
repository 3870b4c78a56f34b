import type { ReceiptItem, Rejection } from '../schemas/submission.ts'

export interface Part {
  count: number
  /** The id of the event at a place in `events`, as it is answered. */
  publicId: (at: number) => string
  duplicates: readonly number[]
  indexes: readonly number[]
  rejections: readonly Rejection[]
  all: boolean
}

/** Lists what was not accepted (or all), in the order of the body. */
export function itemsOf ({ count, publicId, duplicates, indexes, rejections, all }: Part): ReceiptItem[] {
  const repeated = new Set(duplicates)
  const listed = all ? Array.from({ length: count }, (_, at) => at) : duplicates
  const stored = listed.map((at): ReceiptItem => (
    { index: indexes[at] ?? at, id: publicId(at), status: repeated.has(at) ? 'duplicate' : 'accepted' }))
  const refused = rejections.map(({ index, faults }): ReceiptItem => (
    { index, status: 'rejected', error: faults.map(({ path, message }) => `${path}: ${message}`).join('; '), errors: [...faults] }))
  return stored.concat(refused).sort((a, b) => a.index - b.index)
}
