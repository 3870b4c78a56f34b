import { signal } from '@preact/signals'
import type { Stored } from '../../schemas/overview.ts'
import { get } from './api.ts'

/** How much there is, for the rail; the overview brings it along. */
export const stored = signal<Stored | undefined>(undefined)

export async function loadStored (signal: AbortSignal): Promise<void> {
  stored.value = await get<Stored>('/overview/stored', {}, { signal })
}
