import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build, stop } from 'esbuild'

/** What is built of machine code, and what few need: left where it is, to be loaded at its first use. */
const LEFT = ['better-sqlite3', '@node-rs/argon2', '@fastify/swagger', '@fastify/swagger-ui', '@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler', 'light-my-request', '@zxcvbn-ts/*', 'esbuild', 'systeminformation', 'pidusage', 'prom-client']
/** What packages that are no modules find in each of their files. */
const SCRIPT_NAMES = `import { createRequire as __createRequire } from "node:module";
const require = __createRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;`
/** Threads are started by no loader. */
const TRACES = 'import "../../../../../bin/traces.js";\n'
/** A map that says nothing: traces point into our own sources, and maps of the packages would be the greater part. */
const NO_MAP = `\n//# sourceMappingURL=data:application/json;base64,${Buffer.from('{"version":3,"sources":[""],"mappings":"AAAA"}').toString('base64')}`
/** Others of this checkout may still run, and load from theirs. */
const KEPT = 5

/**
 * Makes a few files of the program's many, without types and comments, in the folder `to`: those that the main thread loads, and one
 * for each other thread. Others may do the same meanwhile. Throws where it cannot be written.
 */
export async function bundle (root, to) {
  const all = dirname(to)
  mkdirSync(all, { recursive: true })
  const draft = `${to}-${process.pid}`
  rmSync(draft, { recursive: true, force: true })
  try {
    const threads = readdirSync(join(root, 'src'), { recursive: true }).filter((name) => name.endsWith('-thread.ts'))
    await Promise.all([
      build({ ...options(root, draft), entryPoints: ['src/main.ts'], splitting: true }),
      build({ ...options(root, draft), entryPoints: threads.map((name) => join('src', name)), banner: { js: TRACES + SCRIPT_NAMES } })
    ])
    moveTo(draft, to)
  } finally {
    rmSync(draft, { recursive: true, force: true })
    await stop()
  }
  removeOld(all)
}

function options (root, outdir) {
  return {
    absWorkingDir: root,
    outdir,
    entryNames: '[name]',
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    external: LEFT,
    banner: { js: SCRIPT_NAMES },
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: 'linked',
    sourcesContent: false,
    plugins: [{ name: 'no-maps-of-packages', setup: leaveMapsOut }],
    logLevel: 'silent'
  }
}

function leaveMapsOut ({ onLoad }) {
  onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, ({ path }) => ({ contents: readFileSync(path, 'utf8') + NO_MAP, loader: 'default' }))
}

/** The one who was first made the same. */
function moveTo (draft, to) {
  try {
    renameSync(draft, to)
  } catch (error) {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
  }
}

function removeOld (all) {
  const byAge = readdirSync(all)
    .map((name) => ({ path: join(all, name), madeAt: statSync(join(all, name)).mtimeMs }))
    .sort((a, b) => b.madeAt - a.madeAt)
  for (const { path } of byAge.slice(KEPT)) rmSync(path, { recursive: true, force: true })
}
