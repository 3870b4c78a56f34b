import { emptyModel, judgeSession, learnSession, type SessionModel } from '../../detect/sessions/detector.ts'
import { CommandError, EXIT } from '../command.ts'
import { commandLine, readFlags } from '../client/client-flags.ts'
import { print } from '../client/terminal.ts'
import { linesIn } from './input-lines.ts'

interface SessionsFlags {
  train: string
  json?: true
}

/** Judges the sessions of a file or standard input by those of another file; returns the exit code. */
export async function detectSessions (args: readonly string[]): Promise<number> {
  const command = commandLine('detect sessions', 'Judges sessions by the counts of their patterns: one session a line, its ids between blanks, in; {"anomalous", "reasons"} a line out in the same order.')
    .argument('[file]', 'standard input when left out, or -')
    .requiredOption('--train <file>', 'sessions that were healthy, in the same form')
    .option('--json', 'JSON, which it is without this too')
  const read = readFlags<SessionsFlags>(command, args)
  if (read === undefined) return EXIT.done
  const model = await learned(read.flags.train)
  for await (const lines of linesIn(read.words[0])) {
    await print(lines.map((line) => `${JSON.stringify(judgeSession(model, idsOf(line)))}\n`).join(''))
  }
  return EXIT.done
}

async function learned (path: string): Promise<SessionModel> {
  const model = emptyModel()
  for await (const lines of linesIn(path)) {
    for (const ids of lines.map(idsOf)) if (ids.length > 0) learnSession(model, ids)
  }
  if (model.sessions === 0) throw new CommandError(`${path} holds no session: there is nothing to judge by`, EXIT.failed)
  return model
}

function idsOf (line: string): string[] {
  return line.split(/\s+/).filter((id) => id !== '')
}
