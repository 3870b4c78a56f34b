import { openPage, type PageFiles } from '../../src/page/page-bundle.ts'

/** What the files of the page weigh, gzipped, in bytes. */
export interface PageBytes {
  /** All that the overview needs: its scripts, and the worker. */
  firstScripts: number
  allScripts: number
  styles: number
  firstFiles: number
}

const STATIC = /(?:from|import)"\/dashboard\/assets\/([^"]+\.js)"/g
/** What the document names: its script, what is asked for beside it, and the worker. */
const NAMED = /\/dashboard\/assets\/([^"]+\.js)"/g

export async function pageBytes (): Promise<PageBytes> {
  const files = await openPage({ log: { info: () => {} } })()
  const document = files.get('system.html')?.encodings.identity.toString('utf8') ?? ''
  const scripts = [...files.keys()].filter((name) => name.endsWith('.js'))
  const first = closure(files, [...document.matchAll(NAMED)].map(([, name = '']) => name))
  return {
    firstScripts: sum(files, [...first]),
    allScripts: sum(files, scripts),
    styles: sum(files, [...files.keys()].filter((name) => name.endsWith('.css'))),
    firstFiles: first.size
  }
}

/** Files with all that they import. */
function closure (files: PageFiles, names: readonly string[], known = new Set<string>()): Set<string> {
  for (const name of names) {
    if (known.has(name)) continue
    known.add(name)
    const text = files.get(name)?.encodings.identity.toString('utf8') ?? ''
    closure(files, [...text.matchAll(STATIC)].map(([, imported = '']) => imported), known)
  }
  return known
}

function sum (files: PageFiles, names: readonly string[]): number {
  return names.reduce((bytes, name) => bytes + (files.get(name)?.encodings.gzip.length ?? 0), 0)
}
