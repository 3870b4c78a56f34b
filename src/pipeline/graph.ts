import { Value } from '@sinclair/typebox/value'
import { nearestErrors } from '../../schemas/nearest-errors.ts'
import { INPUT, PIPELINE_LIMITS, PROCESSORS, type ProcessorConfig, type ProcessorType } from '../../schemas/pipeline.ts'
import { AppError, type Fault } from '../core/errors.ts'
import { isRecord } from '../core/is-record.ts'
import { nearestName } from '../core/text/nearest-name.ts'
import { isRouting, type Processor } from './processor.ts'
import { makeProcessor } from './processors/index.ts'

/** Where lines come from: a branch of a node (0 where it has but one), or the input, whose node is -1. */
export interface Edge {
  node: number
  branch: number
}

export interface GraphNode {
  id: string
  type: ProcessorType
  config: ProcessorConfig
  processor: Processor
  inputs: readonly Edge[]
}

/** A pipeline in the order in which its processors run: each stands behind those that it takes lines from. */
export interface Graph {
  nodes: readonly GraphNode[]
  /** What goes out: what no processor takes. */
  outputs: readonly Edge[]
}

interface Draft {
  id: string
  at: number
  config: ProcessorConfig
  processor: Processor
  inputs: Edge[]
}

const SOURCE: Edge = { node: -1, branch: 0 }
const KINDS = Object.keys(PROCESSORS)
const OWN_MEMBERS = ['processors', 'name', 'description']

/**
 * Makes the graph of a configuration: `{"processors": [...]}` is a chain; `inputs`, and routes with `to`, make it any graph without circles.
 * Throws `invalid` with every fault, each by the JSON pointer of its place.
 */
export function compileGraph (config: unknown): Graph {
  const faults: Fault[] = []
  const drafts = readDrafts(config, faults)
  const graph = drafts.length === countOf(config) ? linked(drafts, faults) : undefined
  const [first] = faults
  if (first !== undefined || graph === undefined) throw new AppError('invalid', `${first?.path ?? ''} ${first?.message ?? 'is no pipeline'}`.trim(), { faults })
  return graph
}

/** Puts graphs one behind the other: what goes out of one goes into the next. Ids are led by the name of the graph where there are several. */
export function chainGraphs (graphs: ReadonlyArray<{ name: string, graph: Graph }>): Graph {
  let nodes: GraphNode[] = []
  let outputs: readonly Edge[] = [SOURCE]
  for (const { name, graph } of graphs) {
    const shift = nodes.length
    const entry = outputs
    const moved = (edge: Edge): readonly Edge[] => edge.node < 0 ? entry : [{ ...edge, node: edge.node + shift }]
    nodes = [...nodes, ...graph.nodes.map((node) => ({ ...node, id: graphs.length > 1 ? `${name}/${node.id}` : node.id, inputs: node.inputs.flatMap(moved) }))]
    outputs = graph.outputs.flatMap(moved)
  }
  return { nodes, outputs }
}

function countOf (config: unknown): number {
  return isRecord(config) && Array.isArray(config['processors']) ? config['processors'].length : -1
}

function readDrafts (config: unknown, faults: Fault[]): Draft[] {
  if (!isRecord(config)) {
    faults.push({ path: '', message: 'a pipeline is an object like {"processors": [{"type": "uppercase"}]}' })
    return []
  }
  for (const name of Object.keys(config).filter((member) => !OWN_MEMBERS.includes(member))) faults.push({ path: `/${name}`, message: unknownName(name, OWN_MEMBERS) })
  const { processors } = config
  if (!Array.isArray(processors) || processors.length === 0) {
    faults.push({ path: processors === undefined ? '' : '/processors', message: 'processors must be a list of at least one, each like {"type": "uppercase"}' })
    return []
  }
  if (processors.length > PIPELINE_LIMITS.processors) faults.push({ path: '/processors', message: `has ${processors.length} processors, at most ${PIPELINE_LIMITS.processors}` })
  return named(processors.slice(0, PIPELINE_LIMITS.processors).flatMap((entry: unknown, at) => draftOf(entry, at, faults)), faults)
}

function draftOf (entry: unknown, at: number, faults: Fault[]): Draft[] {
  const path = `/processors/${at}`
  const config = shaped(entry, path, faults)
  if (config === undefined) return []
  try {
    return [{ id: config.id ?? '', at, config, processor: makeProcessor(config), inputs: [] }]
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    for (const { path: inner, message } of error.faults) faults.push({ path: path + inner, message })
    return []
  }
}

