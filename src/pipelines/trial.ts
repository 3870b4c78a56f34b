import type { Trial, TrialAnswer } from '../../schemas/pipeline.ts'
import { AppError } from '../core/errors.ts'
import type { Fields } from '../pipeline/batch.ts'
import { compileGraph, type Graph } from '../pipeline/graph.ts'
import { graphHints } from '../pipeline/hints.ts'
import { Pipeline } from '../pipeline/pipeline.ts'
import { Traces, type TraceStep } from '../pipeline/traces.ts'
import { seenEvent } from './event-fields.ts'
import type { NewEvent } from '../../schemas/event.ts'

/** Lines to try a pipeline on. */
interface TriedInput {
  lines: readonly string[]
  fields: ReadonlyArray<Fields | undefined> | undefined
}

interface Outcome {
  /** By line. */
  out: string[][]
  paths: Array<readonly TraceStep[]>
  pipeline: Pipeline
}

const MOST_LINES = 1_000
const NEWEST = 200

interface Parts {
  /** The newest events that a query finds. */
  eventsOf: (query: string, limit: number) => Promise<NewEvent[]>
  /** What runs over ingest now. */
  graph: () => Graph | undefined
  now: () => number
}

/** Runs a pipeline over lines that were given, or events that came, and tells for each what becomes of it, and what became of it before. Changes nothing. */
export async function tryPipeline ({ config, against, lines, query }: Trial, parts: Parts): Promise<TrialAnswer> {
  const graph = compileGraph(config)
  const before = against === undefined ? parts.graph() : compileGraph(against)
  if ((lines === undefined) === (query === undefined)) throw new AppError('invalid', 'give either lines or a query', { faults: [{ path: '/lines', message: 'either lines or query is needed' }] })
  const input = lines === undefined ? inputOf(await parts.eventsOf(query ?? '', NEWEST)) : { lines: lines.slice(0, MOST_LINES), fields: undefined }
  const now = outcomeOf(graph, input, parts.now)
  const was = before === undefined ? undefined : outcomeOf(before, input, parts.now)
  const answers = input.lines.map((line, at) => lineAnswer(line, at, now, was))
  return { lines: answers, differing: answers.filter((answer) => answer.was !== undefined).length, processors: now.pipeline.stats(), hints: graphHints(graph.nodes) }
}

function inputOf (events: readonly NewEvent[]): TriedInput {
  return { lines: events.map(({ message }) => message), fields: events.map((event) => seenEvent(event).fields) }
}

function outcomeOf (graph: Graph, { lines, fields }: TriedInput, now: () => number): Outcome {
  const pipeline = new Pipeline(graph, { traces: new Traces({ mode: 'all', keep: MOST_LINES, runId: 'try' }), now })
  const made = pipeline.run(lines, 1, fields)
  const out = lines.map((): string[] => [])
  for (const [at, line] of made.lines.entries()) out[made.from[at] ?? 0]?.push(line)
  // What was held back belongs to the last line.
  out.at(-1)?.push(...pipeline.end(lines.length).lines)
  const paths = new Map(pipeline.traces.list().map(({ line_number: number, path }) => [number, path]))
  return { out, paths: lines.map((_, at) => paths.get(at + 1) ?? []), pipeline }
}

function lineAnswer (line: string, at: number, now: Outcome, was: Outcome | undefined): TrialAnswer['lines'][number] {
  const after = now.out[at] ?? []
  const path = now.paths[at] ?? []
  const before = was?.out[at]
  const failed = path.find(({ status }) => status === 'error')
  const ended = failed ?? path.find(({ status }) => status === 'drop') ?? path.findLast(({ reason }) => reason !== undefined)
  const outcome = after.length > 0 ? (after.length === 1 && after[0] === line ? 'same' : 'modified') : failed === undefined ? 'dropped' : 'error'
  return {
    number: at + 1,
    before: line,
    after,
    outcome,
    ...(after.length === 0 && ended?.reason !== undefined ? { reason: `${ended.processor} ${ended.reason}` } : {}),
    routes: path.flatMap(({ status, processor, branch }) => status === 'route' ? [`${processor}.${branch}`] : []),
    ...(before === undefined || isSame(before, after) ? {} : { was: before }),
    path: [...path]
  }
}

function isSame (one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, at) => text === other[at])
}
