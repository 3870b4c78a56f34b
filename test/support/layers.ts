import { posix } from 'node:path'

/**
 * Who may import whom: docs/ARCHITECTURE.md, section "Import rules", as data. A path that ends in a slash is a folder,
 * one that ends in a star the files right in that folder. The first layer that fits is that of a file.
 * `eslint.config.js` tells of a breach while one writes, `test/architecture.test.ts` decides.
 */
export interface Layer {
  name: string
  paths: readonly string[]
  /** Names of the layers it may import besides itself. */
  imports: readonly string[]
  /** Names of the layers of which it may import types, and nothing that runs. */
  types?: readonly string[]
}

const leaves = ['schemas', 'leaves', 'query']
const stages = ['ingest', 'pipeline', 'detect', 'store', 'rules', 'notify', 'monitor']
const core = [...leaves, 'metrics', 'settings']

export const LAYERS: readonly Layer[] = [
  { name: 'schemas', paths: ['schemas/'], imports: [] },
  {
    name: 'leaves',
    paths: ['src/errors.ts', 'src/clock.ts', 'src/levels.ts', 'src/time-range.ts', 'src/receipt-items.ts', 'src/row-ids.ts', 'src/version.ts', 'src/turns.ts', 'src/addresses.ts', 'src/hosts.ts', 'src/redact.ts', 'src/faults.ts', 'src/duration.ts'],
    imports: ['schemas']
  },
  { name: 'query', paths: ['src/query/'], imports: ['schemas', 'leaves'] },
  { name: 'metrics', paths: ['src/metrics.ts', 'src/metrics-family.ts', 'src/metrics-requests.ts', 'src/metrics-sketch.ts'], imports: ['schemas', 'leaves'] },
  { name: 'settings', paths: ['src/config.ts', 'src/config-values.ts', 'src/guessable.ts', 'src/near-names.ts', 'src/secrets.ts'], imports: ['schemas', 'leaves'] },
  ...stages.map((name) => ({ name, paths: [`src/${name}/`], imports: leaves })),
  { name: 'plugins', paths: ['plugins/'], imports: [...leaves, 'metrics'], types: ['service', 'settings'] },
  { name: 'edge', paths: ['src/main.ts', 'src/cli.ts', 'src/serve.ts', 'src/stand-by.ts', 'src/listen.ts'], imports: [...core, ...stages, 'service', 'plugins'] },
  // What stands right in src/ and in no list above is a part of the wiring.
  { name: 'service', paths: ['src/service.ts', 'src/*'], imports: [...core, ...stages] },
  { name: 'bin', paths: ['bin/'], imports: [...core, ...stages, 'service', 'plugins', 'edge'] },
  { name: 'grafana', paths: ['grafana/'], imports: [] },
  { name: 'bench', paths: ['bench/'], imports: [...core, ...stages, 'service', 'plugins', 'edge', 'test'] },
  { name: 'test', paths: ['test/'], imports: [...core, ...stages, 'service', 'plugins', 'edge', 'bin', 'bench', 'grafana'] }
]

/** Packages that only some layers may import. A name that ends in a slash is a scope. */
export const ONLY_HERE: readonly { packages: readonly string[], layers: readonly string[] }[] = [
  { packages: ['kysely', 'better-sqlite3', 'pg'], layers: ['store', 'bench', 'test'] },
  { packages: ['fastify', 'fastify-plugin', '@fastify/'], layers: ['plugins', 'edge', 'bench', 'test'] },
  { packages: ['prom-client'], layers: ['metrics', 'bench'] },
  { packages: ['@grafana/'], layers: ['grafana'] }
]

/** Packages that a layer may import and no other package, nor anything of Node. */
export const ONLY_THESE: readonly { layer: string, packages: readonly string[] }[] = [
  { layer: 'schemas', packages: ['@sinclair/typebox'] }
]

export function isUnder (file: string, path: string): boolean {
  if (path.endsWith('*')) return posix.dirname(file) === posix.dirname(path)
  return path.endsWith('/') ? file.startsWith(path) : file === path
}

export function layerOf (file: string): Layer | undefined {
  return LAYERS.find(({ paths }) => paths.some((path) => isUnder(file, path)))
}

/** Tells whether `specifier` is one of `packages`, or lies inside one (`kysely/migration`). */
export function isPackageOf (specifier: string, packages: readonly string[]): boolean {
  return packages.some((name) => specifier === name || specifier.startsWith(name.endsWith('/') ? name : `${name}/`))
}
