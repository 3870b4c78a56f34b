import { Type, type Static } from '@sinclair/typebox'
import { NewSilence } from './alert.ts'
import { NewChannel } from './channel.ts'
import { PipelineEntry } from './pipeline.ts'
import { AlertLevel, Labels, NewRule } from './rule.ts'
import { LEVELS } from './words.ts'

const closed = { additionalProperties: false } as const

/** Most of each, and the largest file in bytes. */
export const FILE_LIMITS = { bytes: 1_000_000, members: 1_000, testTicks: 20_000 } as const

const Id = Type.String({ pattern: '^[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?$', description: 'small letters, digits and dashes; made of the name when left out' })
const offset = (description: string) => Type.String({ pattern: '^\\d{1,6}[smhd]$', description })

const RuleEntry = Type.Object({ id: Type.Optional(Id), ...NewRule.properties }, closed)
export type RuleEntry = Static<typeof RuleEntry>

const ChannelEntry = Type.Object({
  id: Type.Optional(Id),
  ...NewChannel.properties,
  secret_env: Type.Optional(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,99}$', description: 'the environment variable that holds the secret, in place of `secret`' }))
}, closed)
export type ChannelEntry = Static<typeof ChannelEntry>

const SilenceEntry = Type.Object({ id: Type.Optional(Id), ...NewSilence.properties }, closed)
export type SilenceEntry = Static<typeof SilenceEntry>

/** Numbers of one series, one each `every` from the beginning of the test on. */
const TestSeries = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 200 }),
  labels: Type.Optional(Labels),
  values: Type.String({ pattern: '^\\s*(?:(?:_|-?\\d+(?:\\.\\d+)?)(?:x[1-9]\\d{0,4})?\\s*)+$', description: '`50x6 90 _x3`: 50 six times, 90 once, nothing three times' }),
  every: Type.Optional(offset('10s when left out'))
}, closed)
export type TestSeries = Static<typeof TestSeries>

/** Events that a test sends, `count` at once, at `at`, and again each `every` up to `until`. */
const TestEvents = Type.Object({
  at: offset('from the beginning of the test on'),
  every: Type.Optional(offset('how often again')),
  until: Type.Optional(offset('the last time')),
  count: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
  message: Type.Optional(Type.String({ maxLength: 4_000 })),
  level: Type.Optional(Type.Union(LEVELS.map((level) => Type.Literal(level)))),
  service: Type.Optional(Type.String({ maxLength: 255 })),
  type: Type.Optional(Type.String({ maxLength: 255 })),
  host: Type.Optional(Type.String({ maxLength: 255 })),
  meta: Type.Optional(Type.Record(Type.String(), Type.Unknown()))
}, closed)
export type TestEvents = Static<typeof TestEvents>

const Expected = Type.Object({
  from: offset('when it fires'),
  to: Type.Optional(offset('when it is resolved; left out: it still fires at the end')),
  level: Type.Optional(AlertLevel),
  labels: Type.Optional(Labels)
}, closed)
export type Expected = Static<typeof Expected>

/** What a rule does with numbers and events that are given: `bellwether rules test` runs it. */
const TestEntry = Type.Object({
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  rule: Type.String({ minLength: 1, maxLength: 200, description: 'id or name of a rule of the file' }),
  lasts: Type.Optional(offset('left out: as long as its series and events')),
  series: Type.Optional(Type.Array(TestSeries, { maxItems: FILE_LIMITS.members })),
  events: Type.Optional(Type.Array(TestEvents, { maxItems: FILE_LIMITS.members })),
  expect: Type.Array(Expected, { maxItems: FILE_LIMITS.members, description: 'every firing, oldest first; none: it must not fire' })
}, closed)
export type TestEntry = Static<typeof TestEntry>

/** Events of a level, of a service, or both, that go earlier than the others. */
const ShortAge = Type.Object({
  level: Type.Optional(Type.Union(LEVELS.map((level) => Type.Literal(level)), { description: 'this level alone' })),
  service: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  days: Type.Integer({ minimum: 1, description: 'from receipt on; fewer than RETENTION_DAYS' })
}, closed)
export type ShortAge = Static<typeof ShortAge>

const list = { maxItems: FILE_LIMITS.members }

/** Rules, channels, silences, pipelines and retention as code. */
export const ConfigFileText = Type.Object({
  rules: Type.Optional(Type.Array(RuleEntry, list)),
  channels: Type.Optional(Type.Array(ChannelEntry, list)),
  silences: Type.Optional(Type.Array(SilenceEntry, list)),
  retention: Type.Optional(Type.Array(ShortAge, list)),
  /** Run over what comes in, one behind the other. */
  pipelines: Type.Optional(Type.Array(PipelineEntry, list)),
  /** Own numbers that will come, so that `bellwether check` takes rules on them before the first one was sent. */
  series: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 200 }), list)),
  tests: Type.Optional(Type.Array(TestEntry, list))
}, closed)
export type ConfigFileText = Static<typeof ConfigFileText>