function shaped (entry: unknown, path: string, faults: Fault[]): ProcessorConfig | undefined {
  const type: unknown = isRecord(entry) ? entry['type'] : undefined
  if (!isRecord(entry) || typeof type !== 'string') {
    faults.push({ path, message: 'a processor is an object with a type, like {"type": "uppercase"}' })
    return undefined
  }
  if (!isKind(type)) {
    faults.push({ path: `${path}/type`, message: `no processor is called ${JSON.stringify(type)}: did you mean ${nearestName(type, KINDS)}? There are ${KINDS.join(', ')}` })
    return undefined
  }
  const schema = PROCESSORS[type]
  if (Value.Check(schema, entry)) return entry
  const known = Object.keys(schema.properties)
  const told = new Set<string>()
  for (const error of nearestErrors(Value.Errors(schema, entry))) {
    if (told.has(error.path)) continue
    told.add(error.path)
    faults.push({ path: path + error.path, message: shapeMessage(error.message, error.path, error.value, known) })
  }
  return undefined
}

function isKind (type: string): type is ProcessorType {
  return Object.hasOwn(PROCESSORS, type)
}

function shapeMessage (message: string, path: string, value: unknown, known: readonly string[]): string {
  if (message === 'Unexpected property') return path.split('/').length > 2 ? 'is not known here' : unknownName(path.slice(1), known)
  if (message === 'Expected required property') return 'is missing'
  return `${message.slice(0, 1).toLowerCase()}${message.slice(1)}, got ${JSON.stringify(value)?.slice(0, 100)}`
}

function unknownName (name: string, known: readonly string[]): string {
  return `${JSON.stringify(name)} is not known here: did you mean ${nearestName(name, known)}?`
}

/** Gives those without an id the word of their type, with a number where it is taken. */
function named (drafts: Draft[], faults: Fault[]): Draft[] {
  const taken = new Set([INPUT, ...drafts.flatMap(({ config }) => config.id ?? [])])
  const seen = new Set<string>()
  return drafts.map((draft) => {
    const { config, at } = draft
    if (config.id === INPUT) faults.push({ path: `/processors/${at}/id`, message: `${INPUT} is what gives the lines: choose another id` })
    if (config.id !== undefined && seen.has(config.id)) faults.push({ path: `/processors/${at}/id`, message: `${JSON.stringify(config.id)} is the id of another processor` })
    if (config.id !== undefined) seen.add(config.id)
    const id = config.id ?? freeName(config.type, taken)
    taken.add(id)
    return { ...draft, id }
  })
}

function freeName (type: string, taken: ReadonlySet<string>): string {
  if (!taken.has(type)) return type
  let number = 2
  while (taken.has(`${type}_${number}`)) number++
  return `${type}_${number}`
}

function linked (drafts: Draft[], faults: Fault[]): Graph | undefined {
  const routed = routedEdges(drafts, faults)
  for (const draft of drafts) {
    if (draft.config.inputs !== undefined) draft.inputs = draft.config.inputs.flatMap((name, at) => inputEdges({ name, path: `/processors/${draft.at}/inputs/${at}` }, drafts, faults))
    else draft.inputs = routed.get(draft.id) ?? []
  }
  for (const [at, draft] of drafts.entries()) {
    if (draft.config.inputs === undefined && !routed.has(draft.id)) draft.inputs = followed(drafts, at, faults)
  }
  return faults.length > 0 ? undefined : sorted(drafts, faults)
}

/** For each processor that routes lead to, the branches that do. */
function routedEdges (drafts: readonly Draft[], faults: Fault[]): Map<string, Edge[]> {
  const edges = new Map<string, Edge[]>()
  const ids = drafts.map(({ id }) => id)
  for (const [node, { config, at }] of drafts.entries()) {
    for (const { to, branch, path, isName } of targetsOf(config)) {
      if (ids.includes(to)) edges.set(to, [...edges.get(to) ?? [], { node, branch }])
      else if (!isName) faults.push({ path: `/processors/${at}${path}`, message: `no processor has the id ${JSON.stringify(to)}: did you mean ${nearestName(to, ids)}?` })
    }
  }
  return edges
}

interface Target {
  to: string
  branch: number
  path: string
  /** May be the bare name of a branch. */
  isName: boolean
}

