import { parentPort, workerData } from 'node:worker_threads'
import type { FromRun, RunJob, ToRun } from './job.ts'
import { Run } from './run.ts'

const LOOK_MS = 200

const port = parentPort
if (port === null) throw new Error('the thread of a run is started by another')
const run = new Run(parseJob(workerData))
const post = (message: FromRun): void => { port.postMessage(message) }

port.on('message', (message: ToRun) => {
  if (message.kind === 'stop') run.stop()
  else post({ kind: 'answer', id: message.id, look: run.look(), ...(message.wantsDetails ? { details: run.details() } : {}) })
})
const timer = setInterval(() => { post({ kind: 'look', look: run.look() }) }, LOOK_MS)
await run.go()
clearInterval(timer)
post({ kind: 'end', look: run.look(), details: run.details(), isReaderGone: run.isReaderGone })
port.close()

/** What the thread was started with. */
function parseJob (value: unknown): RunJob {
  return value as RunJob
}
