/** A line, with the number of the line that it was made of; what is held to the end has the number behind the last. */
export interface Item {
  line: string
  source: number
  fields: Record<string, unknown> | undefined
}

export interface Counts {
  dropped: number
  errors: number
  added: number
  joined: number
}

export type Config = Record<string, unknown> & { id: string, type: string, inputs: readonly string[] }

type Row = readonly Item[]
interface Given { outs: readonly Row[], dropped?: number, errors?: number, added?: number, joined?: number }
type Step = (items: Row, config: Config, end: number) => Given

const changed = (change: (line: string, at: number) => string): Step => (items) => ({ outs: [items.map((item, at) => ({ ...item, line: change(item.line, at) }))] })
const kept = (items: Row, isKept: (item: Item, at: number) => boolean): Given => {
  const out = items.filter(isKept)
  return { outs: [out], dropped: items.length - out.length }
}
const has = ({ line }: Item, text: unknown): boolean => line.split(String(text)).length > 1

/** What each processor does with all of its lines at once, written without a look at how the engine does it. */
const STEPS: Record<string, Step> = {
  uppercase: changed((line) => line.toUpperCase()),
  lowercase: changed((line) => line.toLowerCase()),
  line_counter: changed((line, at) => `${at + 1}:${line}`),
  replace: (items, { pattern, with: by }) => ({ outs: [items.map((item) => ({ ...item, line: item.line.split(String(pattern)).join(String(by)) }))] }),
  trim: (items) => kept(items.map((item) => ({ ...item, line: item.line.trim() })), ({ line }) => line !== ''),
  filter: (items, { pattern, mode }) => kept(items, (item) => has(item, pattern) === (mode !== 'exclude')),
  sample: (items, { every }) => kept(items, (_, at) => at % Number(every) === 0),
  dedupe,
  tagger: (items, { tags }) => ({
    outs: [items.map((item) => {
      const tag = parseTags(tags).find(({ pattern }) => has(item, pattern))?.tag
      return tag === undefined ? item : { ...item, line: `${tag} ${item.line}`, fields: { ...item.fields, tag } }
    })]
  }),
  splitter: (items) => {
    const parts = items.map((item) => item.line.split(',').map((part) => part.trim()).filter((part) => part !== '').map((line) => ({ ...item, line })))
    return { outs: [parts.flat()], dropped: parts.filter(({ length }) => length === 0).length, added: parts.reduce((sum, { length }) => sum + Math.max(0, length - 1), 0) }
  },
  joiner,
  parse: (items) => {
    const read = items.map((item) => ({ item, found: objectIn(item.line) }))
    const out = read.flatMap(({ item, found }) => found === undefined ? [] : [{ ...item, fields: { ...item.fields, ...found }, line: JSON.stringify({ ...item.fields, ...found }) }])
    return { outs: [out], errors: items.length - out.length }
  },
  router: (items, config) => {
    const patterns = parseTags(config['routes']).map(({ pattern }) => pattern)
    const ways = items.map((item) => {
      const fits = patterns.flatMap((pattern, at) => has(item, pattern) ? [at] : [])
      const taken = config['all'] === true ? fits : fits.slice(0, 1)
      return taken.length === 0 && config['default'] !== undefined ? [patterns.length] : taken
    })
    const outs = branchesOf(config).map((_, branch) => items.filter((_item, at) => ways[at]?.includes(branch)))
    return { outs, dropped: ways.filter(({ length }) => length === 0).length, added: ways.reduce((sum, { length }) => sum + Math.max(0, length - 1), 0) }
  }
}

function dedupe (items: Row, { lines }: Config): Given {
  let seen: string[] = []
  return kept(items, ({ line }) => {
    const isNew = !seen.includes(line)
    seen = [...seen.filter((other) => other !== line), line].slice(-Number(lines))
    return isNew
  })
}

function joiner (items: Row, { count, continuation, start }: Config, end: number): Given {
  const groups: Item[][] = []
  for (const item of items) {
    const open = groups.at(-1)
    const goesOn = count !== undefined ? (open?.length ?? 0) < Number(count) : continuation !== undefined ? item.line.startsWith('b') : !item.line.startsWith('a')
    if (open !== undefined && goesOn) open.push(item)
    else groups.push([item])
  }
  const out = groups.map((group, at): Item => {
    const isFull = count !== undefined && group.length === count
    const source = isFull ? group.at(-1)?.source : groups[at + 1]?.[0]?.source
    return { line: group.map(({ line }) => line).join('+'), source: source ?? end, fields: group[0]?.fields }
  })
  return { outs: [out], joined: items.length - out.length }
}

function objectIn (line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    // No JSON: an error of the processor.
    return undefined
  }
}

/** Names of the ways out of a processor. */
export function branchesOf (config: Config): string[] {
  if (config.type !== 'router') return ['']
  return [...parseTags(config['routes']).map(({ name }) => name), ...(config['default'] === undefined ? [] : [String(config['default'])])]
}

/** Runs all lines through a graph, processor by processor, each of which stands behind those that it takes lines from. */
export function reference (configs: readonly Config[], lines: readonly string[]): { out: Row, met: ReadonlyMap<string, Row>, counts: ReadonlyMap<string, Counts & { in: number, out: number }> } {
  const end = lines.length + 1
  const ways = new Map<string, Row>([['input', lines.map((line, at) => ({ line, source: at + 1, fields: undefined }))]])
  const left = new Set<string>()
  const met = new Map<string, Row>()
  const counts = new Map<string, Counts & { in: number, out: number }>()
  for (const config of configs) {
    const taken = config.inputs.flatMap((name) => ways.has(name) ? [name] : [...ways.keys()].filter((way) => way.startsWith(`${name}.`)))
    const items = merged(taken.map((way) => ways.get(way) ?? []))
    const { outs, dropped = 0, errors = 0, added = 0, joined = 0 } = STEPS[config.type]?.(items, config, end) ?? { outs: [] }
    met.set(config.id, items)
    counts.set(config.id, { in: items.length, out: outs.flat().length, dropped, errors, added, joined })
    for (const way of taken) left.delete(way)
    for (const [branch, name] of branchesOf(config).entries()) {
      const way = name === '' ? config.id : `${config.id}.${name}`
      ways.set(way, outs[branch] ?? [])
      left.add(way)
    }
  }
  return { out: merged([...left].map((way) => ways.get(way) ?? [])), met, counts }
}

/** Sorting keeps the order of what is equal. */
function merged (rows: readonly Row[]): Row {
  return rows.flat().sort((a, b) => a.source - b.source)
}

/** Members of tags and routes. */
function parseTags (value: unknown): ReadonlyArray<{ tag: string, name: string, pattern: string }> {
  return value as ReadonlyArray<{ tag: string, name: string, pattern: string }>
}
