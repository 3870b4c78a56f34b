import { parentPort, receiveMessageOnPort } from 'node:worker_threads'
import { systemClock } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import { Appender } from './events/appender.ts'
import { describeError, UNASKED, type Answer, type Call, type CallOf, type Close } from './calls.ts'
import { CommitTimes } from './commit-times.ts'
import type { WriteContext } from './contexts.ts'
import { openForWriting, type Connection } from './database.ts'
import { FreeSpace } from './files/free-space.ts'
import { Marker } from './files/marker.ts'
import { migrate } from './migrations/migrate.ts'
import { probeStore, Soundness } from './soundness.ts'
import { CELLS, type Outcome, type PackedSubmission } from './events/submission.ts'
import { writes, type Writes } from './writes.ts'
import type { WriteArgs } from '../store.ts'

export interface WriterOptions {
  file: string
  durability: 'durable' | 'fast'
  partitionBytes: number
  minFreeBytes: number
}

interface Desk extends WriteContext {
  soundness: Soundness
  marker: Marker
}

type AppendCall = Call<'append', PackedSubmission>
type Message = AppendCall | CallOf<Writes> | Close
type Waiting = Message | typeof PROBE

const GROUP_EVENTS = 10_000
const CELLS_AT_MOST = GROUP_EVENTS * CELLS
/** So long a write waits for another program; those behind it are refused then. */
const BUSY_MS = 2_000
const PROBE_EVERY_MS = 1_000
/** What is tried while nothing can be written: it writes nothing, or makes room. */
const ALWAYS_TRIED: ReadonlySet<string> = new Set(['space', 'takeCommitTimes', 'retain', 'keepBudget'])

if (parentPort === null) throw new Error('the writer runs in a worker thread')
const port = parentPort
const PROBE: Call<'probe', undefined> = { id: UNASKED, name: 'probe', args: undefined }
const queue: Waiting[] = []
const commits = new CommitTimes()
let isRunning = false

port.once('message', (options: WriterOptions) => { void start(options) })

/** The first message says what to open. */
async function start (options: WriterOptions): Promise<void> {
  try {
    const connection = openForWriting(options.file, options.durability)
    await migrate(connection)
    // The marker says nothing that a power cut could take back.
    connection.raw.pragma('wal_checkpoint(PASSIVE)')
    connection.raw.pragma(`busy_timeout = ${BUSY_MS}`)
    const desk = openDesk(connection, options)
    port.on('message', (calls: Message[]) => enqueue(calls, desk))
    answer({ id: UNASKED })
  } catch (error) {
    answer({ id: UNASKED, error: describeError(error) })
  }
}

function openDesk (connection: Connection, { partitionBytes, minFreeBytes, file, durability }: WriterOptions): Desk {
  const appender = new Appender(connection.raw, { partitionBytes, now: systemClock.now })
  const space = new FreeSpace(connection.raw, { file, minFreeBytes, now: systemClock.now })
  const soundness = new Soundness({
    probe: () => probeStore(connection.raw, appender),
    onChange: (fault) => answer(fault === undefined ? { id: UNASKED } : { id: UNASKED, error: describeError(fault) })
  })
  const marker = new Marker(connection.raw, durability)
  const desk = { ...connection, appender, space, commits, soundness, marker }
  setInterval(() => { if (soundness.fault !== undefined) enqueue([PROBE], desk) }, PROBE_EVERY_MS).unref()
  return desk
}

function enqueue (calls: readonly Waiting[], desk: Desk): void {
  queue.push(...calls)
  if (!isRunning) void work(desk)
}

/** Works the queue off: all waiting submissions in one commit, other calls one by one, never both at once. */
async function work (desk: Desk): Promise<void> {
  isRunning = true
  for (;;) {
    takeWaiting()
    const [call] = queue
    if (call === undefined) break
    if (call.name === 'append') commit(takeGroup(), desk)
    else {
      queue.shift()
      if (call.name === 'close') return close(desk)
      if (call.name === 'probe') desk.soundness.probe()
      else await run(call, desk)
    }
    if (desk.soundness.fault === undefined) desk.marker.note()
  }
  isRunning = false
}

function takeWaiting (): void {
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
    queue.push(...parseMessages(next.message))
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

function isAppend (call: Waiting): call is AppendCall {
  return call.name === 'append'
}

function commit (group: readonly AppendCall[], { appender, space, soundness }: Desk): void {
  const refusal = soundness.fault ?? space.refusal()
  const outcomes = refusal === undefined
    ? commits.measure(() => appender.commit(group.map(({ args }) => args)))
    : group.map((): Outcome => ({ failed: refusal }))
  const failure = outcomes.find((outcome) => 'failed' in outcome)
  if (failure !== undefined) soundness.noticed(failure.failed)
  answer(...group.map(({ id }, index) => answerTo(id, outcomes[index])))
}

function answerTo (id: number, outcome: Outcome | undefined): Answer {
  if (outcome === undefined) return { id, error: describeError(new Error('no outcome')) }
  if ('appended' in outcome) return { id, value: outcome.appended }
  if ('failed' in outcome) return { id, error: describeError(outcome.failed) }
  return { id, error: describeError(new AppError('mismatch', 'this Idempotency-Key was used for another body: use a new key for a new body')) }
}

async function run<Name extends keyof Writes> ({ id, name, args }: Call<Name, WriteArgs<Name>>, desk: Desk): Promise<void> {
  try {
    if (desk.soundness.fault !== undefined && !ALWAYS_TRIED.has(name)) throw desk.soundness.fault
    if (!Object.hasOwn(writes, name)) throw new Error(`no write is called ${name}`)
    answer({ id, value: await writes[name](desk, args) })
  } catch (error) {
    desk.soundness.noticed(error)
    answer({ id, error: describeError(error) })
  }
}

/** What cannot be folded into the file any more stays in the log, where the next start finds it. */
async function close ({ raw, close: closeConnection, soundness, marker }: Desk): Promise<void> {
  if (soundness.fault === undefined) {
    raw.pragma('wal_checkpoint(TRUNCATE)')
    marker.close()
  }
  await closeConnection()
  port.close()
}

function parseMessages (message: unknown): Message[] {
  return message as Message[]
}

function answer (...answers: Answer[]): void {
  port.postMessage(answers)
}
