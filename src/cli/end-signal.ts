import { once } from 'node:events'

/** Resolves with the name of the signal that asks the process to end; `until` stops listening for it. */
export async function endSignal (until?: AbortSignal): Promise<string> {
  return Promise.race(['SIGTERM', 'SIGINT'].map(async (name) => {
    await once(process, name, until === undefined ? {} : { signal: until })
    return name
  }))
}
