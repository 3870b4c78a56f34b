import { Type, type Static } from '@sinclair/typebox'
import { Fault, Time } from './common.ts'
import { Event, type NewEvent } from './event.ts'

type Fault = Static<typeof Fault>

export const ReceiptItem = Type.Object({
  index: Type.Integer({ description: 'place in the body, from 0; of a text body the line' }),
  id: Type.Optional(Type.String()),
  status: Type.Union([Type.Literal('accepted'), Type.Literal('duplicate'), Type.Literal('conflict'), Type.Literal('rejected'), Type.Literal('dropped')], { description: 'conflict: its event_id was used for another content' }),
  error: Type.Optional(Type.String()),
  errors: Type.Optional(Type.Array(Fault)),
  event: Type.Optional(Event)
})
export type ReceiptItem = Static<typeof ReceiptItem>

/** What of an event was not understood, and is kept nevertheless. */
export const ReceiptNote = Type.Object({
  index: Type.Integer(),
  path: Type.String({ description: 'a JSON pointer into the item' }),
  message: Type.String()
})
export type ReceiptNote = Static<typeof ReceiptNote>

/** What a note may be about; a name is that of a service, host or trace. */
export const NOTED_PARTS = ['message', 'time', 'level', 'name'] as const
export type NotedPart = typeof NOTED_PARTS[number]

/** The answer to a batch; `items` lists what was not accepted, or all with `?items=all`, 10,000 at most. */
export const Receipt = Type.Object({
  receipt: Type.Union([Type.String(), Type.Null()], { description: 'null for a dry run, and where nothing was sent' }),
  accepted: Type.Integer(),
  duplicates: Type.Integer({ description: 'sent before by the same token with the same id and content' }),
  rejected: Type.Integer({ description: 'refused, conflicts among them' }),
  dropped: Type.Optional(Type.Integer({ description: 'kept from being stored by a pipeline that was set to; absent when none were' })),
  items: Type.Array(ReceiptItem),
  noted: Type.Optional(Type.Integer({ description: 'events of which something was not understood; absent when there are none' })),
  notes: Type.Optional(Type.Array(ReceiptNote, { description: 'what that was, of the first of them: 100 notes at most' }))
})
export type Receipt = Static<typeof Receipt>

export const StoredReceipt = Type.Intersect([Type.Object({ received_at: Type.String() }), Receipt])

/** One item of the reject box. */
export const Rejected = Type.Object({
  id: Type.String(),
  received_at: Type.String(),
  receipt: Type.Union([Type.String(), Type.Null()]),
  index: Type.Integer(),
  errors: Type.Array(Fault),
  original: Type.String({ description: 'the text as it was sent, cut to 16 KB' })
})
export type Rejected = Static<typeof Rejected>

/** What a sender may ask to be stored once under a key of its own; `part` counts the slices of one body from 0. */
export interface IdempotencyKey {
  tokenId: string
  key: string
  part: number
  bodyHash: string
}

/** An item that was refused; `index` is its place in the body, `original` its text, cut. */
export interface Rejection {
  index: number
  faults: readonly Fault[]
  original: string
}

/** Counts of the parts that were stored before this one, so that the last part can carry the whole receipt. */
export interface ReceiptSoFar {
  accepted: number
  duplicates: number
  rejected: number
  items: readonly ReceiptItem[]
  /** What was not understood; empty when all was. */
  notes: Pick<Receipt, 'noted' | 'notes' | 'dropped'>
  /** List the accepted ones too. */
  all: boolean
}

/** What ingest hands to the store in one piece: stored whole or not at all. */
export interface Submission {
  tokenId: string
  events: readonly NewEvent[]
  /** Place of each event in the body. */
  indexes: readonly number[]
  rejections: readonly Rejection[]
  /** What it holds happened before: no rule counts it as received now. */
  isImport?: boolean
  /** Absent for a single event and for all parts of a body but the last. */
  receipt?: ReceiptSoFar
  key?: IdempotencyKey
}

/** What became of a submission, by places in `events`. `ids` holds the row of each, 0 for a conflict. */
export interface Appended {
  ids: number[]
  /** Stored before: the same token, id and content. */
  duplicates: number[]
  /** Not stored: the token used their `event_id` for another content. */
  conflicts: number[]
  /** Answered by their row, since their own id is that of another event or looks like a row. */
  renamed: number[]
  /** The ids of the new events lead the time of receipt by so much; absent while the clock was never set back. */
  leadMs?: number
  receipt?: Receipt
  /** The answer is that of an earlier request with the same key. */
  replayed?: boolean
}

/** A delivery that was refused as a whole. */
export const Refusal = Type.Object({
  time: Time,
  route: Type.String(),
  code: Type.String(),
  message: Type.String({ description: 'what its sender was told' }),
  count: Type.Integer({ description: 'how often, since the start' })
})
export type Refusal = Static<typeof Refusal>
