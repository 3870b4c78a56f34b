import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Test } from 'tap'

export const LAUNCHER = join(import.meta.dirname, '..', 'bin', 'bellwether.js')

/** Settings by the names of the environment; nothing else of this process's environment is handed on but PATH and where Node keeps what it compiled. */
export interface ProgramOptions {
  cwd: string
  env?: Record<string, string>
  /** What it finds on standard input. */
  input?: string
  /** Whom it runs as, where that can be chosen. */
  uid?: number
}

/** The real program in a process of its own, ended with the test. */
export class Program {
  stdout = ''
  stderr = ''
  readonly #child: ChildProcess
  readonly #ended: Promise<number | null>
  #isOver = false
  #changed: () => void = () => {}

  constructor (t: Test, args: readonly string[], { cwd, env = {}, input, uid }: ProgramOptions) {
    const child = spawn(process.execPath, [LAUNCHER, ...args], { cwd, env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], ...env }, stdio: ['pipe', 'pipe', 'pipe'], ...(uid === undefined ? {} : { uid }) })
    this.#child = child
    // One that has ended reads nothing.
    child.stdin.on('error', () => {}).end(input)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
      this.#changed()
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
      this.#changed()
    })
    this.#ended = once(child, 'close').then(([code]) => {
      this.#isOver = true
      this.#changed()
      return typeof code === 'number' ? code : null
    })
    t.teardown(async () => {
      child.kill('SIGKILL')
      await this.#ended
    })
  }

  /** Waits until the service has printed its address, and answers it. Throws when it ended before. */
  async address (): Promise<string> {
    for (;;) {
      const address = /^ {2}address +(\S+)\n[^]*\n$/m.exec(this.stdout)?.[1]
      if (address !== undefined && this.stdout.includes('data file')) return address
      if (this.#isOver) throw new Error(`it ended: ${this.stderr}`)
      await new Promise<void>((resolve) => { this.#changed = resolve })
    }
  }

  /** Waits until it has written this to standard error. Throws when it ended before. */
  async says (text: RegExp): Promise<void> {
    while (!text.test(this.stderr)) {
      if (this.#isOver) throw new Error(`it ended: ${this.stderr}`)
      await new Promise<void>((resolve) => { this.#changed = resolve })
    }
  }

  /** Waits until it has printed that. Throws when it ended before. */
  async printed (pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.stdout)
      if (found !== null) return found
      if (this.#isOver) throw new Error(`it ended: ${this.stderr}`)
      await new Promise<void>((resolve) => { this.#changed = resolve })
    }
  }

  signal (name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** The exit code; null when a signal ended it. */
  exited (): Promise<number | null> {
    return this.#ended
  }
}

/** Runs the program to its end. */
export async function run (t: Test, args: readonly string[], options: ProgramOptions): Promise<{ code: number | null, stdout: string, stderr: string }> {
  const program = new Program(t, args, options)
  const code = await program.exited()
  return { code, stdout: program.stdout, stderr: program.stderr }
}
