import { Option } from 'commander'
import { configOf, EXIT, UsageError } from '../command.ts'
import { clientOf, commandLine, positive, queryOf, readFlags, withService, type ServiceFlags } from './client-flags.ts'
import { EventLines, FIELDS, jsonLines, type AnyEvent } from './event-lines.ts'
import { fileSource, serviceSource, type EventSource } from './event-sources.ts'
import { pointedOut } from './query-fault.ts'
import { isColoured, print, untilSignal } from './terminal.ts'

interface QueryFlags extends ServiceFlags {
  from?: string
  to?: string
  limit: number
  order: 'asc' | 'desc'
  fields?: string
  json?: true
  dataDir?: string
}

const PAGE = 1_000
const MOST_SHOWN = 100

/** Finds events and prints them; returns the exit code. */
export async function queryEvents (args: readonly string[]): Promise<number> {
  const command = queryCommandLine()
  const read = readFlags<QueryFlags>(command, args)
  if (read === undefined) return EXIT.done
  const query = queryOf(command, read.words)
  const show = printerOf(read.flags)
  try {
    return await untilSignal((signal) => onSource(read.flags, signal, (source) => printPages(source, { flags: read.flags, query, show })))
  } catch (error) {
    throw pointedOut(error, query)
  }
}

function queryCommandLine () {
  return withService(commandLine('query', 'Finds events, newest first: level:ERROR service:shop "timed out" -type:AUDIT meta.status>=500'))
    .argument('[query...]')
    .option('--from <time>', 'ISO 8601, or -15m, -2h, -7d')
    .option('--to <time>', 'not part of the range itself; now when left out')
    .addOption(new Option('--limit <n>', 'at most so many').argParser(positive).default(MOST_SHOWN))
    .addOption(new Option('--order <order>', 'newest or oldest first').choices(['desc', 'asc']).default('desc'))
    .option('--fields <names>', `with commas: ${FIELDS.join(',')}; also id, received_at, severity, type, host, trace_id, meta.x`)
    .option('--json', 'print each event as a line of JSON')
    .option('--data-dir <folder>', 'read the files of a service that does not run, and change nothing')
    .allowUnknownOption()
}

/** How pages are printed. Throws UsageError for fields that are none. */
export function printerOf ({ fields, json }: { fields?: string, json?: true }): (events: readonly AnyEvent[]) => Promise<void> {
  const named = fields?.split(',').map((field) => field.trim())
  if (named?.includes('') === true) throw new UsageError(`--fields takes names with commas, got "${fields}"`)
  if (json === true) return (events) => print(jsonLines(events, named))
  const lines = new EventLines(named ?? FIELDS, isColoured(process.stdout))
  return (events) => print(lines.textOf(events))
}

async function onSource (flags: QueryFlags, signal: AbortSignal, task: (source: EventSource) => Promise<number>): Promise<number> {
  if (flags.dataDir !== undefined) return fileSource(configOf({ 'data-dir': flags.dataDir }).dataDir, signal, task)
  return task(serviceSource(clientOf(flags), signal))
}

async function printPages (source: EventSource, { flags, query, show }: { flags: QueryFlags, query: string, show: (events: readonly AnyEvent[]) => Promise<void> }): Promise<number> {
  const range = { ...(flags.from === undefined ? {} : { from: flags.from }), ...(flags.to === undefined ? {} : { to: flags.to }) }
  let left = flags.limit
  let cursor: string | null | undefined
  while (left > 0 && cursor !== null) {
    const page = await source({ q: query, ...range, order: flags.order, total: 'none', limit: Math.min(PAGE, left), ...(cursor === undefined ? {} : { cursor }) })
    if (cursor === undefined) for (const hint of page.hints ?? []) process.stderr.write(`hint: ${hint}\n`)
    await show(page.events)
    left -= page.events.length
    cursor = page.next
  }
  if (flags.limit === left) process.stderr.write('no event fits\n')
  return EXIT.done
}
