import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundledFolder } from './bundled-folder.js'

// Node loads some hundred files and strips their types at every start, in every thread: half of the time, a third of the memory.
const folder = await bundledFolder()
if (folder === undefined) {
  await import('../src/main.ts')
} else {
  const { directory } = enableCompileCache(join(folder, 'compiled'))
  // Threads look for it there.
  if (directory !== undefined) process.env['NODE_COMPILE_CACHE'] = directory
  await import('./traces.js')
  await import(pathToFileURL(join(folder, 'main.js')).href)
}