function targetsOf (config: ProcessorConfig): Target[] {
  if (config.type === 'router') {
    const routes = config.routes.flatMap(({ to }, branch) => to === undefined ? [] : [{ to, branch, path: `/routes/${branch}/to`, isName: false }])
    return config.default === undefined ? routes : [...routes, { to: config.default, branch: config.routes.length, path: '/default', isName: true }]
  }
  if (config.type !== 'tag_router') return []
  const routes = Object.entries(config.routes)
  const all = config.default === undefined ? routes : [...routes, ['', config.default] as const]
  return all.map(([tag, to], branch) => ({ to, branch, path: branch < routes.length ? `/routes/${tag.replaceAll('~', '~0').replaceAll('/', '~1')}` : '/default', isName: false }))
}

function inputEdges ({ name, path }: { name: string, path: string }, drafts: readonly Draft[], faults: Fault[]): Edge[] {
  if (name === INPUT) return [SOURCE]
  const whole = drafts.findIndex(({ id }) => id === name)
  if (whole >= 0) return branchesOf(drafts[whole]).map((_, branch) => ({ node: whole, branch }))
  const [id = '', word = ''] = name.split(/\.(.*)/s)
  const node = drafts.findIndex((draft) => draft.id === id)
  const branch = branchesOf(drafts[node]).indexOf(word)
  if (node >= 0 && branch >= 0) return [{ node, branch }]
  const known = [INPUT, ...drafts.flatMap((draft) => isRouting(draft.processor) ? [draft.id, ...branchesOf(draft).map((one) => `${draft.id}.${one}`)] : [draft.id])]
  faults.push({ path, message: `nothing is called ${JSON.stringify(name)}: did you mean ${nearestName(name, known)}?` })
  return []
}

function branchesOf (draft: Draft | undefined): readonly string[] {
  return draft !== undefined && isRouting(draft.processor) ? draft.processor.branches : ['']
}

/** What a processor takes that says nothing of it: all of the one before, of a router what nobody else takes. */
function followed (drafts: readonly Draft[], at: number, faults: Fault[]): Edge[] {
  const before = drafts[at - 1]
  if (before === undefined) return [SOURCE]
  const edges = branchesOf(before).map((_, branch): Edge => ({ node: at - 1, branch }))
  if (!isRouting(before.processor)) return edges
  const free = edges.filter((edge) => !drafts.some((other, place) => place !== at && takes(other, edge)))
  if (free.length === 0) faults.push({ path: `/processors/${drafts[at]?.at ?? at}`, message: `takes nothing: ${before.id} sends every line elsewhere; say what it takes with inputs` })
  return free
}

function takes ({ inputs }: Draft, { node, branch }: Edge): boolean {
  return inputs.some((edge) => edge.node === node && edge.branch === branch)
}

/** Of those that stand behind a circle or in one, the latter. */
function circleOf (drafts: readonly Draft[], left: ReadonlySet<number>): number[] {
  const givers = [...left].filter((at) => [...left].some((other) => drafts[other]?.inputs.some(({ node }) => node === at)))
  return givers.length === left.size ? givers : circleOf(drafts, new Set(givers))
}

/** Puts each behind those that it takes lines from. */
function sorted (drafts: readonly Draft[], faults: Fault[]): Graph | undefined {
  const order: number[] = []
  const left = new Set(drafts.keys())
  while (left.size > 0) {
    const next = [...left].find((at) => drafts[at]?.inputs.every(({ node }) => !left.has(node)))
    if (next === undefined) {
      const circle = circleOf(drafts, left)
      const [first = 0] = circle
      faults.push({ path: `/processors/${drafts[first]?.at ?? first}`, message: `lines would go round in a circle: ${circle.map((at) => drafts[at]?.id).join(', ')}` })
      return undefined
    }
    order.push(next)
    left.delete(next)
  }
  const place = (edge: Edge): Edge => edge.node < 0 ? edge : { ...edge, node: order.indexOf(edge.node) }
  const nodes = order.flatMap((at) => drafts[at] ?? []).map(({ id, config, processor, inputs }) => ({ id, type: config.type, config, processor, inputs: inputs.map(place) }))
  const outputs = nodes.flatMap(({ processor }, node) => (isRouting(processor) ? processor.branches : ['']).map((_, branch) => ({ node, branch })))
    .filter((edge) => !nodes.some(({ inputs }) => inputs.some((taken) => taken.node === edge.node && taken.branch === edge.branch)))
  return { nodes, outputs }
}
