import fc from 'fast-check'
import { test } from 'tap'
import { Traces } from '../../src/pipeline/traces.ts'
import type { Pipeline, ProcessorStats } from '../../src/pipeline/pipeline.ts'
import { pipelineOf } from '../support/pipeline.ts'
import { branchesOf, reference, type Config } from './reference.ts'

const RUNS = { numRuns: 1_000, seed: 43 }

const word = fc.constantFrom('a', 'b', 'A', 'B', 'c', ' ', ',', ', ', 'ab', 'b c', '{"a":1}', '{"b":"x"}', '[1]', '1')
const line = fc.array(word, { maxLength: 4 }).map((words) => words.join(''))
const letter = fc.constantFrom('a', 'b', 'A', 'c', '1', ',')

const KINDS: ReadonlyArray<fc.Arbitrary<Record<string, unknown>>> = [
  fc.constantFrom({ type: 'uppercase' }, { type: 'lowercase' }, { type: 'line_counter', format: '{count}:{line}' }, { type: 'trim', drop_empty: true }, { type: 'splitter' }, { type: 'parse', format: 'json', output: 'json' }),
  fc.record({ type: fc.constant('filter'), pattern: letter, mode: fc.constantFrom('include', 'exclude') }),
  fc.record({ type: fc.constant('replace'), pattern: letter, with: fc.constantFrom('', 'b', ' a,', '$&') }),
  fc.record({ type: fc.constant('sample'), every: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ type: fc.constant('dedupe'), lines: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ type: fc.constant('tagger'), format: fc.constant('{tag} {line}'), tags: fc.array(fc.record({ tag: letter, pattern: letter }), { minLength: 1, maxLength: 3 }) }),
  fc.constantFrom({ count: 2 }, { count: 3 }, { continuation: '^b' }, { start: '^a' }).map((how) => ({ type: 'joiner', delimiter: '+', ...how })),
  fc.record({ routes: fc.uniqueArray(letter, { minLength: 1, maxLength: 3 }), all: fc.boolean(), rest: fc.boolean() })
    .map(({ routes, all, rest }) => ({ type: 'router', all, routes: routes.map((pattern, at) => ({ pattern, name: `way${at}` })), ...(rest ? { default: 'rest' } : {}) }))
]

/** Graphs whose processors take lines from one to three of those before, or of their branches. */
const graph = fc.array(fc.tuple(fc.oneof(...KINDS), fc.array(fc.nat(), { minLength: 1, maxLength: 3 })), { minLength: 1, maxLength: 8 }).map((entries) => {
  const configs: Config[] = []
  const ways = ['input']
  for (const [at, [kind, picks]] of entries.entries()) {
    const config: Config = { ...kind, type: String(kind['type']), id: `p${at}`, inputs: [...new Set(picks.map((pick) => ways[ways.length - 1 - pick % Math.min(5, ways.length)] ?? 'input'))] }
    configs.push(config)
    ways.push(config.id, ...branchesOf(config).filter((name) => name !== '').map((name) => `${config.id}.${name}`))
  }
  return configs.map((config) => ({ ...config, inputs: withoutOverlap(config.inputs) }))
})

/** A router whole is all of its branches already. */
function withoutOverlap (inputs: readonly string[]): string[] {
  return inputs.filter((name) => !inputs.includes(name.split('.')[0] ?? '') || !name.includes('.'))
}

const lines = fc.array(line, { maxLength: 40 })
const cuts = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 20 })

/** Lines in batches of these lengths; what is left in one. */
function batchesOf (all: readonly string[], lengths: readonly number[]): string[][] {
  const left = [...all]
  const batches = lengths.map((length) => left.splice(0, length))
  return [...batches, left]
}

function fed (pipeline: Pipeline, batches: ReadonlyArray<readonly string[]>, first = 1): string[] {
  let next = first
  return batches.flatMap((batch) => {
    const { lines: out } = pipeline.run(batch, next)
    next += batch.length
    return [...out]
  })
}

function isConserved ({ lines_in: taken, lines_out: given, added, dropped, errors, joined, held }: ProcessorStats): boolean {
  return taken + added === given + dropped + errors + joined + held
}

/** What was counted, without times. */
function countsOf (pipeline: Pipeline): Record<string, unknown> {
  return Object.fromEntries(Object.entries(pipeline.stats()).map(([id, { lines_in: taken, lines_out: out, dropped, errors, added, joined, held, details }]) => [id, { in: taken, out, dropped, errors, added, joined, held, details }]))
}

test('what comes out, and what is counted, is what a plain fold over all lines gives, however they are cut', (t) => {
  fc.assert(fc.property(graph, lines, cuts, (configs, all, lengths) => {
    const letters: string[] = []
    const pipeline = pipelineOf(configs, { onDeadLetter: ({ processor }) => { letters.push(processor) } })
    const expected = reference(configs, all)

    const out = fed(pipeline, batchesOf(all, lengths))
    if (!Object.values(pipeline.stats()).every(isConserved)) return false
    out.push(...pipeline.end(all.length + 1).lines)

    const stats = pipeline.stats()
    return same(out, expected.out.map((item) => item.line)) &&
      Object.values(stats).every((counted) => isConserved(counted) && counted.held === 0) &&
      [...expected.counts].every(([id, counts]) => same(counts, pick(stats[id]))) &&
      letters.length === [...expected.counts.values()].reduce((sum, { errors }) => sum + errors, 0)
  }), RUNS)
  t.end()
})

test('the trace of a line names every processor that it met, and no other', (t) => {
  fc.assert(fc.property(graph, lines, cuts, (configs, all, lengths) => {
    const pipeline = pipelineOf(configs, { traces: new Traces({ mode: 'all', runId: 'r' }) })
    const { met } = reference(configs, all)

    fed(pipeline, batchesOf(all, lengths))
    const traces = pipeline.traces.list()
    return same(traces.map((trace) => trace.line_number), all.map((_, at) => all.length - at)) && traces.every(({ line_number: number, original_content: content, path }) =>
      content === all[number - 1] && same(path.map(({ processor }) => processor), ['input', ...configs.flatMap(({ id }) => (met.get(id) ?? []).filter(({ source }) => source === number).map(() => id))]))
  }), RUNS)
  t.end()
})

test('a pipeline that goes on from the state of another gives what that would have given', (t) => {
  fc.assert(fc.property(graph, lines, cuts, fc.nat(), (configs, all, lengths, border) => {
    const batches = batchesOf(all, lengths)
    const cut = border % (batches.length + 1)
    const [whole, first, second] = [pipelineOf(configs), pipelineOf(configs), pipelineOf(configs)]

    const expected = [...fed(whole, batches), ...whole.end(all.length + 1).lines]
    const out = fed(first, batches.slice(0, cut))
    second.restore(JSON.parse(JSON.stringify(first.state())))
    out.push(...fed(second, batches.slice(cut), batches.slice(0, cut).flat().length + 1), ...second.end(all.length + 1).lines)
    return same(out, expected) && same(countsOf(second), countsOf(whole))
  }), RUNS)
  t.end()
})

function pick (stats: ProcessorStats | undefined): Record<string, number | undefined> {
  return { in: stats?.lines_in, out: stats?.lines_out, dropped: stats?.dropped, errors: stats?.errors, added: stats?.added, joined: stats?.joined }
}

function same (one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
