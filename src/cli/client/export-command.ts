import { Option } from 'commander'
import { EXIT } from '../command.ts'
import { clientOf, commandLine, queryOf, readFlags, withService, type ServiceFlags } from './client-flags.ts'
import { pointedOut } from './query-fault.ts'
import { Unreachable } from './service-client.ts'
import { print, untilSignal } from './terminal.ts'

interface ExportFlags extends ServiceFlags {
  from?: string
  to?: string
  format: 'ndjson' | 'csv'
  order: 'asc' | 'desc'
}

/** Writes all events that fit to standard output, however many; returns the exit code. */
export async function exportEvents (args: readonly string[]): Promise<number> {
  const command = withService(commandLine('export', 'Writes all events that fit, as NDJSON or CSV: oldest first, however many.'))
    .argument('[query...]')
    .option('--from <time>', 'ISO 8601, or -15m, -2h, -7d')
    .option('--to <time>', 'not part of the range itself; now when left out')
    .addOption(new Option('--format <format>', 'of the output').choices(['ndjson', 'csv']).default('ndjson'))
    .addOption(new Option('--order <order>', 'oldest or newest first').choices(['asc', 'desc']).default('asc'))
    .allowUnknownOption()
  const read = readFlags<ExportFlags>(command, args)
  if (read === undefined) return EXIT.done
  const query = queryOf(command, read.words)
  const { from, to, format, order } = read.flags
  const client = clientOf(read.flags)
  try {
    return await untilSignal(async (signal) => {
      const response = await client.ask('/events/export', { query: { q: query === '' ? undefined : query, from, to, format, order }, signal })
      if (response.body === null) throw client.notOurs()
      await copied(response.body, signal)
      return EXIT.done
    })
  } catch (error) {
    throw pointedOut(error, query)
  }
}

/** Throws Unreachable when the answer breaks off: what was written is not all. */
async function copied (body: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<void> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  try {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) await print(decoder.decode(value, { stream: true }))
  } catch (error) {
    signal.throwIfAborted()
    throw new Unreachable('the export broke off: what was written is not all', error)
  }
}
