import { existsSync, readFileSync } from 'node:fs'
import { LineCounter, parseDocument, isMap } from 'yaml'
import { AppError, ConfigurationError, type Fault } from '../core/errors.ts'
import { compileGraph } from '../pipeline/graph.ts'
import { graphHints } from '../pipeline/hints.ts'
import { yamlPlace } from '../settings/yaml-text.ts'
import { say } from './command.ts'

interface Place {
  line: number
  col: number
}

/** What runs without a configuration: numbers the lines, shows them in capitals, keeps those that matter, one part a line. */
export const DEFAULT_PIPELINE = {
  processors: [
    { type: 'line_counter', id: 'counter' },
    { type: 'uppercase', id: 'uppercase' },
    { type: 'filter', id: 'filter', pattern: 'important|error', regex: true, ignore_case: true },
    { type: 'splitter', id: 'splitter', delimiter: '|' }
  ]
}

const MOST_ALIASES = 100

/** Reads a pipeline from a file of JSON or YAML. Throws ConfigurationError that shows each mistake where it stands. */
export function readPipelineFile (path: string): unknown {
  const { value, faults } = readPipelineText(path, readText(path))
  if (faults.length > 0) throw new ConfigurationError(faults.join('\n'))
  return value
}

/** Reads the text of a pipeline; each of its mistakes as `file:line:col: what`, with the line and a caret below. */
function readPipelineText (path: string, text: string): { value: unknown, faults: string[] } {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const told = (place: Place, message: string): string => pointed(path, text, place, message)
  const syntax = document.errors.map(({ message, pos: [at] }) => told(lines.linePos(at), message))
  if (syntax.length > 0) return { value: undefined, faults: syntax }
  if (document.contents === null) return { value: undefined, faults: [told({ line: 1, col: 1 }, 'the file is empty: a pipeline is like {"processors": [{"type": "uppercase"}]}')] }
  try {
    const value: unknown = document.toJS({ maxAliasCount: MOST_ALIASES })
    return { value, faults: faultsOf(value).map(({ path: pointer, message }) => told(yamlPlace(document, lines, pointer), message)) }
  } catch (error) {
    // Aliases of aliases, which would fill the memory.
    if (error instanceof ReferenceError) return { value: undefined, faults: [told({ line: 1, col: 1 }, error.message)] }
    throw error
  }
}

/** Whether a file holds a pipeline, and no other configuration. What cannot be read is none. */
export function isPipelineFile (path: string): boolean {
  if (!existsSync(path)) return false
  const document = parseDocument(readText(path), { prettyErrors: false })
  return isMap(document.contents) && document.has('processors')
}

/** Tells what is wrong with a pipeline, or how large it is. Throws ConfigurationError. */
export function checkPipeline (path: string): number {
  const { nodes } = compileGraph(readPipelineFile(path))
  const hints = graphHints(nodes)
  return say(`${path} is fine, with ${nodes.length} processor${nodes.length === 1 ? '' : 's'}`, hints.length === 0 ? undefined : hints.map((hint) => `hint: ${hint}`).join('\n'))
}

function readText (path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    const { code = '' } = Object(error) as { code?: string }
    const reason = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : String(error)
    throw new ConfigurationError(`cannot read the configuration ${path}: ${reason}`)
  }
}

function faultsOf (value: unknown): readonly Fault[] {
  try {
    compileGraph(value)
    return []
  } catch (error) {
    if (error instanceof AppError) return error.faults
    throw error
  }
}

function pointed (path: string, text: string, { line, col }: Place, message: string): string {
  const shown = text.split('\n')[line - 1]?.replaceAll('\t', ' ').trimEnd() ?? ''
  return `${path}:${line}:${col}: ${message}\n    ${shown}\n    ${' '.repeat(Math.max(0, col - 1))}^`
}
