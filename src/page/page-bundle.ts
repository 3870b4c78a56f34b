import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'
import type { BuildOptions, Plugin } from 'esbuild'
import type { Logger } from 'pino'
import { lazily } from '../core/lazily.ts'
import { ROOT } from '../core/root.ts'
import { documentName, pageHtml, THEMES, VARIANTS } from './page-html.ts'

export interface PageFile {
  type: string
  /** By the name of their content encoding; `identity` is always there. */
  encodings: Readonly<Record<'identity' | 'gzip' | 'br', Buffer>>
}

/** Files by their names, which change with their content. */
export type PageFiles = ReadonlyMap<string, PageFile>

interface Cache {
  /** SHA-256 of each file that went in, by its path from the root. */
  inputs: Record<string, string>
  /** Base64, by name and encoding. */
  files: Record<string, { type: string, identity: string, gzip: string, br: string }>
}

const CACHE = join(ROOT, 'node_modules', '.cache', 'bellwether', 'page.json')
const SCRIPT = 'dashboard/main.tsx'
const STYLE = 'dashboard/styles/main.css'
const WORKER = 'dashboard/stream/stream-worker.ts'
const TYPES = new Map([['js', 'text/javascript; charset=utf-8'], ['css', 'text/css; charset=utf-8'], ['html', 'text/html; charset=utf-8']])
const DOCUMENTS = THEMES.flatMap((theme) => VARIANTS.map((variant) => ({ name: documentName(theme, variant), theme, variant })))
const OPTIONS = {
  absWorkingDir: ROOT,
  outdir: 'out',
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  publicPath: '/dashboard/assets/',
  bundle: true,
  format: 'esm',
  target: ['es2022'],
  minify: true,
  legalComments: 'none',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  define: { 'process.env.NODE_ENV': '"production"' },
  write: false,
  metafile: true
} satisfies BuildOptions

/**
 * Has the pages that come later name the first script as a part of them: so all of it is one file that both load, and not one for each set
 * of what they share. What is left of the first script by itself only loads that file, and is not served.
 */
const SHARED_WITH_LATER: Plugin = {
  name: 'shared-with-later',
  setup ({ onLoad }) {
    onLoad({ filter: /[/\\]dashboard[/\\]pages[/\\]index\.ts$/ }, async ({ path }) => ({ contents: `import '../main.tsx'\n${await readFile(path, 'utf8')}`, loader: 'ts' }))
  }
}

/** Gives the files of the web page: bundled when they are first asked for, and kept until a file that went in changes. Throws what esbuild throws. */
export type Page = () => Promise<PageFiles>

export function openPage ({ log }: { log: Pick<Logger, 'info'> }): Page {
  return lazily(() => load(log))
}

async function load (log: Pick<Logger, 'info'>): Promise<PageFiles> {
  const kept = readCache()
  if (kept !== undefined) return unpack(kept)
  const began = performance.now()
  const made = await bundle()
  keep(made)
  log.info({ ms: Math.round(performance.now() - began) }, 'the page was bundled')
  return unpack(made)
}

/** What was bundled before, if all that went in is as it was. */
function readCache (): Cache | undefined {
  try {
    const cache: Cache = JSON.parse(readFileSync(CACHE, 'utf8'))
    return Object.entries(cache.inputs).every(([path, hash]) => hashOf(path) === hash) ? cache : undefined
  } catch {
    // Not there, of another version, or a file that went in is gone: all the same.
    return undefined
  }
}

/** Where this cannot be written, as in an image, the next start bundles again. */
function keep (cache: Cache): void {
  const draft = `${CACHE}.${process.pid}`
  try {
    mkdirSync(dirname(CACHE), { recursive: true })
    writeFileSync(draft, JSON.stringify(cache))
    renameSync(draft, CACHE)
  } catch {}
}

function hashOf (path: string): string {
  return createHash('sha256').update(readFileSync(join(ROOT, path))).digest('hex')
}

async function bundle (): Promise<Cache> {
  const { build, stop } = await import('esbuild')
  const [page, worker] = await Promise.all([
    build({ ...OPTIONS, entryPoints: [SCRIPT, STYLE], splitting: true, plugins: [SHARED_WITH_LATER] }),
    build({ ...OPTIONS, entryPoints: [WORKER] })
  ])
  await stop()
  const outputs = { ...page.metafile.outputs, ...worker.metafile.outputs }
  const outputOf = (entry: string): string => Object.keys(outputs).find((path) => outputs[path]?.entryPoint === entry) ?? ''
  const stub = outputOf(SCRIPT)
  const script = basename(outputs[stub]?.imports[0]?.path ?? '')
  const parts = { script, worker: basename(outputOf(WORKER)), style: basename(outputOf(STYLE)) }
  const pages = DOCUMENTS.map(({ name, ...shown }) => ({ name, body: Buffer.from(pageHtml({ ...parts, ...shown })) }))
  const files = [...page.outputFiles, ...worker.outputFiles].map(({ path, contents }) => ({ name: basename(path), body: Buffer.from(contents) }))
  const assets = files.filter(({ name }) => name !== basename(stub))
  const inputs = [...Object.keys(page.metafile.inputs), ...Object.keys(worker.metafile.inputs), 'src/page/page-html.ts', 'src/page/page-bundle.ts']
  return {
    inputs: Object.fromEntries(inputs.map((path) => [path, hashOf(path)])),
    files: Object.fromEntries(await Promise.all([...pages, ...assets].map(fileOf)))
  }
}

/** Compresses on threads of Node's: requests are answered meanwhile. */
async function fileOf ({ name, body }: { name: string, body: Buffer }): Promise<[string, Cache['files'][string]]> {
  const [zipped, squeezed] = await Promise.all([promisify(gzip)(body, { level: 9 }), promisify(brotliCompress)(body)])
  const type = TYPES.get(name.split('.').at(-1) ?? '') ?? 'application/octet-stream'
  return [name, { type, identity: body.toString('base64'), gzip: zipped.toString('base64'), br: squeezed.toString('base64') }]
}

function unpack ({ files }: Cache): PageFiles {
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64')
  return new Map(Object.entries(files).map(([name, { type, identity, gzip, br }]) => [name, { type, encodings: { identity: bytes(identity), gzip: bytes(gzip), br: bytes(br) } }]))
}
