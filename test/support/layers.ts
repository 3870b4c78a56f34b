/**
 * Who may import whom: docs/ARCHITECTURE.md, section "Import rules", as data. A path that ends in a slash is a folder. The first layer
 * that fits is that of a file. `eslint.config.js` tells of a breach while one writes, `test/architecture.test.ts` decides.
 */
export interface Layer {
  name: string
  paths: readonly string[]
  /** Names of the layers it may import besides itself. */
  imports: readonly string[]
  /** Names of the layers of which it may import types, and nothing that runs. */
  types?: readonly string[]
}

const leaves = ['words', 'schemas', 'core', 'query']
const stages = ['ingest', 'pipeline', 'detect', 'store', 'rules', 'notify', 'monitor']
const rooms = ['metrics', 'page', 'access', 'settings', 'time', 'demo', 'pipelines', 'events', 'numbers', 'outgoing', 'alerting', 'health', 'overview']
const all = [...leaves, ...stages, ...rooms, 'service']

/** A room of the service: it may import the stages and the rooms named here, and no other; a room never imports one that imports it. */
function room (name: string, imports: readonly string[]): Layer {
  return { name, paths: [`src/${name}/`], imports: [...leaves, ...imports] }
}

export const LAYERS: readonly Layer[] = [
  { name: 'words', paths: ['schemas/words.ts'], imports: [] },
  { name: 'schemas', paths: ['schemas/'], imports: ['words'] },
  { name: 'core', paths: ['src/core/'], imports: ['words', 'schemas'] },
  { name: 'query', paths: ['src/query/'], imports: ['words', 'schemas', 'core'] },
  ...stages.map((name) => room(name, [])),
  room('metrics', []),
  room('page', []),
  room('access', ['store']),
  room('settings', ['pipeline', 'store', 'rules', 'notify', 'monitor', 'metrics', 'access']),
  room('time', ['store']),
  room('demo', ['detect', 'store', 'access']),
  room('pipelines', ['ingest', 'pipeline', 'detect', 'store', 'metrics', 'access', 'settings']),
  room('events', ['ingest', 'pipeline', 'detect', 'store', 'metrics', 'access', 'pipelines']),
  room('numbers', ['ingest', 'monitor', 'store', 'metrics', 'events']),
  room('outgoing', ['store', 'rules', 'notify', 'metrics', 'access', 'settings']),
  room('alerting', ['detect', 'store', 'rules', 'notify', 'metrics', 'access', 'settings', 'time', 'events', 'numbers', 'outgoing']),
  room('health', ['ingest', 'store', 'rules', 'notify', 'metrics', 'access', 'settings', 'time', 'events', 'numbers', 'outgoing', 'alerting']),
  room('overview', ['store', 'metrics', 'demo', 'events', 'numbers', 'alerting', 'health']),
  { name: 'service', paths: ['src/service.ts'], imports: [...leaves, ...stages, ...rooms] },
  { name: 'dashboard', paths: ['dashboard/'], imports: ['words', 'core', 'query'], types: ['schemas'] },
  { name: 'plugins', paths: ['plugins/'], imports: [...leaves, 'metrics'], types: ['service', ...rooms] },
  { name: 'edge', paths: ['src/main.ts', 'src/cli/'], imports: [...all, 'plugins'] },
  { name: 'bin', paths: ['bin/'], imports: [...all, 'plugins', 'edge'] },
  { name: 'grafana', paths: ['grafana/'], imports: [] },
  { name: 'bench', paths: ['bench/'], imports: [...all, 'plugins', 'edge', 'test'] },
  { name: 'test', paths: ['test/'], imports: [...all, 'dashboard', 'plugins', 'edge', 'bin', 'bench', 'grafana'] }
]

/** Packages that only some layers may import. A name that ends in a slash is a scope. */
export const ONLY_HERE: readonly { packages: readonly string[], layers: readonly string[] }[] = [
  { packages: ['kysely', 'better-sqlite3', 'pg'], layers: ['store', 'bench', 'test'] },
  { packages: ['fastify', 'fastify-plugin', '@fastify/'], layers: ['plugins', 'edge', 'bench', 'test'] },
  { packages: ['esbuild'], layers: ['page', 'bench', 'test'] },
  { packages: ['preact', '@preact/'], layers: ['dashboard', 'bench'] },
  { packages: ['prom-client'], layers: ['metrics', 'bench'] },
  { packages: ['@zxcvbn-ts/'], layers: ['access'] },
  { packages: ['@grafana/'], layers: ['grafana'] }
]

/** Packages that a layer may import and no other package, nor anything of Node. */
export const ONLY_THESE: readonly { layer: string, packages: readonly string[] }[] = [
  { layer: 'words', packages: [] },
  { layer: 'schemas', packages: ['@sinclair/typebox'] }
]

export function isUnder (file: string, path: string): boolean {
  return path.endsWith('/') ? file.startsWith(path) : file === path
}

export function layerOf (file: string): Layer | undefined {
  return LAYERS.find(({ paths }) => paths.some((path) => isUnder(file, path)))
}

/** Tells whether `specifier` is one of `packages`, or lies inside one (`kysely/migration`). */
export function isPackageOf (specifier: string, packages: readonly string[]): boolean {
  return packages.some((name) => specifier === name || specifier.startsWith(name.endsWith('/') ? name : `${name}/`))
}
