import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test, type Test } from 'tap'
import { threadScript } from '../src/core/thread-script.ts'
import { testFolder } from './support/test-folder.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..')
/** Says where it runs from, and with what it was started. */
const SAYS_WHERE = 'const where: string = import.meta.url\nconsole.log(JSON.stringify([where, ...process.argv.slice(2)]))\n'

class Project {
  readonly folder: string
  readonly #main: string
  readonly bundles: string

  /** A checkout whose program is `main`, with our launcher. */
  constructor (t: Test, main: string, sources: Record<string, string> = {}) {
    this.folder = testFolder(t, {
      'package.json': '{ "type": "module" }',
      'package-lock.json': '{}',
      bin: {},
      schemas: {},
      plugins: {},
      src: { 'main.ts': main, 'idle-thread.ts': 'export {}\n', ...sources },
      node_modules: {}
    })
    this.#main = join(this.folder, 'src', 'main.ts')
    this.bundles = join(this.folder, 'node_modules', '.cache', 'bellwether', 'service')
    for (const name of ['bellwether.js', 'load.js', 'bundled-folder.js', 'bundle.js', 'traces.js']) cpSync(join(ROOT, 'bin', name), join(this.folder, 'bin', name))
    symlinkSync(join(ROOT, 'node_modules', 'esbuild'), join(this.folder, 'node_modules', 'esbuild'))
  }

  write (main: string): void {
    writeFileSync(this.#main, main)
  }

  async start (args: readonly string[] = [], entry = join(this.folder, 'bin', 'bellwether.js')): Promise<{ stdout: string, stderr: string }> {
    return run(process.execPath, [entry, ...args], { cwd: this.folder })
  }
}

test('the program is bundled once, and started from that again and again, through a link too, with its arguments', async (t) => {
  const project = new Project(t, SAYS_WHERE)
  const link = join(project.folder, 'bellwether')
  symlinkSync(join(project.folder, 'bin', 'bellwether.js'), link)

  const first = await project.start(['serve', '--port=0'])
  const made = readdirSync(project.bundles)
  const second = await project.start(['serve', '--port=0'], link)

  t.equal(made.length, 1)
  const main = `file://${join(project.bundles, made[0] ?? '', 'main.js')}`
  t.equal(first.stdout, `${JSON.stringify([main, 'serve', '--port=0'])}\n`)
  t.strictSame(second, first)
  t.strictSame(readdirSync(project.bundles), made)
})

test('what was bundled of other sources is never run', async (t) => {
  const project = new Project(t, "import { word } from './word.ts'\nconsole.log(word)\n", { 'word.ts': "export const word: string = 'old'\n" })
  t.equal((await project.start()).stdout, 'old\n')

  writeFileSync(join(project.folder, 'src', 'word.ts'), "export const word: string = 'new'\n")
  t.equal((await project.start()).stdout, 'new\n')
  writeFileSync(join(project.folder, 'src', 'word.ts'), "export const word: string = 'old'\n")
  t.equal((await project.start()).stdout, 'old\n')

  t.equal(readdirSync(project.bundles).length, 2, 'and what was bundled of these is')
})

test('of many bundles the newest are kept', async (t) => {
  const project = new Project(t, '')
  for (let n = 0; n < 7; n++) {
    project.write(`console.log(${n})\n`)
    t.equal((await project.start()).stdout, `${n}\n`)
  }

  t.equal(readdirSync(project.bundles).length, 5)
})

test('where nothing can be written, or the bundler is missing, the program runs from its sources, and nothing is said of it', async (t) => {
  const unwritable = new Project(t, SAYS_WHERE)
  writeFileSync(join(unwritable.folder, 'node_modules', '.cache'), 'no folder')
  // Outside this checkout, whose packages would be found.
  const bare = mkdtempSync(join(tmpdir(), 'bellwether-bare-'))
  t.teardown(() => rmSync(bare, { recursive: true }))
  cpSync(unwritable.folder, bare, { recursive: true, filter: (path) => !path.includes('node_modules') })

  const started = await unwritable.start()
  const startedBare = await run(process.execPath, [join(bare, 'bin', 'bellwether.js')])

  t.strictSame(started, { stdout: `["file://${join(unwritable.folder, 'src', 'main.ts')}"]\n`, stderr: '' })
  t.strictSame(startedBare, { stdout: `["file://${join(bare, 'src', 'main.ts')}"]\n`, stderr: '' })
})

test('sources that cannot be bundled are told by Node, and why they could not be', async (t) => {
  const project = new Project(t, "import './none.ts'\n")

  const failure: unknown = await project.start().catch((error: unknown) => error)

  t.match(failure, { code: 1, stderr: /runs from its sources, since it cannot be bundled: [^]*none\.ts[^]*ERR_MODULE_NOT_FOUND/ })
})

test('the traces of errors name the lines of the sources, in each thread', async (t) => {
  const thrower = '/* A long\n comment. */\nexport function fail (): never {\n  throw new Error(\'broken\')\n}\n'
  const project = new Project(t, `
    import { Worker } from 'node:worker_threads'
    import { extname } from 'node:path'
    import { fail } from './fail.ts'
    try {
      fail()
    } catch (error) {
      console.log((error as Error).stack)
    }
    new Worker(new URL('./fail-thread' + extname(import.meta.url), import.meta.url)).on('message', (text: string) => console.log(text))
  `, { 'fail.ts': thrower, 'fail-thread.ts': "import { parentPort } from 'node:worker_threads'\nimport { fail } from './fail.ts'\ntry {\n  fail()\n} catch (error) {\n  parentPort?.postMessage((error as Error).stack)\n}\n" })

  const { stdout } = await project.start()

  const place = join(project.folder, 'src', 'fail.ts')
  t.strictSame(stdout.match(/^Error: broken\n +at fail \((.+):4:\d+\)$/gm)?.length, 2, stdout)
  t.equal(stdout.split(`at fail (${place}:4:`).length - 1, 2, stdout)
})

test('the threads that tests start run the bundle that the launcher runs', async (t) => {
  const fromSources = new URL('../src/store/hot/sqlite.ts', import.meta.url).href

  const { pathname } = threadScript('./reader-thread', fromSources)

  t.match(pathname, /\/node_modules\/\.cache\/bellwether\/service\/[0-9a-f]{16}\/reader-thread\.js$/)
  t.ok(existsSync(pathname))
})
