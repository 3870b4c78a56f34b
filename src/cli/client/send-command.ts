import { accessSync, constants, createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { Option } from 'commander'
import { CommandError, EXIT, say } from '../command.ts'
import { Batches } from './batches.ts'
import { clientOf, commandLine, positive, readFlags, withService, type ServiceFlags } from './client-flags.ts'
import { printable } from './event-lines.ts'
import { Shipper, type Shipped } from './shipper.ts'
import { untilSignal } from './terminal.ts'

interface SendFlags extends ServiceFlags {
  service?: string
  level?: string
  type?: string
  host?: string
  batch: number
  format?: 'ndjson' | 'text'
  giveUp: number
  import?: true
  json?: true
}

const STANDARD_INPUT = '-'
const BATCH = 1_000
const GIVE_UP_SECONDS = 60

/** Sends lines of files or of standard input; returns the exit code: 1 when some were refused. */
export async function sendLines (args: readonly string[]): Promise<number> {
  const read = readFlags<SendFlags>(sendCommandLine(), args)
  if (read === undefined) return EXIT.done
  const { flags, words } = read
  const files = words.length === 0 ? [STANDARD_INPUT] : words
  for (const file of files) refuseUnreadable(file)
  const client = clientOf(flags)
  return untilSignal(async (signal) => {
    const { service, level, type, host } = flags
    const shipper = new Shipper({ client, stamp: { service, level, type, host, ...(flags.import === true ? { import: 'true' } : {}) }, giveUpMs: flags.giveUp * 1_000, signal })
    try {
      for (const file of files) if (!signal.aborted) await new Batches({ shipper, file: nameOf(file), most: flags.batch, format: flags.format, signal }).send(inputOf(file))
    } catch (error) {
      if (shipper.shipped.lines > 0) summarise(shipper.shipped, flags.json === true)
      throw error
    }
    summarise(shipper.shipped, flags.json === true)
    return shipper.shipped.rejected > 0 ? EXIT.failed : EXIT.done
  })
}

function sendCommandLine () {
  return withService(commandLine('send', 'Sends files or standard input, a line an event: JSON lines or text, as the first line of each shows. The token needs the scope ingest.'))
    .argument('[file...]')
    .option('--service <name>', 'of events that do not say theirs')
    .option('--level <level>', 'of events that do not say theirs')
    .option('--type <type>', 'of events that do not say theirs')
    .option('--host <name>', 'of events that do not say theirs')
    .addOption(new Option('--batch <lines>', 'at most so many in one request; those of standard input are sent within a second').argParser(positive).default(BATCH))
    .addOption(new Option('--format <format>', 'of the lines').choices(['ndjson', 'text']))
    .addOption(new Option('--give-up <seconds>', 'how long a batch is tried again when the service is busy or away').argParser(positive).default(GIVE_UP_SECONDS))
    .option('--import', 'what it holds happened before: no rule counts it as news')
    .option('--json', 'print the summary as JSON')
}

function refuseUnreadable (file: string): void {
  try {
    if (file !== STANDARD_INPUT) accessSync(file, constants.R_OK)
  } catch (error) {
    throw new CommandError(`${file} cannot be read (${error instanceof Error ? error.message : String(error)}): nothing was sent`, EXIT.failed, error)
  }
}

function inputOf (file: string): Readable {
  return file === STANDARD_INPUT ? process.stdin : createReadStream(file)
}

function nameOf (file: string): string {
  return file === STANDARD_INPUT ? 'standard input' : file
}

function summarise (shipped: Shipped, isJson: boolean): void {
  const { lines, accepted, duplicates, rejected, noted, reasons } = shipped
  const more = rejected - reasons.length
  const text = [
    `${lines} lines: ${accepted} accepted, ${duplicates} duplicates, ${rejected} rejected${noted === 0 ? '' : `, ${noted} not wholly understood`}`,
    ...reasons.map(({ file, line, error }) => `  ${file}:${line}: ${printable(error)}`),
    ...(more > 0 ? [`  and ${more} more: GET /rejected has them`] : [])
  ].join('\n')
  say(isJson ? JSON.stringify(shipped) : text)
}
