import { computed, signal } from '@preact/signals'
import type { Alert, AlertsPage } from '../../schemas/alert.ts'
import { inOrderOfWeight } from '../../src/core/verdict.ts'
import { followAlerts } from '../stream/live.ts'
import { get } from './api.ts'

const MOST = 200

/** Alerts that are pending or firing, those that matter most first; undefined until they were read. */
export const openAlerts = signal<readonly Alert[] | undefined>(undefined)

/** Without drafts, which nobody is told of. */
export const firing = computed(() => (openAlerts.value ?? []).filter(({ state, draft }) => state === 'firing' && !draft))
export const firingCount = computed(() => firing.value.length)
export const worstFiring = computed(() => firing.value.some(({ severity }) => severity === 'critical') ? 'critical' : 'warning')

export async function loadAlerts (signal?: AbortSignal): Promise<void> {
  const { alerts } = await get<AlertsPage>('/alerts', { state: 'pending,firing', limit: MOST }, signal === undefined ? {} : { signal })
  openAlerts.value = inOrderOfWeight(alerts)
}

/** Takes alerts as they are now, from the stream or from an answer. */
export function takeAlerts (news: readonly Alert[]): void {
  if (openAlerts.value === undefined) return
  const byId = new Map(openAlerts.value.map((alert) => [alert.id, alert]))
  for (const alert of news) {
    if (alert.state === 'resolved') byId.delete(alert.id)
    else byId.set(alert.id, alert)
  }
  openAlerts.value = inOrderOfWeight([...byId.values()])
}

followAlerts(takeAlerts)
