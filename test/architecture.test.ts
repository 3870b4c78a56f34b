import { readFileSync, readdirSync } from 'node:fs'
import { join, posix, sep } from 'node:path'
import { test } from 'tap'
import {
  castFaults, cycles, directionFaults, exportFaults, functionFaults, importsOf, packageFaults, roomFaults, sizeFaults, typeFaults, type Tree
} from './support/imports.ts'
import { LAYERS } from './support/layers.ts'
import { ownershipFaults } from './support/ownership.ts'

const ROOT = join(import.meta.dirname, '..')
const FOLDERS = ['bin', 'schemas', 'src', 'plugins', 'dashboard', 'grafana', 'test', 'bench']
const LIMITS = { most: 350, median: 80 }
/** In 1,000 lines. A cast stands where the program cannot see the type: at messages of threads, at JSON that it wrote itself. */
const MOST_CASTS = 0.65
const MOST_LINES_OF_FUNCTION = 60

const project = readTree()

test('this project keeps the rules', async (t) => {
  t.ok(project.size > 5, 'there is something to judge')
  t.same(directionFaults(project), [], 'imports point one way')
  t.same(packageFaults(project), [], 'packages stay where they belong')
  t.same(cycles(project), [], 'no circles')
  t.same(exportFaults(project), [], 'named exports, no barrels')
  t.same(typeFaults(project), [], 'no any, no !')
  t.same(castFaults(project, MOST_CASTS), [], 'types in the place of casts')
  t.same(sizeFaults(project, LIMITS), [], 'small files')
  t.same(functionFaults(project, MOST_LINES_OF_FUNCTION), [], 'small functions')
  t.same(roomFaults(project), [], 'no crowded room')
  t.same(ownershipFaults(project), [], 'states of alerts and SQL are made in their own place')
})

test('rooms import in one direction: each only what stands above it in the table', async (t) => {
  const names = LAYERS.map(({ name }) => name)
  for (const { name, imports } of LAYERS.slice(0, names.indexOf('service'))) {
    t.same(imports.filter((other) => names.indexOf(other) >= names.indexOf(name)), [], name)
  }
})

