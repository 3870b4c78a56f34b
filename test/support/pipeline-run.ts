import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunJob, RunLook } from '../../src/pipeline/run/job.ts'
import { Run } from '../../src/pipeline/run/run.ts'

export const COUNTED = { processors: [{ type: 'line_counter', id: 'counter', format: '{count}:{line}' }] }

/** A run of `in` to `out` in a folder, as the command line starts one. */
export function jobIn (folder: string, job: Partial<RunJob> = {}): RunJob {
  return {
    runId: 'test', output: join(folder, 'out'), config: COUNTED, trace: 'sampled', traceEvery: 1_000, follow: false, resume: false, deadLetters: join(folder, 'errors'), encoding: 'utf8', longestLine: 16 * 1024 * 1024, send: undefined, notes: [], ...job, files: (job.files ?? ['in']).map((name) => join(folder, name))
  }
}

/** Runs to the end. */
export async function ran (job: RunJob): Promise<RunLook['run']> {
  const run = new Run(job)
  await run.go()
  return run.look().run
}

/** The lines that were errors; none where there is no file. */
export function lettersIn (folder: string): unknown[] {
  const path = join(folder, 'errors')
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line)) : []
}
