import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const SOURCES = ['schemas', 'src', 'plugins']
/** What else decides what the program is: its packages, and how it is bundled. */
const BESIDES = ['package.json', 'package-lock.json', join('bin', 'bundle.js')]
/** An installation that nobody may write into, or without the bundler, does without. */
const EXPECTED = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR', 'EEXIST', 'ENOSPC', 'EDQUOT', 'ERR_MODULE_NOT_FOUND'])

/** Finds the folder of the bundle of these very sources, which is made when it is missing; undefined where it cannot be. */
export async function bundledFolder () {
  try {
    const folder = join(ROOT, 'node_modules', '.cache', 'bellwether', 'service', fingerprint())
    if (!existsSync(join(folder, 'main.js'))) {
      const { bundle } = await import('./bundle.js')
      await bundle(ROOT, folder)
    }
    return folder
  } catch (error) {
    if (!EXPECTED.has(error.code)) process.emitWarning(`the program runs from its sources, since it cannot be bundled: ${error.message}`)
    return undefined
  }
}

/** Names what the program is by what its files say. */
function fingerprint () {
  const sources = SOURCES.flatMap((room) => readdirSync(join(ROOT, room), { recursive: true }).map((name) => join(room, name)))
  const hash = createHash('sha256')
  for (const name of [...sources.filter((name) => name.endsWith('.ts')).sort(), ...BESIDES]) {
    hash.update(`${name}\n`).update(readFileSync(join(ROOT, name)))
  }
  return hash.digest('hex').slice(0, 16)
}
