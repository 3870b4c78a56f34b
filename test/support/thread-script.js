import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundledFolder } from '../../bin/bundled-folder.js'
import { threadScript as sourceScript } from '../../src/core/thread-script.ts'

const folder = await bundledFolder()

/** Finds the script of a thread where the program finds it that is started by its launcher: in the bundle, or where there is none among the sources. */
export function threadScript (name, from) {
  return folder === undefined ? sourceScript(name, from) : pathToFileURL(join(folder, `${basename(name)}.js`))
}
