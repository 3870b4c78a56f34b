import { Option } from 'commander'
import { isRecord } from '../../core/is-record.ts'
import { EXIT, UsageError } from '../command.ts'
import { clientOf, commandLine, positive, readFlags, withService, type ServiceFlags } from './client-flags.ts'
import { EventLines, jsonLines, printable, type AnyEvent } from './event-lines.ts'
import { isColoured, print, untilSignal } from './terminal.ts'

interface AlertFlags extends ServiceFlags {
  state?: string
  severity?: string
  rule?: string
  from?: string
  to?: string
  limit: number
  json?: true
}

interface AckFlags extends ServiceFlags {
  note?: string
  until?: string
  json?: true
}

const PAGE = 1_000
const MOST_SHOWN = 100
const FIELDS = ['started_at', 'state', 'severity', 'id', 'rule.name', 'labels', 'acknowledged_by']

/** Prints alerts, those that began last first; returns the exit code. */
export async function listAlerts (args: readonly string[]): Promise<number> {
  const read = readFlags<AlertFlags>(alertsCommandLine(), args)
  if (read === undefined) return EXIT.done
  if (read.words.length > 0) throw new UsageError('alerts takes flags alone, like --state firing')
  const { state, severity, rule, from, to, limit, json } = read.flags
  const client = clientOf(read.flags)
  const lines = new EventLines(FIELDS, isColoured(process.stdout))
  return untilSignal(async (signal) => {
    let left = limit
    for (let cursor: string | undefined | null; left > 0 && cursor !== null;) {
      const page = await client.json('/alerts', { query: { state, severity, rule, from, to, limit: String(Math.min(PAGE, left)), cursor }, signal })
      if (!isRecord(page) || !Array.isArray(page['alerts'])) throw client.notOurs()
      const alerts: AnyEvent[] = page['alerts'].filter(isRecord)
      await print(json === true ? jsonLines(alerts, undefined) : lines.textOf(alerts))
      left -= alerts.length
      cursor = typeof page['next'] === 'string' ? page['next'] : null
    }
    if (left === limit) process.stderr.write('no alert fits\n')
    return EXIT.done
  })
}

/** Says that somebody looks after an alert; returns the exit code. */
export async function acknowledge (args: readonly string[]): Promise<number> {
  const command = withService(commandLine('ack', 'Says that somebody looks after an alert. The token needs the scope admin.'))
    .argument('<id>', 'of the alert, as bellwether alerts prints it')
    .option('--note <text>', 'what others should know')
    .option('--until <time>', 'when it is told again unless it has ended, as ISO 8601')
    .option('--json', 'print the alert as JSON')
  const read = readFlags<AckFlags>(command, args)
  if (read === undefined) return EXIT.done
  const { note, until, json } = read.flags
  const [id = ''] = read.words
  const client = clientOf(read.flags)
  return untilSignal(async (signal) => {
    const alert = await client.json(`/alerts/${encodeURIComponent(id)}/ack`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ note, until }), signal })
    if (!isRecord(alert)) throw client.notOurs()
    await print(json === true ? jsonLines([alert], undefined) : `alert ${printable(id)} is acknowledged\n`)
    return EXIT.done
  })
}

function alertsCommandLine () {
  return withService(commandLine('alerts', 'Lists alerts, those that began last first.'))
    .option('--state <states>', 'pending, firing, resolved, or several with commas')
    .addOption(new Option('--severity <severity>', 'of the alerts').choices(['warning', 'critical']))
    .option('--rule <id>', 'of the rule')
    .option('--from <time>', 'ISO 8601, or -15m, -2h, -7d')
    .option('--to <time>', 'now when left out')
    .addOption(new Option('--limit <n>', 'at most so many').argParser(positive).default(MOST_SHOWN))
    .option('--json', 'print each alert as a line of JSON')
}
