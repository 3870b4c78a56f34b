import { globSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { inWrittenOrder } from '../pipeline/run/rotation.ts'
import { STANDARD_INPUT } from '../pipeline/run/input.ts'
import { STANDARD_OUTPUT } from '../pipeline/run/output.ts'
import type { SendTarget } from '../pipeline/run/sending.ts'
import { UsageError } from './command.ts'

/** What `bellwether run` was told. */
export interface RunFlags {
  /** In the order in which they were written. Empty: nothing to run, the page shows a sample. */
  files: string[]
  output: string
  config: string | undefined
  trace: 'off' | 'sampled' | 'all'
  traceEvery: number
  dashboardPort: number | undefined
  saveMetrics: string | undefined
  follow: boolean
  resume: boolean
  deadLetters: string | undefined
  encoding: 'utf8' | 'latin1'
  longestLine: number
  failOnErrors: boolean
  json: boolean
  quiet: boolean
  send: SendTarget | undefined
}

/** The port of the page where none is named. */
const DASHBOARD_PORT = 8000
const LONGEST_LINE = 16 * 1024 * 1024

/** Reads the flags of a run. `undefined` when the help was asked for, and printed. Throws UsageError. */
export function readRunFlags (args: readonly string[]): RunFlags | undefined {
  const command = runCommandLine()
  try {
    command.parse(args.filter((arg, at) => !(at === 0 && arg === 'run')), { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.helpDisplayed') return undefined
    throw new UsageError(error.message.replace(/^error: /, ''))
  }
  return checked(command.opts<Given>())
}

interface Given {
  file?: string[]
  output?: string
  config?: string
  trace?: boolean
  sample: number | false
  dashboard?: boolean
  dashboardPort?: number
  saveMetrics?: string
  follow?: boolean
  resume?: boolean
  errors?: string
  encoding: 'utf8' | 'latin1'
  longestLine: number
  failOnErrors?: boolean
  json?: boolean
  quiet?: boolean
  send?: string
  service?: string
}

function runCommandLine (): Command {
  return new Command('bellwether run')
    .description('Runs lines through a pipeline, and shows what becomes of each.')
    .addOption(new Option('--file <path...>', 'what to read: files, patterns like \'app.log*\' (rotated ones in the order in which they were written), or - for standard input; gzip and zstd are unpacked'))
    .option('--output <path>', 'where lines go; standard output when left out')
    .option('--config <path>', 'the pipeline, as JSON or YAML; a small one is built in')
    .option('--trace', 'trace every line, in place of one of 1,000 with every error and drop up to 20 a second')
    .addOption(new Option('--sample <n>', 'trace one of so many lines').argParser(positive).default(1_000))
    .option('--no-sample', 'trace none')
    .option('--dashboard', 'serve the page, /stats, /trace, /errors and /runs; alone: with a sample run')
    .addOption(new Option('--dashboard-port <port>', `the port of the page, ${DASHBOARD_PORT} when left out; stands for --dashboard too`).argParser(port))
    .option('--save-metrics <path>', 'write what /stats tells to a file at the end')
    .option('--follow', 'wait for more at the end of the file, across rotations, until Ctrl-C')
    .option('--resume', 'go on where the last run of the same files, output and configuration was stopped')
    .option('--errors <path>', 'where lines go that are errors, as NDJSON; OUTPUT.errors.ndjson when left out')
    .addOption(new Option('--encoding <name>', 'of the input').choices(['utf8', 'latin1']).default('utf8'))
    .addOption(new Option('--longest-line <bytes>', 'longer ones are errors').argParser(positive).default(LONGEST_LINE))
    .option('--send <url>', 'post what goes out to a Bellwether too, with the token in BELLWETHER_TOKEN')
    .option('--service <name>', 'the service of the lines that are posted')
    .option('--fail-on-errors', 'end with 6 when lines were errors')
    .option('--json', 'print the summary as JSON')
    .option('--quiet', 'print neither progress nor summary')
    .helpOption('--help', 'show this')
    .allowExcessArguments()
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
}

function checked (given: Given): RunFlags {
  const files = filesOf(given.file ?? [])
  const isShown = given.dashboard === true || given.dashboardPort !== undefined
  if (files.length === 0 && !isShown) throw new UsageError('say what to read: bellwether run --file input.txt --output result.txt, or --dashboard for a sample')
  const output = given.output ?? STANDARD_OUTPUT
  if (given.resume === true && output === STANDARD_OUTPUT) throw new UsageError('--resume needs --output with a file: what standard output was given, nobody can tell')
  return {
    files,
    output,
    config: given.config,
    trace: given.trace === true ? 'all' : given.sample === false ? 'off' : 'sampled',
    traceEvery: given.sample === false ? 1 : given.sample,
    dashboardPort: isShown ? given.dashboardPort ?? DASHBOARD_PORT : undefined,
    saveMetrics: given.saveMetrics,
    follow: given.follow === true,
    resume: given.resume === true,
    deadLetters: given.errors ?? (output === STANDARD_OUTPUT ? undefined : `${output}.errors.ndjson`),
    encoding: given.encoding,
    longestLine: given.longestLine,
    failOnErrors: given.failOnErrors === true,
    json: given.json === true,
    quiet: given.quiet === true,
    send: given.send === undefined ? undefined : targetOf(given.send, given.service)
  }
}

function targetOf (text: string, service: string | undefined): SendTarget {
  const token = process.env['BELLWETHER_TOKEN'] ?? ''
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) throw new UsageError(`--send takes an address like http://127.0.0.1:8080, got ${JSON.stringify(text)}`)
  if (token === '') throw new UsageError('--send needs a token with the scope ingest in the environment variable BELLWETHER_TOKEN')
  return { url: text, token, service }
}

/** Files by name, and those that a pattern finds. */
function filesOf (named: readonly string[]): string[] {
  const found = named.flatMap((name) => {
    if (name === STANDARD_INPUT || !/[*?[{]/.test(name)) return [name]
    const matches = globSync(name).sort()
    if (matches.length === 0) throw new UsageError(`no file fits ${name}`)
    return matches
  })
  return inWrittenOrder([...new Set(found)])
}

function positive (value: string): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('a whole number from 1 on is needed.')
  return number
}

function port (value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 0 || number > 65_535) throw new InvalidArgumentError('a port is a number from 0 to 65535.')
  return number
}
