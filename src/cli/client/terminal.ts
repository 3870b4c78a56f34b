import { EXIT } from '../command.ts'

/** 128 and the number of the signal, as shells have it. */
const BY_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const

/** Whether colours may be written to a stream: a terminal that does not refuse them. See no-color.org. */
export function isColoured ({ isTTY }: { isTTY?: boolean }): boolean {
  return isTTY === true && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb'
}

/** Writes to standard output, and returns once it was handed on: the end of the program loses nothing. It ends when nobody reads any more. */
export async function print (text: string): Promise<void> {
  if (process.stdout.listenerCount('error') === 0) process.stdout.on('error', endWithReader)
  await new Promise<void>((resolve) => { process.stdout.write(text, () => resolve()) })
}

/** Tells on the other stream what a person should know. */
export function tell (sentence: string): void {
  process.stderr.write(`bellwether: ${sentence}\n`)
}

/** Runs a task that Ctrl-C and SIGTERM end: the first well, by its signal, the second at once. Returns its exit code, or that of the signal. */
export async function untilSignal (task: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const ended = new AbortController()
  let came: keyof typeof BY_SIGNAL | undefined
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (came !== undefined) process.exit(BY_SIGNAL[name])
      came = name
      ended.abort()
    })
  }
  try {
    const code = await task(ended.signal)
    return came === undefined ? code : BY_SIGNAL[came]
  } catch (error) {
    if (came === undefined) throw error
    return BY_SIGNAL[came]
  }
}

function endWithReader (error: Error & { code?: string }): void {
  if (error.code === 'EPIPE') process.exit(EXIT.done)
  throw error
}
