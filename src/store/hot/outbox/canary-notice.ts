import type { Kysely } from 'kysely'
import type { NoticeBody } from '../../../../schemas/notice.ts'
import { CANARY_CHANNEL } from '../../../../schemas/words.ts'
import { toJsonText } from '../../../core/text/json-text.ts'
import type { Tables } from '../tables.ts'

/** The id begins with `canary_`. */
export interface CanaryNotice {
  id: string
  body: NoticeBody
}

const PREFIX = 'canary_'
/** The character after the last one of the prefix. */
const BEYOND = 'canary`'

/**
 * Puts the canary's notice into the outbox in place of the one before, which counts no more however far it came. The same one
 * again changes nothing.
 */
export async function replaceCanary (db: Kysely<Tables>, { id, body }: CanaryNotice, now: number): Promise<void> {
  await db.deleteFrom('notices').where('channel_id', '=', CANARY_CHANNEL).where('alert_id', '=', CANARY_CHANNEL).where('id', '<>', id).execute()
  // By their ids: one that was on its way when its notice was replaced is written down after that.
  await db.deleteFrom('deliveries').where('notice_id', '>=', PREFIX).where('notice_id', '<', BEYOND).where('notice_id', '<>', id).execute()
  await db.insertInto('notices').values({
    id,
    alert_id: CANARY_CHANNEL,
    transition_id: id,
    sequence: body.sequence,
    channel_id: CANARY_CHANNEL,
    via: CANARY_CHANNEL,
    type: body.type,
    body: toJsonText(body),
    state: 'pending',
    attempts: 0,
    tries: 0,
    next_at: now,
    created_at: now,
    queued_at: now,
    done_at: null
  }).onConflict((conflict) => conflict.doNothing()).execute()
}
