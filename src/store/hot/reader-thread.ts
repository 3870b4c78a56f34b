import { parentPort } from 'node:worker_threads'
import { systemClock } from '../../core/clock.ts'
import { describeError, type Answer, type Call, type CallOf, type Cancel, type Close } from './calls.ts'
import { openForReading, type Connection } from './database.ts'
import { Guard } from './guard.ts'
import { lowerPriority } from './priority.ts'
import { reads, type Reads } from './reads.ts'
import type { ReadArgs } from '../store.ts'

type Message = CallOf<Reads> | Cancel | Close

export interface ReaderOptions {
  file: string
}

if (parentPort === null) throw new Error('a reader runs in a worker thread')
const port = parentPort
const guards = new Map<number, Guard>()

port.once('message', start)

/** The first message says what to open. */
function start ({ file }: ReaderOptions): void {
  try {
    lowerPriority()
    const connection = openForReading(file)
    port.on('message', (messages: Message[]) => { for (const message of messages) receive(message, connection) })
    answer({ id: 0 })
  } catch (error) {
    answer({ id: 0, error: describeError(error) })
  }
}

function receive (message: Message, connection: Connection): void {
  if ('cancel' in message) guards.get(message.cancel)?.cancel()
  else if (message.name === 'close') void connection.close().then(() => port.close())
  else void run(message, connection.db)
}

async function run<Name extends keyof Reads> ({ id, name, args, deadline = Infinity }: Call<Name, ReadArgs<Name>>, db: Connection['db']): Promise<void> {
  const guard = new Guard(deadline, systemClock.now)
  guards.set(id, guard)
  try {
    if (!Object.hasOwn(reads, name)) throw new Error(`no read is called ${name}`)
    answer({ id, value: await reads[name]({ db, guard }, args) })
  } catch (error) {
    answer({ id, error: describeError(error) })
  } finally {
    guards.delete(id)
  }
}

function answer (message: Answer): void {
  port.postMessage([message])
}
