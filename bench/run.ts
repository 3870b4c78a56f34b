import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const SCRIPTS = ['ingest-batch', 'ingest-single', 'health', 'query', 'growth', 'request-metrics', 'metrics-render', 'sampling', 'series', 'rules-tick', 'replay', 'page', 'pipeline', 'miner', 'idle', 'against'] as const

/** These compare with another checkout, so that they run only when they are named. */
const NEED_ANOTHER: readonly string[] = ['idle', 'against']

/** Runs the named benchmarks, or all, one after the other, each in a process of its own; options are handed on. */
async function main (args: string[]): Promise<void> {
  const { positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { rounds: { type: 'string' }, seconds: { type: 'string' }, small: { type: 'string' }, large: { type: 'string' }, before: { type: 'string' }, idle: { type: 'string' }, file: { type: 'string' } }
  })
  const unknown = positionals.filter((name) => !SCRIPTS.some((script) => script === name))
  if (unknown.length > 0) throw new Error(`no benchmark ${unknown.join(', ')}; there are ${SCRIPTS.join(', ')}`)
  const chosen = SCRIPTS.filter((script) => positionals.length === 0 ? !NEED_ANOTHER.includes(script) : positionals.includes(script))
  const options = args.filter((arg, i) => arg.startsWith('--') || args[i - 1]?.startsWith('--'))
  for (const script of chosen) await runScript(script, options)
}

async function runScript (script: string, options: string[]): Promise<void> {
  console.log(`# ${script}`)
  const child = spawn(process.execPath, [join(import.meta.dirname, `${script}.ts`), ...options], { stdio: 'inherit' })
  const [code] = await once(child, 'close')
  if (code !== 0) process.exitCode = 1
}

await main(process.argv.slice(2))
