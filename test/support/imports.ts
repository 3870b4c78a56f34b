import { posix } from 'node:path'
import ts from 'typescript'
import { ONLY_HERE, ONLY_THESE, isPackageOf, isUnder, layerOf } from './layers.ts'

/** Path from the root of the project, with forward slashes, to the text of the file. */
export type Tree = ReadonlyMap<string, string>

export interface Import {
  specifier: string
  line: number
  /** Erased before the program runs. */
  isType: boolean
}

const parse = (path: string, text: string) => ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)

const lineOf = (source: ts.SourceFile, node: ts.Node) =>
  source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1

function visit (node: ts.Node, see: (node: ts.Node) => void): void {
  see(node)
  ts.forEachChild(node, (child) => visit(child, see))
}

/** Finds every import and re-export: statements, `import()`, `typeof import()`, and workers started by `new URL()`. */
export function importsOf (path: string, text: string): Import[] {
  const source = parse(path, text)
  const found: Import[] = []
  visit(source, (node) => {
    const target = targetOf(node)
    if (target === undefined || !ts.isStringLiteralLike(target.literal)) return
    found.push({ specifier: target.literal.text, line: lineOf(source, node), isType: target.isType })
  })
  return found
}

function targetOf (node: ts.Node): { literal: ts.Node, isType: boolean } | undefined {
  if (ts.isImportDeclaration(node)) return { literal: node.moduleSpecifier, isType: isTypeClause(node.importClause) }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    return { literal: node.moduleSpecifier, isType: node.isTypeOnly }
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return { literal: node.argument.literal, isType: true }
  }
  const [first] = ts.isCallExpression(node) || ts.isNewExpression(node) ? node.arguments ?? [] : []
  if (first === undefined) return undefined
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return { literal: first, isType: false }
  return isModuleUrl(node) ? { literal: first, isType: false } : undefined
}

function isTypeClause (clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const names = clause.namedBindings
  return clause.name === undefined && names !== undefined && ts.isNamedImports(names) &&
    names.elements.length > 0 && names.elements.every(({ isTypeOnly }) => isTypeOnly)
}

/** Recognises `new URL('./x.ts', import.meta.url)`, by which a thread is started. */
function isModuleUrl (node: ts.Node): boolean {
  if (!ts.isNewExpression(node) || node.expression.getText() !== 'URL') return false
  const [first, second] = node.arguments ?? []
  return first !== undefined && ts.isStringLiteralLike(first) && first.text.endsWith('.ts') && second?.getText() === 'import.meta.url'
}

const isRelative = (specifier: string) => specifier.startsWith('./') || specifier.startsWith('../')

const resolve = (from: string, specifier: string) => posix.join(posix.dirname(from), specifier)

function each (tree: Tree, judge: (path: string, found: Import) => string | undefined): string[] {
  return [...tree].flatMap(([path, text]) => importsOf(path, text).flatMap((found) => {
    const fault = judge(path, found)
    return fault === undefined ? [] : [`${path}:${found.line} ${fault}`]
  }))
}

/** Tells of every import that points where its layer may not, and of files that belong to no layer. */
export function directionFaults (tree: Tree): string[] {
  const homeless = [...tree.keys()].filter((path) => layerOf(path) === undefined)
    .map((path) => `${path} belongs to no layer of test/support/layers.ts`)
  return homeless.concat(each(tree, (path, { specifier, isType }) => {
    const from = layerOf(path)
    if (from === undefined || !isRelative(specifier) || specifier.endsWith('.json')) return undefined
    const target = resolve(path, specifier)
    const to = layerOf(target)
    if (to === undefined) return `imports ${target}, which belongs to no layer`
    if (to === from || from.imports.includes(to.name)) return undefined
    if (from.types?.includes(to.name) === true) return isType ? undefined : `may import only types of ${target}`
    return `(${from.name}) may not import ${target} (${to.name})`
  }))
}

/** Tells of packages that are imported outside of the layers that they are kept to. */
export function packageFaults (tree: Tree): string[] {
  return each(tree, (path, { specifier }) => {
    if (isRelative(specifier)) return undefined
    const layer = layerOf(path)?.name ?? ''
    const only = ONLY_THESE.find((rule) => rule.layer === layer)
    if (only !== undefined && !isPackageOf(specifier, only.packages)) return `(${layer}) may not import ${specifier}`
    const kept = ONLY_HERE.find(({ packages }) => isPackageOf(specifier, packages))
    return kept === undefined || kept.layers.includes(layer) ? undefined : `imports ${specifier}, which stays in ${kept.layers.join(', ')}`
  })
}

/** Finds circles of imports, types too. Each is told once, from its first file around to that again. */
export function cycles (tree: Tree): string[] {
  const edges = new Map([...tree].map(([path, text]) => [path, importsOf(path, text)
    .filter(({ specifier }) => isRelative(specifier))
    .map(({ specifier }) => resolve(path, specifier))]))
  const done = new Set<string>()
  const found: string[] = []

  function walk (path: string, way: readonly string[]): void {
    const start = way.indexOf(path)
    if (start >= 0) found.push([...way.slice(start), path].join(' -> '))
    if (start >= 0 || done.has(path)) return
    for (const next of edges.get(path) ?? []) walk(next, [...way, path])
    done.add(path)
  }

  for (const path of edges.keys()) walk(path, [])
  return found
}

