import { spawn } from 'node:child_process'
import { join } from 'node:path'

/** Loads for `seconds`, or until `total` events were sent. */
export interface LoadOptions {
  port: number
  connections: number
  /** Events a request; 1 posts objects, more posts arrays. */
  batch: number
  token?: string
  path?: string
  /** Asks for `path` instead of sending events. */
  isGet?: boolean
  seconds?: number
  total?: number
  /** Gives the events times that go so far back from now, instead of none. */
  spreadMs?: number
}

/** `events` are those of answers with 2xx. */
export interface LoadResult {
  requests: number
  events: number
  seconds: number
  p50Ms: number
  p99Ms: number
  statuses: Record<string, number>
}

/** Runs the load generator in a process of its own. Throws when any answer was not 2xx, since the figures would mean nothing. */
export async function load (options: LoadOptions): Promise<LoadResult> {
  const result = parseResult(await run('load.ts', options))
  const failed = Object.keys(result.statuses).filter((status) => !status.startsWith('2'))
  if (failed.length > 0) throw new Error(`the load met other answers than 2xx: ${JSON.stringify(result.statuses)}`)
  return result
}

/** Runs a script of this folder with its options as one JSON argument. Answers what it printed. */
export function run (script: string, options: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, script), JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] })
    const kill = () => { child.kill('SIGKILL') }
    let output = ''
    process.once('exit', kill)
    child.stdout.setEncoding('utf8').on('data', (text: string) => { output += text })
    child.once('error', reject)
    child.once('close', (code) => {
      process.off('exit', kill)
      if (code === 0) resolve(output)
      else reject(new Error(`${script} ended with ${code}: ${output}`))
    })
  })
}

function parseResult (text: string): LoadResult {
  return JSON.parse(text) as LoadResult
}
