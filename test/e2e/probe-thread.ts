import { parentPort, workerData } from 'node:worker_threads'
import { Client, NoAnswer } from './http.ts'

/** A steady, harmless request: a GET of `path`, or a POST of `body`, in which `{n}` becomes a number that counts up. */
export interface ProbeOptions {
  base: string
  path: string
  everyMs: number
  token?: string
  body?: string
}

/** What the requests met: ms of each answer, and every answer that was not 2xx. */
export interface Probed { ms: number[], failures: string[] }

/** The thread of probe.ts: sends the call every `everyMs`, whether or not the ones before were answered, until it is told to stop. */

const TIMEOUT_MS = 10_000
const CONNECTIONS = 32

function parseOptions (data: unknown): ProbeOptions {
  return data as ProbeOptions
}

const { base, token, path, body, everyMs } = parseOptions(workerData)
// Without a bound: a probe that waited for a free connection would measure itself.
const client = new Client(base, token, Infinity)
const probed: Probed = { ms: [], failures: [] }
const sent: Promise<void>[] = []

async function once (n: number): Promise<void> {
  try {
    const { status, text, ms } = await client.call({ path, timeoutMs: TIMEOUT_MS, ...(body === undefined ? {} : { body: body.replace('{n}', String(n)) }) })
    probed.ms.push(ms)
    if (status < 200 || status > 299) probed.failures.push(`${status} ${text.slice(0, 200)}`)
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error
    probed.failures.push(error.message)
  }
}

async function stop (): Promise<void> {
  clearInterval(timer)
  await Promise.all(sent)
  client.close()
  parentPort?.postMessage(probed)
}

await client.connect(CONNECTIONS)
const timer = setInterval(() => { sent.push(once(sent.length)) }, everyMs)
parentPort?.once('message', () => { void stop() })
parentPort?.postMessage('ready')
