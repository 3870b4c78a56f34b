import type { Overview } from '../../../schemas/overview.ts'
import { call, get } from '../../core/api.ts'
import { openAlerts } from '../../core/firing.ts'
import { useResource, type Resource } from '../../core/resource.ts'
import { isOperator } from '../../core/session.ts'
import { stored } from '../../core/stored.ts'
import { range } from '../../core/times.ts'

const BINS = matchMedia('(max-width: 759px)').matches ? 40 : 72
const AGAIN_MS = 10_000

/** All that the page shows, in one answer; while it follows the present, a new one every ten seconds. */
export function useOverview (): Resource<Overview> {
  const { from, to, isLive } = range.value
  return useResource(`${from} ${to}`, async (signal) => {
    const answer = await get<Overview>('/overview', { from: new Date(from).toISOString(), to: new Date(to).toISOString(), bins: BINS }, { signal })
    openAlerts.value = answer.alerts
    stored.value = answer.stored
    return answer
  }, isLive ? {} : { everyMs: AGAIN_MS })
}

/** Has the service look at the machine and judge it now, where the reader may ask for that. */
export async function lookNow (): Promise<void> {
  if (isOperator.value) await call('POST', '/api/collect-metrics', { body: {} })
}
