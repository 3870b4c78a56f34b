import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Probed, ProbeOptions } from './probe-thread.ts'

/** Probes for as long as `use` runs, from a thread of its own: a load that keeps this one busy does not count as latency. */
export async function probed<T> (options: ProbeOptions, use: () => Promise<T>): Promise<Probed & { value: T }> {
  const worker = new Worker(new URL('./probe-thread.ts', import.meta.url), { workerData: options })
  try {
    await once(worker, 'message')
    const value = await use()
    const answer = once(worker, 'message')
    worker.postMessage('stop')
    return { ...parseProbed(await answer), value }
  } finally {
    await worker.terminate()
  }
}

function parseProbed ([message]: unknown[]): Probed {
  return message as Probed
}
