import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'
import { Writable, type Readable } from 'node:stream'
import { AppError } from '../core/errors.ts'

/**
 * Reads a password: from a terminal twice, without showing it; from anything else the first line. Never an argument, which every
 * other user of the machine could see. Throws `invalid` when there is none, or when the two differ.
 */
export async function askPassword (input: Readable & { isTTY?: boolean }, output: Writable): Promise<string> {
  const isTerminal = input.isTTY === true
  const lines = createInterface({ input, output: new Writable({ write: (_chunk, _encoding, done) => done() }), terminal: isTerminal, historySize: 0 })
  const answers = lines[Symbol.asyncIterator]()
  try {
    if (!isTerminal) return await readLine(answers)
    // The terminal is in raw mode, so that Ctrl-C comes as a letter.
    void once(lines, 'SIGINT').then(() => { process.kill(process.pid, 'SIGINT') })
    const password = await ask('Password: ')
    if (await ask('Once more: ') === password) return password
    throw new AppError('invalid', 'the two passwords differ: nothing was changed')
  } finally {
    lines.close()
  }

  async function ask (prompt: string): Promise<string> {
    output.write(prompt)
    const line = await readLine(answers)
    output.write('\n')
    return line
  }
}

async function readLine (answers: ReturnType<Interface[typeof Symbol.asyncIterator]>): Promise<string> {
  const { value, done } = await answers.next()
  if (done === true || value === '') throw new AppError('invalid', 'a password is needed: type it, or send it to standard input')
  return value
}
