import { LONGEST_LINE } from '../../detect/patterns/scan.ts'
import { emptyMiner, learn, resolveId, type Miner } from '../../detect/patterns/miner.ts'
import { patternViews, type PatternView } from '../../detect/patterns/view.ts'
import { EXIT } from '../command.ts'
import { commandLine, readFlags } from '../client/client-flags.ts'
import { print } from '../client/terminal.ts'
import { linesIn } from './input-lines.ts'

interface PatternsFlags {
  json?: true
  list?: true
}

const LINES_AT_ONCE = 10_000

/** Finds the pattern of each line of a file or standard input; returns the exit code. */
export async function detectPatterns (args: readonly string[]): Promise<number> {
  const command = commandLine('detect patterns', 'Finds which lines share a pattern: raw log lines or bare messages in, one {"pattern_id"} a line out in the same order. What turns out to be one pattern has one id.')
    .argument('[file]', 'standard input when left out, or -')
    .option('--list', 'the patterns themselves, the commonest first, in place of one id a line')
    .option('--json', 'JSON, also of --list')
  const read = readFlags<PatternsFlags>(command, args)
  if (read === undefined) return EXIT.done
  const miner = emptyMiner()
  const ids: number[] = []
  for await (const lines of linesIn(read.words[0], 2 * LONGEST_LINE)) {
    for (const line of lines) ids.push(learn(miner, line, Date.now()))
  }
  await (read.flags.list === true ? printList(miner, read.flags.json === true) : printIds(miner, ids))
  return EXIT.done
}

async function printIds (miner: Miner, ids: readonly number[]): Promise<void> {
  for (let from = 0; from < ids.length; from += LINES_AT_ONCE) {
    await print(ids.slice(from, from + LINES_AT_ONCE).map((id) => `{"pattern_id":${resolveId(miner, id)}}\n`).join(''))
  }
}

async function printList (miner: Miner, isJson: boolean): Promise<void> {
  const views = patternViews(miner).sort((one, other) => other.count - one.count)
  await print(views.map((view) => `${isJson ? JSON.stringify(recordOf(view)) : `${view.count}\t${view.id}\t${shown(view)}`}\n`).join(''))
}

function recordOf ({ id, count, example, parts }: PatternView): object {
  return { pattern_id: id, count, example, slots: parts.flatMap(({ values }) => values === undefined ? [] : [values]) }
}

/** The example with marks for what varies. */
function shown ({ parts }: PatternView): string {
  return parts.map(({ text, values }) => values === undefined ? text : '<*>').join('')
}
