import { execFile, execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { runInNewContext } from 'node:vm'
import { test } from 'tap'

const run = promisify(execFile)
const LAUNCHER = join(import.meta.dirname, '..', 'bin', 'bellwether.js')
const SENTENCE = /^Bellwether needs Node 22\.18 or newer, and this is Node \S+\.\n.*`npm start`.*`npx bellwether`/

interface Launch {
  said: string
  exitCode?: number
  imported?: string
}

/** Runs the launcher as a plain script on a Node of the given version. Throws for syntax that only modules have. */
function launchOn (version: string): Launch {
  const process: { versions: { node: string }, exitCode?: number } = { versions: { node: version } }
  const seen: Launch = { said: '' }
  const console = { error: (text: string) => { seen.said += text } }
  const Function = function (code: string) {
    return () => { seen.imported = code }
  }
  runInNewContext(readFileSync(LAUNCHER, 'utf8'), { process, console, Function })
  return { ...seen, ...(process.exitCode === undefined ? {} : { exitCode: process.exitCode }) }
}

test('a Node that cannot run the service says what is needed and what to do, and exits with 1', async (t) => {
  for (const version of ['4.9.1', '20.20.2', '21.99.0', '22.0.0', '22.17.1', '23.0.0', '23.5.0']) {
    const { said, exitCode, imported } = launchOn(version)

    t.match(said, SENTENCE, version)
    t.ok(said.includes(`this is Node ${version}.`))
    t.equal(exitCode, 1)
    t.equal(imported, undefined)
  }
})

test('a Node that runs TypeScript by itself goes on to the command line', async (t) => {
  for (const version of ['22.18.0', '22.99.1', '23.6.0', '24.0.0', '24.21.0', '100.0.0', '25.0.0-nightly20250101']) {
    t.strictSame(launchOn(version), { said: '', imported: 'return import("./load.js")' }, version)
  }
})

const oldNode = findOldNode()

test('a real old Node says so', { skip: oldNode === undefined && 'no Node older than 22.18 on the PATH' }, async (t) => {
  const failure: unknown = await run(oldNode ?? '', [LAUNCHER, 'serve']).catch((error: unknown) => error)

  t.match(failure, { code: 1, stdout: '', stderr: SENTENCE })
})

function findOldNode (): string | undefined {
  return (process.env['PATH'] ?? '').split(delimiter)
    .map((folder) => join(folder, 'node'))
    .filter((file) => existsSync(file))
    .find((file) => {
      const [major = 0] = execFileSync(file, ['-p', 'process.versions.node'], { encoding: 'utf8' }).split('.').map(Number)
      return major < 22
    })
}
