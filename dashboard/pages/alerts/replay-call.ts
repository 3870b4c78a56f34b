import type { ReplayAnswer, ReplayRequest } from '../../../schemas/replay.ts'
import { ApiError, call } from '../../core/api.ts'

/** A replay, and since when it was: a span that is told in words. */
export interface Replayed {
  answer: ReplayAnswer
  from: string
}

/** Taken where the range wanted holds more evaluations than one replay may have. */
const SHORTER = '-24h'

/** Runs a replay; of a day only, where rules are evaluated so often that the range would be too much. Throws ApiError. */
export async function askReplay (request: ReplayRequest & { from: string }, signal?: AbortSignal): Promise<Replayed> {
  const ask = (from: string): Promise<ReplayAnswer> => call<ReplayAnswer>('POST', '/rules/replay', { body: { ...request, from }, ...signal === undefined ? {} : { signal } })
  try {
    return { answer: await ask(request.from), from: request.from }
  } catch (error) {
    const isTooLong = error instanceof ApiError && error.status === 400 && error.faults.some(({ path }) => path === '/from')
    if (!isTooLong || request.from === SHORTER) throw error
    return { answer: await ask(SHORTER), from: SHORTER }
  }
}
