import { computed, signal } from '@preact/signals'
import type { Alert, AlertsPage } from '../../schemas/alert.ts'
import { followAlerts } from '../stream/live.ts'
import { get } from './api.ts'

const MOST = 200

/** Alerts that are pending or firing, those that matter most first; undefined until they were read. */
export const openAlerts = signal<readonly Alert[] | undefined>(undefined)

/** Without drafts, which nobody is told of. */
export const firing = computed(() => (openAlerts.value ?? []).filter(({ state, draft }) => state === 'firing' && !draft))
export const firingCount = computed(() => firing.value.length)
export const worstFiring = computed(() => firing.value.some(({ severity }) => severity === 'critical') ? 'critical' : 'warning')

const RANK = { critical: 0, warning: 1 } as const

function inOrder (alerts: readonly Alert[]): Alert[] {
  const rank = ({ state, severity }: Alert): number => (state === 'firing' ? 0 : 2) + (severity === null ? 1 : RANK[severity])
  return alerts.toSorted((a, b) => rank(a) - rank(b) || b.started_at.localeCompare(a.started_at))
}

export async function loadAlerts (signal?: AbortSignal): Promise<void> {
  const { alerts } = await get<AlertsPage>('/alerts', { state: 'pending,firing', limit: MOST }, signal === undefined ? {} : { signal })
  openAlerts.value = inOrder(alerts)
}

/** Takes alerts as they are now, from the stream or from an answer. */
export function takeAlerts (news: readonly Alert[]): void {
  if (openAlerts.value === undefined) return
  const byId = new Map(openAlerts.value.map((alert) => [alert.id, alert]))
  for (const alert of news) {
    if (alert.state === 'resolved') byId.delete(alert.id)
    else byId.set(alert.id, alert)
  }
  openAlerts.value = inOrder([...byId.values()])
}

followAlerts(takeAlerts)
