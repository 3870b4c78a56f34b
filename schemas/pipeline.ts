import { Type, type Static } from '@sinclair/typebox'

const closed = { additionalProperties: false } as const

/** Most of each in one pipeline. */
export const PIPELINE_LIMITS = { processors: 100, routes: 30, patterns: 100, inputs: 100 } as const

const Text = Type.String({ minLength: 1, maxLength: 1_000 })
const MaybeEmpty = Type.String({ maxLength: 1_000 })
const Count = Type.Integer({ minimum: 1, maximum: 1_000_000 })
const FieldName = Type.String({ minLength: 1, maxLength: 200 })
const Inputs = Type.Array(Type.String({ minLength: 1, maxLength: 201 }), {
  minItems: 1, maxItems: PIPELINE_LIMITS.inputs, description: 'ids of processors, `router.branch`, or `input` for the lines as they came; left out: the processor before'
})

const base = {
  id: Type.Optional(Type.String({ maxLength: 100, pattern: '^[A-Za-z0-9][A-Za-z0-9_-]*$', description: 'letters, digits, `_` and `-`; the type with a number when left out' })),
  inputs: Type.Optional(Inputs)
}

/** Which lines are meant: those with the text `pattern`, or with `regex` those that it fits as an expression, or those that `query` finds. */
const condition = {
  pattern: Type.Optional(Text),
  regex: Type.Optional(Type.Boolean()),
  ignore_case: Type.Optional(Type.Boolean()),
  query: Type.Optional(Type.String({ minLength: 1, maxLength: 2_000 }))
}
export const Condition = Type.Object(condition)
export type Condition = Static<typeof Condition>

const Filter = Type.Object({ type: Type.Literal('filter'), ...base, ...condition, mode: Type.Optional(Type.Union([Type.Literal('include'), Type.Literal('exclude')])) }, closed)
const Uppercase = Type.Object({ type: Type.Literal('uppercase'), ...base }, closed)
const Lowercase = Type.Object({ type: Type.Literal('lowercase'), ...base }, closed)
const LineCounter = Type.Object({
  type: Type.Literal('line_counter'),
  ...base,
  format: Type.Optional(Type.String({ maxLength: 1_000, description: '`{count}` and `{line}`; `[{count}] {line}` when left out' })),
  start: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }))
}, closed)

const Route = Type.Object({
  ...condition,
  name: Type.Optional(Type.String({ maxLength: 100, pattern: '^[A-Za-z0-9][A-Za-z0-9_-]*$', description: 'of the branch: `inputs: ["router.name"]` takes it' })),
  to: Type.Optional(Type.String({ maxLength: 100, description: 'id of the processor that takes the branch' }))
}, closed)
export type Route = Static<typeof Route>
const Router = Type.Object({
  type: Type.Literal('router'),
  ...base,
  routes: Type.Array(Route, { minItems: 1, maxItems: PIPELINE_LIMITS.routes }),
  default: Type.Optional(Type.String({ maxLength: 100, description: 'id of the processor that takes what no route does, or the name of a branch; left out: such lines are dropped' })),
  all: Type.Optional(Type.Boolean({ description: 'a line goes to every route that fits, in place of the first' }))
}, closed)
const TagRouter = Type.Object({
  type: Type.Literal('tag_router'),
  ...base,
  tag_field: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000 })),
  delimiter: Type.Optional(Text),
  routes: Type.Record(Type.String({ maxLength: 200 }), Type.String({ maxLength: 100 }), { minProperties: 1, maxProperties: PIPELINE_LIMITS.routes }),
  default: Type.Optional(Type.String({ maxLength: 100 }))
}, closed)

const Tagger = Type.Object({
  type: Type.Literal('tagger'),
  ...base,
  tags: Type.Array(Type.Object({ tag: Text, ...condition }, closed), { minItems: 1, maxItems: PIPELINE_LIMITS.patterns }),
  default: Type.Optional(Text),
  field: Type.Optional(FieldName),
  format: Type.Optional(Type.String({ maxLength: 1_000, description: '`{tag}` and `{line}`; the line as it is when left out' }))
}, closed)

