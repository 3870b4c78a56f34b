/** Row ids count `ms x 1024 + sequence`, in the order of receipt. */
export const IDS_PER_MS = 1024

/**
 * Says when a row was received, in ms since the epoch. Ids never go back: after the clock did, they lead it by `leadMs`, which the
 * partition that was begun then knows.
 */
export function receivedAt (id: number, leadMs: number): number {
  return Math.floor(id / IDS_PER_MS) - leadMs
}

/** The first id that a row received then, or later, can have. */
export function idAt (ms: number, leadMs: number): number {
  return Math.max(0, Math.min(ms + leadMs, Number.MAX_SAFE_INTEGER / IDS_PER_MS)) * IDS_PER_MS
}