/** Tells of default exports outside of `plugins/`, and of files that hand on what others export. */
export function exportFaults (tree: Tree): string[] {
  return statements(tree, (path, statement) => {
    if (ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined) return 're-exports: import from where it is made'
    return isDefaultExport(statement) && !isUnder(path, 'plugins/') ? 'has a default export: only a Fastify plugin may' : undefined
  })
}

function isDefaultExport (statement: ts.Statement): boolean {
  if (ts.isExportAssignment(statement)) return true
  if (ts.isExportDeclaration(statement) && statement.exportClause !== undefined && ts.isNamedExports(statement.exportClause)) {
    return statement.exportClause.elements.some(({ name }) => name.text === 'default')
  }
  return ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)
}

function statements (tree: Tree, judge: (path: string, statement: ts.Statement) => string | undefined): string[] {
  return [...tree].flatMap(([path, text]) => {
    const source = parse(path, text)
    return source.statements.flatMap((statement) => {
      const fault = judge(path, statement)
      return fault === undefined ? [] : [`${path}:${lineOf(source, statement)} ${fault}`]
    })
  })
}

/** Tells of `any`, of `x!`, and of `x!: T`: each switches the type check off. */
export function typeFaults (tree: Tree): string[] {
  return [...tree].flatMap(([path, text]) => {
    const source = parse(path, text)
    const found: string[] = []
    visit(source, (node) => {
      if (node.kind === ts.SyntaxKind.AnyKeyword) found.push(`${path}:${lineOf(source, node)} says any`)
      if (ts.isNonNullExpression(node)) found.push(`${path}:${lineOf(source, node)} asserts with !`)
      const isDeclared = ts.isPropertyDeclaration(node) || ts.isVariableDeclaration(node)
      if (isDeclared && node.exclamationToken !== undefined) found.push(`${path}:${lineOf(source, node)} asserts with !`)
    })
    return found
  })
}

const isProduct = (path: string) => /^(schemas|src|plugins)\//.test(path)

/** Tells every cast of the product, `as const` left out, when there are more than `most` in 1,000 of its lines. */
export function castFaults (tree: Tree, most: number): string[] {
  const files = [...tree].filter(([path]) => isProduct(path))
  const lines = files.reduce((sum, [, text]) => sum + linesIn(text), 0)
  const casts = files.flatMap(([path, text]) => castsIn(path, text))
  return casts.length * 1_000 > most * lines ? casts : []
}

function castsIn (path: string, text: string): string[] {
  const source = parse(path, text)
  const found: string[] = []
  visit(source, (node) => {
    if (ts.isAssertionExpression(node) && !ts.isConstTypeReference(node.type)) found.push(`${path}:${lineOf(source, node)} casts to ${node.type.getText(source)}`)
  })
  return found
}

/** Tells the functions of the product with more than `most` lines. */
export function functionFaults (tree: Tree, most: number): string[] {
  return [...tree].filter(([path]) => isProduct(path)).flatMap(([path, text]) => {
    const source = parse(path, text)
    const found: string[] = []
    visit(source, (node) => {
      if (!ts.isFunctionLike(node)) return
      const first = lineOf(source, node)
      const lines = source.getLineAndCharacterOfPosition(node.end).line + 2 - first
      if (lines > most) found.push(`${path}:${first} is a function of ${lines} lines, more than ${most}`)
    })
    return found
  })
}

const isSource = (path: string) => !isUnder(path, 'test/') && !isUnder(path, 'bench/')

export interface SizeLimits {
  most: number
  median: number
}

/** Tells of source files (tests and benches are free) longer than `most` lines, and of a median above `median`. */
export function sizeFaults (tree: Tree, { most, median }: SizeLimits): string[] {
  const sizes = [...tree].filter(([path]) => isSource(path)).map(([path, text]) => ({ path, lines: linesIn(text) }))
  const giants = sizes.filter(({ lines }) => lines > most).map(({ path, lines }) => `${path} has ${lines} lines, more than ${most}`)
  const middle = sizes.map(({ lines }) => lines).sort((a, b) => a - b)[Math.floor((sizes.length - 1) / 2)] ?? 0
  return middle > median ? [...giants, `the median file has ${middle} lines, more than ${median}`] : giants
}

function linesIn (text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
}

const MOST_FILES = 25
const RIGHT_IN_SRC = ['src/main.ts', 'src/service.ts']

/** Tells folders with too many files to look through, and what stands in the corridor. */
export function roomFaults (tree: Tree): string[] {
  const paths = [...tree.keys()].filter((path) => /^(src|plugins)\//.test(path))
  const rooms = Map.groupBy(paths, (path) => posix.dirname(path))
  const crowded = [...rooms].filter(([, files]) => files.length > MOST_FILES).map(([room, files]) => `${room} holds ${files.length} files, at most ${MOST_FILES}`)
  const strays = (rooms.get('src') ?? []).filter((path) => !RIGHT_IN_SRC.includes(path)).map((path) => `${path} stands right in src/, where only main.ts and service.ts do`)
  return [...crowded, ...strays]
}
