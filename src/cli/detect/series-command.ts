import { missingOf, observe, type Observation } from '../../detect/series/observe.ts'
import { newSeries, type SeriesState } from '../../detect/series/state.ts'
import { CommandError, EXIT } from '../command.ts'
import { commandLine, readFlags } from '../client/client-flags.ts'
import { print, tell } from '../client/terminal.ts'
import { linesIn } from './input-lines.ts'
import { headOf, rowOf, type SeriesHead, type SeriesRow } from './series-rows.ts'

interface SeriesFlags {
  json?: true
}

type Printer = (row: SeriesRow, observation: Observation) => string

const LONGEST_ROW = 65_536

/** Judges each value of a series by those before it; returns the exit code. */
export async function detectSeries (args: readonly string[]): Promise<number> {
  const command = commandLine('detect series', 'Judges each value of a series by those before it: CSV with the columns timestamp and value in; alarms with their reasons out, or with --json a score for each row.')
    .argument('[file]', 'standard input when left out, or -')
    .option('--json', '{"score"} for each row, and what was found where it is an alarm')
  const read = readFlags<SeriesFlags>(command, args)
  if (read === undefined) return EXIT.done
  const state = newSeries()
  await judge(state, read.words[0], read.flags.json === true ? scoreLine : alarmLine)
  if (read.flags.json !== true) tellWhatIsMissing(state)
  return EXIT.done
}

/** Prints what is judged also when a later row cannot be read. Throws CommandError for that row. */
async function judge (state: SeriesState, file: string | undefined, printer: Printer): Promise<void> {
  let head: SeriesHead | undefined
  let number = 0
  for await (const lines of linesIn(file, LONGEST_ROW)) {
    let out = ''
    for (const line of lines) {
      number++
      if (line.trim() === '') continue
      const read = head === undefined ? headOf(line) : rowOf(line, head)
      if (typeof read === 'string') {
        await print(out)
        throw new CommandError(`line ${number}: ${read}`, EXIT.failed)
      }
      if ('at' in read) out += printer(read, observe(state, read.at, read.value))
      else head = read
    }
    await print(out)
  }
  if (head === undefined) throw new CommandError('there is no line: a series begins with timestamp,value', EXIT.failed)
}

function scoreLine (_: SeriesRow, observation: Observation): string {
  return `${JSON.stringify(observation)}\n`
}

function alarmLine ({ at, value }: SeriesRow, { score, alarm, reasons = [] }: Observation): string {
  return alarm === undefined ? '' : `${new Date(at).toISOString()}\t${value}\t${score.toFixed(1)}\t${alarm}\t${reasons.join('; ')}\n`
}

function tellWhatIsMissing (state: SeriesState): void {
  const missing = missingOf(state)
  if (missing.length > 0) tell(`after ${state.count} values not everything is judged yet; ${missing.join('; ')}`)
}
