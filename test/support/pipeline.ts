import { compileGraph } from '../../src/pipeline/graph.ts'
import { Pipeline, type PipelineOptions } from '../../src/pipeline/pipeline.ts'
import { Traces } from '../../src/pipeline/traces.ts'

/** A moment of 2026, for what asks the time. */
const NOON = Date.parse('2026-01-01T12:00:00Z')

/** The pipeline of these processors, which traces nothing unless it is told. */
export function pipelineOf (processors: unknown, options: Partial<PipelineOptions> = {}): Pipeline {
  return new Pipeline(compileGraph({ processors }), { traces: new Traces({ mode: 'off', runId: 'test' }), now: () => NOON, ...options })
}

/** What comes out of these processors for these lines, those held back to the end among them. */
export function outOf (processors: unknown, lines: readonly string[]): string[] {
  const pipeline = pipelineOf(processors)
  return [...pipeline.run(lines, 1).lines, ...pipeline.end(lines.length + 1).lines]
}
