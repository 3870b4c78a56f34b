import { signal } from '@preact/signals'
import type { SampleData } from '../../schemas/sample-data.ts'
import { call, get } from './api.ts'

/** What there is of sample data; undefined until it was read. */
export const sampleData = signal<SampleData | undefined>(undefined)

/** Of an event that is none of it. */
export const NO_SAMPLE = '-meta.sample:true'

export async function readSampleData (signal: AbortSignal): Promise<void> {
  sampleData.value = await get<SampleData>('/sample-data', {}, { signal })
}

export async function loadSampleData (): Promise<void> {
  sampleData.value = await call<SampleData>('POST', '/sample-data')
}

/** Everything that is shown may have held some of it. */
export async function removeSampleData (): Promise<void> {
  await call('DELETE', '/sample-data')
  location.reload()
}