const splitting = {
  delimiter: Type.Optional(Text),
  trim: Type.Optional(Type.Boolean()),
  keep_empty: Type.Optional(Type.Boolean())
}
const Splitter = Type.Object({ type: Type.Literal('splitter'), ...base, ...splitting }, closed)
const LineSplitter = Type.Object({ type: Type.Literal('line_splitter'), ...base, ...splitting }, closed)

const joining = {
  delimiter: Type.Optional(MaybeEmpty),
  count: Type.Optional(Type.Integer({ minimum: 2, maximum: 10_000, description: 'so many lines make one' })),
  continuation: Type.Optional(Type.String({ maxLength: 512, description: 'expression: a line that it fits belongs to the one before' })),
  start: Type.Optional(Type.String({ maxLength: 512, description: 'expression: a line that it fits begins a new one' })),
  quotes: Type.Optional(Type.Boolean({ description: 'a line with an open double quote goes on, as in CSV' })),
  max_lines: Type.Optional(Type.Integer({ minimum: 2, maximum: 10_000 }))
}
const Joiner = Type.Object({ type: Type.Literal('joiner'), ...base, ...joining }, closed)
const LineJoiner = Type.Object({ type: Type.Literal('line_joiner'), ...base, ...joining }, closed)

const Trim = Type.Object({
  type: Type.Literal('trim'),
  ...base,
  side: Type.Optional(Type.Union([Type.Literal('both'), Type.Literal('start'), Type.Literal('end')])),
  drop_empty: Type.Optional(Type.Boolean())
}, closed)
const Replace = Type.Object({
  type: Type.Literal('replace'),
  ...base,
  pattern: Text,
  with: MaybeEmpty,
  regex: Type.Optional(Type.Boolean()),
  ignore_case: Type.Optional(Type.Boolean())
}, closed)

export const REDACTIONS = ['email', 'card', 'jwt', 'keys'] as const
const Redact = Type.Object({
  type: Type.Literal('redact'),
  ...base,
  kinds: Type.Optional(Type.Array(Type.Union(REDACTIONS.map((kind) => Type.Literal(kind))), { maxItems: 10, description: 'all of them when left out' })),
  patterns: Type.Optional(Type.Array(Type.Object({ name: Text, pattern: Text, ignore_case: Type.Optional(Type.Boolean()) }, closed), { maxItems: PIPELINE_LIMITS.patterns })),
  mode: Type.Optional(Type.Union([Type.Literal('mask'), Type.Literal('hash')])),
  mask: Type.Optional(MaybeEmpty),
  salt: Type.Optional(Type.String({ maxLength: 1_000, description: 'of the hash: without it, whoever guesses a value can prove it' }))
}, closed)

const PARSE_FORMATS = ['json', 'logfmt', 'syslog', 'common_log', 'csv', 'regex'] as const
const Parse = Type.Object({
  type: Type.Literal('parse'),
  ...base,
  format: Type.Union(PARSE_FORMATS.map((format) => Type.Literal(format))),
  pattern: Type.Optional(Type.String({ maxLength: 512, description: 'of the format regex: named groups become fields' })),
  columns: Type.Optional(Type.Array(FieldName, { minItems: 1, maxItems: 200, description: 'of the format csv' })),
  output: Type.Optional(Type.String({ maxLength: 1_000, description: 'a text with `{field}`, or `json`; the line as it is when left out' })),
  on_error: Type.Optional(Type.Union([Type.Literal('error'), Type.Literal('keep')], { description: 'a line that cannot be read is an error, or goes on as it is' }))
}, closed)

const Sample = Type.Object({
  type: Type.Literal('sample'),
  ...base,
  every: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'one of so many' })),
  percent: Type.Optional(Type.Number({ minimum: 0, maximum: 100, description: 'by what is in the line: equal lines share a fate' })),
  keep: Type.Optional(Type.String({ minLength: 1, maxLength: 2_000, description: 'a query: what it finds always goes on' }))
}, closed)
const Dedupe = Type.Object({
  type: Type.Literal('dedupe'),
  ...base,
  lines: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'a line equal to one of so many different ones before it is dropped' })),
  key: Type.Optional(Type.String({ maxLength: 512, description: 'expression: what it finds is compared, in place of the line' }))
}, closed)
const RateLimit = Type.Object({
  type: Type.Literal('rate_limit'),
  ...base,
  per_second: Type.Number({ exclusiveMinimum: 0, maximum: 10_000_000 }),
  burst: Type.Optional(Count),
  key: Type.Optional(Type.String({ maxLength: 512, description: 'expression: what it finds has a limit of its own' }))
}, closed)
const Extract = Type.Object({
  type: Type.Literal('extract'),
  ...base,
  series: Type.String({ maxLength: 200, pattern: '^[a-zA-Z_:][a-zA-Z0-9_:]*$' }),
  field: Type.Optional(FieldName),
  pattern: Type.Optional(Type.String({ maxLength: 512, description: 'expression: its first group is the number' })),
  labels: Type.Optional(Type.Record(Type.String({ maxLength: 100 }), Type.String({ maxLength: 200 }), { maxProperties: 20, description: 'label and the field that gives its value' }))
}, closed)

