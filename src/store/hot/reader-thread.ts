import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../../core/clock.ts'
import { describeError, type Answer, type Call, type Cancel } from './calls.ts'
import { openForReading, type Connection } from './database.ts'
import { Guard } from './guard.ts'
import { lowerPriority } from './priority.ts'
import { reads, type Reads } from './reads.ts'

export interface ReaderOptions {
  file: string
}

if (parentPort === null) throw new Error('a reader runs in a worker thread')
const port = parentPort
const guards = new Map<number, Guard>()

start(workerData as ReaderOptions)

function start ({ file }: ReaderOptions): void {
  try {
    lowerPriority()
    const connection = openForReading(file)
    port.on('message', (messages: Array<Call | Cancel>) => { for (const message of messages) receive(message, connection) })
    answer({ id: 0 })
  } catch (error) {
    answer({ id: 0, error: describeError(error) })
  }
}

function receive (message: Call | Cancel, connection: Connection): void {
  if ('cancel' in message) guards.get(message.cancel)?.cancel()
  else if (message.name === 'close') void connection.close().then(() => port.close())
  else void run(message, connection.db)
}

async function run ({ id, name, args, deadline = Infinity }: Call, db: Connection['db']): Promise<void> {
  const guard = new Guard(deadline, systemClock.now)
  guards.set(id, guard)
  try {
    answer({ id, value: await parseRead(name)({ db, guard }, args as never) })
  } catch (error) {
    answer({ id, error: describeError(error) })
  } finally {
    guards.delete(id)
  }
}

function parseRead (name: string): Reads[keyof Reads] {
  if (!(name in reads)) throw new Error(`no read is called ${name}`)
  return reads[name as keyof Reads]
}

function answer (message: Answer): void {
  port.postMessage([message])
}