test('docs/ARCHITECTURE.md draws the rooms that there are', async (t) => {
  const picture = readFileSync(join(ROOT, 'docs', 'ARCHITECTURE.md'), 'utf8').match(/^src\/ .*\n(?: {2}.*\n)+/m)?.[0] ?? ''
  const drawn = [...picture.matchAll(/^ {2}([a-z]+)\/ /gm)].map(([, name]) => name)
  const there = new Set([...project.keys()].map((path) => /^src\/([a-z]+)\//.exec(path)?.[1]).filter((name) => name !== undefined))

  t.same(drawn.toSorted(), [...there].toSorted())
})

test('the threads of the store load no TypeBox, which takes them a third of their start', async (t) => {
  const files = new Set(['src/store/hot/reader-thread.ts', 'src/store/hot/writer-thread.ts'])
  const packages = new Set<string>()
  for (const path of files) {
    for (const { specifier, isType } of importsOf(path, project.get(path) ?? '')) {
      if (isType) continue
      if (specifier.startsWith('.')) files.add(posix.join(posix.dirname(path), specifier))
      else packages.add(specifier)
    }
  }

  t.ok(files.has('schemas/words.ts') && packages.has('kysely'), 'what they load was found')
  t.notOk(packages.has('@sinclair/typebox'))
})

test('imports are found in every form, and not in comments, strings or templates', async (t) => {
  const text = [
    "import a, { b } from './a.ts'",
    "import type { C } from './c.ts'",
    "import { type D, type E } from './d.ts'",
    'import {',
    '  f, type G',
    "} from './f.ts'",
    "import './side.ts'",
    "export { h } from './h.ts'",
    "export * from 'i'",
    "const j = await import('./j.ts')",
    "type K = typeof import('./k.ts')",
    "const worker = new Worker(new URL('./l.ts', import.meta.url))",
    "// import './no.ts'",
    "/* import './no.ts' */ const quote = /['\"`]/",
    "const s = \"import './no.ts'\" + `import './no.ts'`",
    "const page = new URL('/x.ts', 'http://host')"
  ].join('\n')

  t.same(importsOf('src/x.ts', text).map(({ specifier, line, isType }) => [specifier, line, isType]), [
    ['./a.ts', 1, false],
    ['./c.ts', 2, true],
    ['./d.ts', 3, true],
    ['./f.ts', 4, false],
    ['./side.ts', 7, false],
    ['./h.ts', 8, false],
    ['i', 9, false],
    ['./j.ts', 10, false],
    ['./k.ts', 11, true],
    ['./l.ts', 12, false]
  ])
})

const crossings: [file: string, imported: string, fault: RegExp | undefined][] = [
  ['schemas/event.ts', "import { x } from './common.ts'", undefined],
  ['schemas/event.ts', "import { x } from '../src/core/errors.ts'", /\(schemas\) may not import src\/core\/errors.ts \(core\)/],
  ['src/core/errors.ts', "import { x } from '../settings/config.ts'", /\(core\) may not/],
  ['src/query/parse.ts', "import { x } from '../core/levels.ts'", undefined],
  ['src/query/parse.ts', "import { x } from '../store/open.ts'", /\(query\) may not/],
  ['src/store/hot/sql.ts', "import { x } from '../../query/node.ts'", undefined],
  ['src/store/hot/migrations/001.ts', "import { x } from '../tables.ts'", undefined],
  ['src/store/hot/alerts/write.ts', "import { x } from '../events/plan.ts'", undefined],
  ['src/store/write.ts', "import { x } from '../ingest/json.ts'", /\(store\) may not import src\/ingest\/json.ts \(ingest\)/],
  ['src/store/write.ts', "import type { X } from '../ingest/json.ts'", /\(store\) may not/],
  ['src/store/write.ts', "const x = new URL('../rules/thread.ts', import.meta.url)", /\(store\) may not/],
  ['src/ingest/json/read-json.ts', "const x = await import('../../service.ts')", /\(ingest\) may not/],
  ['src/access/users.ts', "import { x } from '../store/store.ts'", undefined],
  ['src/access/users.ts', "import { x } from '../settings/config.ts'", /\(access\) may not import src\/settings\/config.ts \(settings\)/],
  ['src/settings/config-reload.ts', "import { x } from '../access/audit.ts'", undefined],
  ['src/outgoing/channels.ts', "import type { X } from '../alerting/rule-book.ts'", /\(outgoing\) may not/],
  ['src/events/streams.ts', "import type { X } from '../numbers/sample-feed.ts'", /\(events\) may not/],
  ['src/alerting/rule-book.ts', "import { x } from '../outgoing/channels.ts'", undefined],
  ['src/service.ts', "import { x } from './store/write.ts'", undefined],
  ['src/service.ts', "import { x } from '../plugins/app.ts'", /\(service\) may not/],
  ['src/service.ts', "import { x } from './cli/serve.ts'", /\(service\) may not/],
  ['plugins/app.ts', "import type { Service } from '../src/service.ts'", undefined],
  ['plugins/app.ts', "import { openService } from '../src/service.ts'", /may import only types of src\/service.ts/],
  ['plugins/routes/events.ts', "import { x } from '../../src/store/read.ts'", /\(plugins\) may not/],
  ['src/main.ts', "import { x } from './cli/run-command.ts'", undefined],
  ['src/cli/serve.ts', "import { x } from '../../plugins/app.ts'", undefined],
  ['src/main.ts', "import { x } from '../test/helper.ts'", /\(edge\) may not/],
  ['src/core/part.ts', "import manifest from '../../package.json' with { type: 'json' }", undefined],
  ['src/part.ts', '', /belongs to no layer/],
  ['src/elsewhere/a.ts', '', /belongs to no layer/],
  ['src/main.ts', "import { x } from './elsewhere/a.ts'", /imports src\/elsewhere\/a.ts, which belongs to no layer/]
]

test('an import against the direction is told', async (t) => {
  for (const [file, text, fault] of crossings) {
    const faults = directionFaults(tree({ [file]: text }))

    if (fault === undefined) t.same(faults, [], `${file}: ${text}`)
    else t.match(faults, [fault], `${file}: ${text}`)
  }
})

const strays: [file: string, specifier: string, isFine: boolean][] = [
  ['src/store/open.ts', 'kysely/migration', true],
  ['src/rules/evaluate.ts', 'kysely', false],
  ['src/service.ts', 'better-sqlite3', false],
  ['plugins/app.ts', '@fastify/helmet', true],
  ['src/cli/run-command.ts', 'fastify', true],
  ['src/service.ts', 'fastify', false],
  ['src/ingest/json/read-json.ts', '@fastify/formbody', false],
  ['src/ingest/json/read-json.ts', 'fastify-like', true],
  ['bench/raw.ts', 'better-sqlite3', true],
  ['schemas/rule.ts', '@sinclair/typebox', true],
  ['schemas/rule.ts', 'node:path', false],
  ['schemas/rule.ts', 'pino', false]
]

test('a package outside of its place is told', async (t) => {
  for (const [file, specifier, isFine] of strays) {
    t.equal(packageFaults(tree({ [file]: `import x from '${specifier}'` })).length, isFine ? 0 : 1, `${file}: ${specifier}`)
  }
})

test('circles are told once each, types included', async (t) => {
  const sample = tree({
    'src/a.ts': "import { b } from './b.ts'",
    'src/b.ts': "import type { c } from './c.ts'",
    'src/c.ts': "import { b } from './b.ts'\nimport { d } from './d.ts'",
    'src/d.ts': ''
  })

  t.same(cycles(sample), ['src/b.ts -> src/c.ts -> src/b.ts'])
  t.same(cycles(tree({ 'src/a.ts': "import './a.ts'" })), ['src/a.ts -> src/a.ts'])
})

test('default exports and barrels are told', async (t) => {
  const told = (file: string, text: string) => exportFaults(tree({ [file]: text })).length

  t.equal(told('src/a.ts', 'export default function a () {}'), 1)
  t.equal(told('src/a.ts', 'const a = 1\nexport default a'), 1)
  t.equal(told('src/a.ts', 'const a = 1\nexport { a as default }'), 1)
  t.equal(told('src/index.ts', "export * from './a.ts'"), 1)
  t.equal(told('src/index.ts', "export { a } from './a.ts'"), 1)
  t.equal(told('plugins/a.ts', 'export default async function a () {}'), 0)
  t.equal(told('src/a.ts', 'export const a = 1\nexport type { B }\ntype B = 1'), 0)
})

test('any and ! are told, but not in words, strings or comparisons', async (t) => {
  const told = (text: string) => typeFaults(tree({ 'src/a.ts': text }))

  t.match(told('const a: any = 1'), [/^src\/a.ts:1 says any/])
  t.match(told('\nconst a = b as Array<any>'), [/^src\/a.ts:2 says any/])
  t.match(told('const a = b!.c'), [/asserts with !/])
  t.match(told('class A { a!: string }'), [/asserts with !/])
  t.match(told('let a!: string'), [/asserts with !/])
  t.same(told('// any\nconst any = !a !== b, c = "x!", d: unknown = `any`'), [])
})

test('casts are told once there are too many of them, as const and other names for a type left out', async (t) => {
  const told = (text: string, path = 'src/a.ts') => castFaults(tree({ [path]: text }), 500)
  const line = 'const a = 1\n'

  t.same(told(`${line}const b = c as string\n`), [])
  t.same(told('const b = c as string\n'), ['src/a.ts:1 casts to string'])
  t.same(told('\nconst b = c as unknown as D\n'), ['src/a.ts:2 casts to D', 'src/a.ts:2 casts to unknown'])
  t.same(told('const b = <D>c\n', 'plugins/a.ts'), ['plugins/a.ts:1 casts to D'])
  t.same(told("import { a as b } from './c.ts'\nexport { b as d }\nconst e = [1] as const, f = <const>[1], g = {} satisfies H\n"), [])
  t.same(castFaults(tree({ 'test/a.ts': 'a as b\n', 'bench/a.ts': 'a as b\n' }), 0), [])
})

test('a long function is told, of whatever kind', async (t) => {
  const told = (text: string, path = 'src/a.ts') => functionFaults(tree({ [path]: text }), 3)

  t.same(told('\nfunction a () {\n\n}\n'), [])
  t.same(told('\nfunction a () {\n\n\n}\n'), ['src/a.ts:2 is a function of 4 lines, more than 3'])
  t.match(told('const a = async () => {\n\n\n}\n'), [/^src\/a.ts:1 /])
  t.match(told('class A {\n  b () {\n\n\n  }\n}\n', 'schemas/a.ts'), [/^schemas\/a.ts:2 /])
  t.same(told('function a () {\n\n\n}\n', 'test/a.ts'), [])
})

test('long files and a high median are told, tests and benches left out', async (t) => {
  const lines = (count: number) => 'x\n'.repeat(count)

  t.same(sizeFaults(tree({ 'src/a.ts': lines(350), 'src/b.ts': lines(80), 'src/c.ts': lines(1) }), LIMITS), [])
  t.match(sizeFaults(tree({ 'src/a.ts': lines(351), 'src/b.ts': '', 'plugins/c.ts': '' }), LIMITS), [/a.ts has 351 lines/])
  t.match(sizeFaults(tree({ 'src/a.ts': lines(81) }), LIMITS), [/median file has 81 lines/])
  t.same(sizeFaults(tree({ 'test/a.test.ts': lines(900), 'bench/a.ts': lines(900) }), LIMITS), [])
})

test('a crowded room is told, and a file right in src/', async (t) => {
  const many = (count: number) => tree(Object.fromEntries(Array.from({ length: count }, (_, n) => [`src/events/${n}.ts`, ''])))

  t.same(roomFaults(many(25)), [])
  t.match(roomFaults(many(26)), [/^src\/events holds 26 files/])
  t.same(roomFaults(tree({ 'src/main.ts': '', 'src/service.ts': '' })), [])
  t.match(roomFaults(tree({ 'src/part.ts': '' })), [/^src\/part.ts stands right in src/])
})

function tree (files: Record<string, string>): Tree {
  return new Map(Object.entries(files))
}

function readTree (): Tree {
  const paths = FOLDERS.flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.split(sep).join('/')}`))
  return new Map(paths.filter((path) => /\.tsx?$/.test(path)).map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]))
}

test('a state of an alert and SQL outside of their places are told', async (t) => {
  const state = "export const a = { phase: 'firing' }\nconst phase = 'x'\nexport const b = { phase }\nexport const isOpen = a.phase === 'firing'\n"
  const sql = "run('SELECT a FROM b')\nrun(`update events set a = 1`)\nrun('Select a file')\nrun(`PRAGMA $" + "{'x'}`)\nrun('updated')\n"
  const tree: Tree = new Map([
    ['src/rules/state.ts', state], ['src/alerting/x.ts', state], ['src/store/hot/x.ts', sql], ['plugins/x.ts', sql], ['test/x.ts', state + sql]
  ])

  t.same(ownershipFaults(tree).map((fault) => fault.split(' ')[0]), [
    'src/alerting/x.ts:1', 'src/alerting/x.ts:3', 'plugins/x.ts:1', 'plugins/x.ts:2', 'plugins/x.ts:4'
  ])
})
