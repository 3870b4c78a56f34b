import { createReadStream } from 'node:fs'
import { CommandError, EXIT } from '../command.ts'

const STANDARD_INPUT = '-'

/** Reads a file, or standard input, in batches of lines without their ends, blank ones too. Of longer lines `longest` characters are kept. Throws CommandError. */
export async function * linesIn (path = STANDARD_INPUT, longest = Infinity): AsyncGenerator<string[]> {
  let rest = ''
  try {
    for await (const text of chunksOf(path)) {
      const lines = text.split('\n')
      lines[0] = rest + (lines[0] ?? '')
      rest = (lines.pop() ?? '').slice(0, longest)
      yield lines.map(withoutReturn)
    }
  } catch (error) {
    throw new CommandError(`${path === STANDARD_INPUT ? 'standard input' : path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, EXIT.failed, error)
  }
  if (rest !== '') yield [withoutReturn(rest)]
}

function chunksOf (path: string): AsyncIterable<string> {
  const stream = path === STANDARD_INPUT ? process.stdin : createReadStream(path)
  return stream.setEncoding('utf8')
}

function withoutReturn (line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}