/** By the word of their `type`. */
export const PROCESSORS = {
  filter: Filter,
  uppercase: Uppercase,
  lowercase: Lowercase,
  line_counter: LineCounter,
  router: Router,
  tag_router: TagRouter,
  tagger: Tagger,
  splitter: Splitter,
  line_splitter: LineSplitter,
  joiner: Joiner,
  line_joiner: LineJoiner,
  trim: Trim,
  replace: Replace,
  redact: Redact,
  parse: Parse,
  sample: Sample,
  dedupe: Dedupe,
  rate_limit: RateLimit,
  extract: Extract
} as const
export type ProcessorType = keyof typeof PROCESSORS
export type ProcessorConfig<Kind extends ProcessorType = ProcessorType> = Static<typeof PROCESSORS[Kind]>

/** Name of what gives the lines, beside the ids of processors. */
export const INPUT = 'input'
/** Name of where lines go that no processor takes. */
export const OUTPUT = 'output'

const PipelineId = Type.String({ pattern: '^[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?$', description: 'small letters, digits and dashes' })
const pipelineMembers = {
  name: Type.Optional(Type.String({ maxLength: 200 })),
  description: Type.Optional(Type.String({ maxLength: 2_000 })),
  enabled: Type.Optional(Type.Boolean({ description: 'true when left out' })),
  processors: Type.Array(Type.Record(Type.String(), Type.Unknown()), { minItems: 1, maxItems: PIPELINE_LIMITS.processors, description: 'each with a type; what each takes is in docs/pipelines.md' })
}

/** A pipeline as it is set. */
export const NewPipeline = Type.Object(pipelineMembers, closed)
export type NewPipeline = Static<typeof NewPipeline>

/** A pipeline of the configuration file. */
export const PipelineEntry = Type.Object({ id: PipelineId, ...pipelineMembers }, closed)
export type PipelineEntry = Static<typeof PipelineEntry>

/** A pipeline that runs over what comes in, and where it is from. */
export const StoredPipeline = Type.Object({
  id: PipelineId,
  ...pipelineMembers,
  enabled: Type.Boolean(),
  origin: Type.Union([Type.Literal('api'), Type.Literal('file')], { description: 'what is in the configuration file is changed there' }),
  hints: Type.Array(Type.String())
})
export type StoredPipeline = Static<typeof StoredPipeline>

export const PipelineParams = Type.Object({ id: PipelineId })

const NullableNumber = Type.Unsafe<number | null>({ type: ['number', 'null'] })
const NullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] })

const ProcessorStats = Type.Object({
  type: Type.String(),
  lines_in: Type.Integer(),
  lines_out: Type.Integer(),
  dropped: Type.Integer(),
  errors: Type.Integer(),
  added: Type.Integer({ description: 'lines that a line became beyond the first' }),
  joined: Type.Integer({ description: 'lines that became part of another' }),
  held: Type.Integer({ description: 'lines kept, to become part of another' }),
  processing_time_ms: Type.Number({ description: 'in the processor itself' }),
  time_us: Type.Object({ p50: NullableNumber, p95: NullableNumber, p99: NullableNumber }, { description: 'of one line' }),
  details: Type.Record(Type.String(), Type.Number())
})

