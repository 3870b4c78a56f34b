import { createRequire } from 'node:module'
import type * as Yaml from 'yaml'
import type { Document, LineCounter, Node } from 'yaml'
import type { ConfigFileText } from '../../schemas/config-file.ts'
import { shape } from './yaml-shape.ts'
import type { Fault } from '../core/errors.ts'

const MOST_ALIASES = 100
const require = createRequire(import.meta.url)

/** A YAML text that knows where its parts stand. */
export interface YamlText {
  /** The line, from 1, of what a JSON pointer names, or of the nearest thing around it. `@7` names a line itself. */
  lineOf: (pointer: string) => number
}

export interface ReadYaml {
  yaml: YamlText
  /** Undefined when the text is no YAML. What is of another shape is left out or replaced. */
  value: ConfigFileText | undefined
  /** By JSON pointer. */
  faults: Fault[]
  /** Places at which nothing was said that could be read. */
  replaced: readonly string[]
}

/** Reads the text of a configuration file, and tells everything that its shape has wrong. An empty text is an empty file. */
export function readYaml (text: string): ReadYaml {
  const { LineCounter, parseDocument } = loadYaml()
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const yaml: YamlText = { lineOf: (pointer) => lineOf(document, lines, pointer) }
  const syntax = document.errors.map(({ message, pos: [at] }): Fault => ({ path: `@${lines.linePos(at).line}`, message }))
  // A key that is there twice leaves the rest readable, anything else nothing that could be trusted.
  if (document.errors.some(({ code }) => code !== 'DUPLICATE_KEY')) return { yaml, value: undefined, faults: syntax, replaced: [] }
  const { value, faults, replaced } = shaped(document)
  return { yaml, value, faults: [...syntax, ...faults], replaced }
}

function shaped (document: Document.Parsed): Pick<ReadYaml, 'value' | 'faults' | 'replaced'> {
  try {
    const given: unknown = document.toJS({ maxAliasCount: MOST_ALIASES }) ?? {}
    return shape(given)
  } catch (error) {
    // Aliases of aliases, which would fill the memory.
    if (error instanceof ReferenceError) return { value: undefined, faults: [{ path: '', message: error.message }], replaced: [] }
    throw error
  }
}

function lineOf (document: Document.Parsed, lines: LineCounter, pointer: string): number {
  return pointer.startsWith('@') ? Number(pointer.slice(1)) : yamlPlace(document, lines, pointer).line
}

/** Where the thing at a JSON pointer stands, or the nearest around it; both from 1. The member of a map stands where its key does. */
export function yamlPlace (document: Document.Parsed, lines: LineCounter, pointer: string): { line: number, col: number } {
  let node: Node | null = document.contents
  let place = node?.range?.[0] ?? 0
  for (const name of pointer.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))) {
    const step = stepInto(document, node, name)
    if (step === undefined) break
    place = step.place ?? place
    node = step.node
  }
  const { line, col } = lines.linePos(place)
  return { line: Math.max(1, line), col: Math.max(1, col) }
}

function stepInto (document: Document.Parsed, from: Node | null, name: string): { node: Node | null, place: number | undefined } | undefined {
  const { isAlias, isMap, isScalar, isSeq } = loadYaml()
  const node = isAlias(from) ? from.resolve(document) ?? null : from
  if (isSeq<Node>(node)) {
    const item = node.items[Number(name)]
    return item === undefined ? undefined : { node: item, place: item.range?.[0] }
  }
  if (!isMap<Node, Node>(node)) return undefined
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === name)
  return pair === undefined ? undefined : { node: pair.value, place: pair.key.range?.[0] }
}

/** Loaded for the first text: many services have no configuration file. */
function loadYaml (): typeof Yaml {
  return require('yaml')
}
