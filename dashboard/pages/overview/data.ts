import type { Overview } from '../../../schemas/overview.ts'
import { call, get } from '../../core/api.ts'
import { openAlerts } from '../../core/firing.ts'
import { useResource, type Resource } from '../../core/resource.ts'
import { path } from '../../core/router.ts'
import { sampleData } from '../../core/sample-data.ts'
import { isOperator } from '../../core/session.ts'
import { stored } from '../../core/stored.ts'
import { range } from '../../core/times.ts'

const BINS = matchMedia('(max-width: 759px)').matches ? 40 : 72
const AGAIN_MS = 10_000

/** The first answer, which is asked for while it is still asked who is signed in. */
let early = path.peek() === '/dashboard' && document.documentElement.dataset['known'] !== undefined ? { key: rangeKey(), answer: ask(undefined) } : undefined
early?.answer.catch(() => {})

/** All that the page shows, in one answer; while it follows the present, a new one every ten seconds. */
export function useOverview (): Resource<Overview> {
  const { isLive } = range.value
  return useResource(rangeKey(), async (signal) => {
    const begun = early?.key === rangeKey() ? early.answer : undefined
    early = undefined
    const answer = await (begun ?? ask(signal))
    openAlerts.value = answer.alerts
    stored.value = answer.stored
    sampleData.value = answer.sample_data
    return answer
  }, isLive ? {} : { everyMs: AGAIN_MS })
}

function rangeKey (): string {
  return `${range.value.from} ${range.value.to}`
}

function ask (signal: AbortSignal | undefined): Promise<Overview> {
  const { from, to } = range.value
  return get<Overview>('/overview', { from: new Date(from).toISOString(), to: new Date(to).toISOString(), bins: BINS }, signal === undefined ? { isQuiet: true } : { signal })
}

/** Has the service look at the machine and judge it now, where the reader may ask for that. */
export async function lookNow (): Promise<void> {
  if (isOperator.value) await call('POST', '/api/collect-metrics', { body: {} })
}
