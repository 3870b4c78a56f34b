import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { systemClock } from '../clock.ts'
import { AppError } from '../errors.ts'
import { Appender } from './appender.ts'
import { describeError, type Answer, type Call } from './calls.ts'
import { CommitTimes } from './commit-times.ts'
import type { WriteContext } from './contexts.ts'
import { openForWriting, type Connection } from './database.ts'
import { FreeSpace } from './free-space.ts'
import { migrate } from './migrate.ts'
import { CELLS, type Outcome, type PackedSubmission } from './submission.ts'
import { writes, type Writes } from './writes.ts'

export interface WriterOptions {
  file: string
  durability: 'durable' | 'fast'
  partitionBytes: number
  minFreeBytes: number
}

interface AppendCall extends Call {
  args: PackedSubmission
}

const GROUP_EVENTS = 10_000
const CELLS_AT_MOST = GROUP_EVENTS * CELLS

const options = workerData as WriterOptions
if (parentPort === null) throw new Error('the writer runs in a worker thread')
const port = parentPort
const queue: Call[] = []
const commits = new CommitTimes()
let isRunning = false

await start()

async function start (): Promise<void> {
  try {
    const connection = openForWriting(options.file, options.durability)
    await migrate(connection)
    const { partitionBytes, minFreeBytes } = options
    const appender = new Appender(connection.raw, { partitionBytes, now: systemClock.now })
    const space = new FreeSpace(connection.raw, { file: options.file, minFreeBytes, now: systemClock.now })
    port.on('message', (calls: Call[]) => {
      queue.push(...calls)
      if (!isRunning) void work(connection, appender, space)
    })
    answer({ id: 0 })
  } catch (error) {
    answer({ id: 0, error: describeError(error) })
  }
}

/** Works the queue off: all waiting submissions in one commit, other calls one by one, never both at once. */
async function work (connection: Connection, appender: Appender, space: FreeSpace): Promise<void> {
  isRunning = true
  for (;;) {
    takeWaiting()
    const group = takeGroup()
    if (group.length > 0) commit(group, appender, space)
    else {
      const call = queue.shift()
      if (call === undefined) break
      if (call.name === 'close') return close(connection)
      await run(call, { ...connection, appender, space, commits })
    }
  }
  isRunning = false
}

function takeWaiting (): void {
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
    queue.push(...parseCalls(next.message))
  }
}

function takeGroup (): AppendCall[] {
  let cells = 0
  let count = 0
  for (const call of queue) {
    if (!isAppend(call) || cells >= CELLS_AT_MOST) break
    cells += call.args.cells.length
    count++
  }
  return queue.splice(0, count).filter(isAppend)
}

function isAppend (call: Call): call is AppendCall {
  return call.name === 'append'
}

function commit (group: readonly AppendCall[], appender: Appender, space: FreeSpace): void {
  const refusal = space.refusal()
  const outcomes = refusal === undefined
    ? commits.measure(() => appender.commit(group.map(({ args }) => args)))
    : group.map((): Outcome => ({ failed: refusal }))
  answer(...group.map(({ id }, index) => answerTo(id, outcomes[index])))
}

function answerTo (id: number, outcome: Outcome | undefined): Answer {
  if (outcome === undefined) return { id, error: describeError(new Error('no outcome')) }
  if ('appended' in outcome) return { id, value: outcome.appended }
  if ('failed' in outcome) return { id, error: describeError(outcome.failed) }
  return { id, error: describeError(new AppError('mismatch', 'this Idempotency-Key was used for another body: use a new key for a new body')) }
}

async function run (call: Call, context: WriteContext): Promise<void> {
  try {
    answer({ id: call.id, value: await parseWrite(call.name)(context, call.args as never) })
  } catch (error) {
    answer({ id: call.id, error: describeError(error) })
  }
}

function parseWrite (name: string): Writes[keyof Writes] {
  if (!(name in writes)) throw new Error(`no write is called ${name}`)
  return writes[name as keyof Writes]
}

async function close (connection: Connection): Promise<void> {
  connection.raw.pragma('wal_checkpoint(TRUNCATE)')
  await connection.close()
  port.close()
}

function parseCalls (message: unknown): Call[] {
  return message as Call[]
}

function answer (...answers: Answer[]): void {
  port.postMessage(answers)
}