export const RunInfo = Type.Object({
  id: Type.String(),
  state: Type.Union(['running', 'finished', 'failed', 'stopped'].map((state) => Type.Literal(state))),
  input: Type.String(),
  output: Type.String(),
  trace: Type.Union(['off', 'sampled', 'all'].map((mode) => Type.Literal(mode))),
  started_at: Type.String(),
  ended_at: NullableText,
  elapsed_ms: Type.Number(),
  lines_in: Type.Integer(),
  lines_out: Type.Integer(),
  lines_per_second: Type.Number({ description: 'over the last 5 s' }),
  read_bytes: Type.Number(),
  total_bytes: NullableNumber,
  written_bytes: Type.Number(),
  notes: Type.Array(Type.String()),
  error: NullableText
})
export type RunInfo = Static<typeof RunInfo>

export const Stats = Type.Object({
  processors: Type.Record(Type.String(), ProcessorStats),
  edges: Type.Array(Type.Object({ from: Type.String(), to: Type.String(), lines: Type.Integer() })),
  system: Type.Object({
    total_lines: Type.Integer(),
    total_processing_time_ms: Type.Number(),
    lines_per_second: Type.Number({ description: 'of processing alone' }),
    total_errors: Type.Integer()
  }),
  throughput: Type.Array(Type.Object({ at: Type.Integer({ description: 's since the epoch' }), in: Type.Integer(), out: Type.Integer() })),
  run: RunInfo
})
export type Stats = Static<typeof Stats>

const TraceStep = Type.Object({
  processor: Type.String(),
  status: Type.Union(['start', 'emit', 'match', 'drop', 'route', 'error'].map((status) => Type.Literal(status))),
  timestamp: Type.Number({ description: 's since the epoch' }),
  duration_us: Type.Number(),
  before: Type.Optional(Type.String()),
  after: Type.Optional(Type.String()),
  branch: Type.Optional(Type.String()),
  reason: Type.Optional(Type.String())
})
export const LineTrace = Type.Object({
  line_id: Type.String(),
  line_number: Type.Integer(),
  original_content: Type.String(),
  path: Type.Array(TraceStep)
})
export type LineTrace = Static<typeof LineTrace>

export const LineErrors = Type.Object({
  processor: Type.String(),
  message: Type.String(),
  line_number: Type.Integer({ description: 'of the first' }),
  line: Type.String({ description: 'the newest' }),
  time: Type.String(),
  count: Type.Integer()
})
export type LineErrors = Static<typeof LineErrors>

export const RunQuery = Type.Object({ run: Type.Optional(Type.String({ maxLength: 100 })) })
export const TraceQuery = Type.Object({
  ...RunQuery.properties,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
  node: Type.Optional(Type.String({ maxLength: 300, description: 'through this processor' })),
  only: Type.Optional(Type.Union([Type.Literal('drop'), Type.Literal('error')], { description: 'those that were dropped, or were errors' })),
  q: Type.Optional(Type.String({ maxLength: 200, description: 'with this text' }))
})
export type TraceQuery = Static<typeof TraceQuery>
export const ErrorsQuery = Type.Object({ ...RunQuery.properties, limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })) })

/** A pipeline tried on lines: those given, or the newest events that a query finds. */
export const Trial = Type.Object({
  config: Type.Unknown(),
  against: Type.Optional(Type.Unknown({ description: 'what it is compared with; left out: what runs over ingest now' })),
  lines: Type.Optional(Type.Array(Type.String({ maxLength: 100_000 }), { maxItems: 1_000 })),
  query: Type.Optional(Type.String({ maxLength: 2_000 }))
}, closed)
export type Trial = Static<typeof Trial>

const TriedLine = Type.Object({
  number: Type.Integer(),
  before: Type.String(),
  after: Type.Array(Type.String(), { description: 'what goes out; empty: nothing' }),
  outcome: Type.Union(['same', 'modified', 'dropped', 'error'].map((outcome) => Type.Literal(outcome))),
  reason: Type.Optional(Type.String()),
  routes: Type.Array(Type.String(), { description: 'branches that it went, as router.branch' }),
  was: Type.Optional(Type.Array(Type.String(), { description: 'what goes out of the other pipeline, where that differs' })),
  path: Type.Array(TraceStep)
})
export const TrialAnswer = Type.Object({
  lines: Type.Array(TriedLine),
  differing: Type.Integer({ description: 'lines that come out otherwise than of the other pipeline' }),
  processors: Type.Record(Type.String(), ProcessorStats),
  hints: Type.Array(Type.String())
})
export type TrialAnswer = Static<typeof TrialAnswer>
