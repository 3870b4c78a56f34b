import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { FILE_LIMITS, type ChannelEntry, type ConfigFileText, type RuleEntry, type ShortAge, type SilenceEntry, type TestEntry } from '../../schemas/config-file.ts'
import type { NewSilence } from '../../schemas/alert.ts'
import type { FileSource } from '../../schemas/common.ts'
import type { NewChannel } from '../../schemas/channel.ts'
import type { PipelineEntry } from '../../schemas/pipeline.ts'
import type { Rule } from '../../schemas/rule.ts'
import { nameFaults, type KnownNames } from './known-names.ts'
import { AppError, type Fault } from '../core/errors.ts'
import { unknownFields } from '../notify/fields.ts'
import { judgeUrl } from '../notify/guard.ts'
import { parseHosts } from '../core/net/host-list.ts'
import { parseSecrets, SECRET_HINT } from '../notify/signature.ts'
import { ingestFaults } from '../pipeline/ingest-faults.ts'
import { compileRule, completeRule } from '../rules/compile.ts'
import { AIMLESS, compileTarget, isAimless } from '../rules/mutes.ts'
import { dependencyCircle } from '../rules/dependencies.ts'
import { textFaults } from '../core/faults.ts'
import { parseTimeParam } from '../core/time-range.ts'
import { readYaml, type YamlText } from './yaml-text.ts'

export interface FileRule { rule: Rule, source: FileSource }
export interface FileChannel { id: string, channel: NewChannel, source: FileSource }
export interface FileSilence { id: string, silence: NewSilence, source: FileSource }
export interface FileTest { test: TestEntry, rule: Rule, source: FileSource }

/** What the configuration file says, checked as the API checks it. */
export interface ConfigFile {
  /** Undefined when there is no file. */
  path: string | undefined
  rules: readonly FileRule[]
  channels: readonly FileChannel[]
  silences: readonly FileSilence[]
  /** What goes before its time. */
  retention: readonly ShortAge[]
  tests: readonly FileTest[]
  pipelines: readonly PipelineEntry[]
}

interface Surroundings {
  /** Undefined: bellwether.yaml, if it is there. */
  readonly configFile: string | undefined
  readonly evaluateIntervalMs: number
  readonly webhookAllow: readonly string[]
  readonly retentionDays: number
  /** When given, what the file names must be there. */
  readonly names?: KnownNames | undefined
}
type Environment = Readonly<Record<string, string | undefined>>

/** A fault at a JSON pointer of the file, before its line is looked up. */
interface Reading {
  text: YamlText
  config: Surroundings
  env: Environment
  faults: Fault[]
}

export const NO_FILE: ConfigFile = Object.freeze({ path: undefined, rules: [], channels: [], silences: [], retention: [], tests: [], pipelines: [] })
/** Read when it is there and CONFIG_FILE names no other. */
const USUAL_FILE = 'bellwether.yaml'
const BUILT_IN = 'builtin-'

/** Reads the file that CONFIG_FILE names, or bellwether.yaml if it is there. Throws `invalid` with everything that is wrong, by line. */
export function readConfigFile (config: Surroundings, env: Environment = process.env): ConfigFile {
  const path = config.configFile ?? USUAL_FILE
  const text = textOf(path, config.configFile !== undefined)
  return text === undefined ? NO_FILE : parseConfigFile({ path, text }, config, env)
}

/** Reads the text of a configuration file. Throws as `readConfigFile`. */
export function parseConfigFile ({ path, text }: { path: string, text: string }, config: Surroundings, env: Environment = {}): ConfigFile {
  const file = basename(path)
  const { yaml, value, faults, replaced } = readYaml(text)
  const reading: Reading = { text: yaml, config, env, faults: [] }
  const sourceOf = (pointer: string): FileSource => ({ file, line: yaml.lineOf(pointer) })
  const read = value === undefined ? NO_FILE : { path, ...entriesOf(reading, value, sourceOf) }
  const told = reading.faults.filter(({ path: place }) => !replaced.some((spoilt) => isAt(spoilt, place)))
  refuse(path, { text: yaml, faults: [...faults, ...told] })
  return read
}

/** What is wrong with a whole entry may be so for want of a member that could not be read: its id, or what a silence or an age is about. */
function isAt (spoilt: string, place: string): boolean {
  if (place === spoilt || place.startsWith(`${spoilt}/`)) return true
  return spoilt.startsWith(`${place}/`) && (/^\/(?:silences|retention)\/\d+$/.test(place) || spoilt === `${place}/id`)
}

/** The id of what has none: its name in small letters, digits and dashes. */
export function slug (name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').slice(0, 100).replaceAll(/^-|-$/g, '')
}

function textOf (path: string, isNamed: boolean): string | undefined {
  try {
    const text = readFileSync(path, 'utf8')
    if (text.length <= FILE_LIMITS.bytes) return text
  } catch (error) {
    if (!isNamed && error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new AppError('invalid', `the configuration file ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
  throw new AppError('invalid', `the configuration file ${path} is larger than ${FILE_LIMITS.bytes} bytes`)
}

function refuse (path: string, { text, faults }: Pick<Reading, 'text' | 'faults'>): void {
  if (faults.length === 0) return
  const told = faults.map((fault) => ({ line: text.lineOf(fault.path), ...fault })).sort((a, b) => a.line - b.line)
  throw new AppError('invalid', `${faults.length === 1 ? '1 thing is' : `${faults.length} things are`} wrong with ${path}`, {
    faults: told.map(({ line, path: pointer, message }) => ({ path: `${path}:${line}`, message: pointer === '' || pointer.startsWith('@') ? message : `${pointer} ${message}` }))
  })
}

function entriesOf (reading: Reading, value: ConfigFileText, sourceOf: (pointer: string) => FileSource): Omit<ConfigFile, 'path'> {
  const { rules = [], channels = [], silences = [], retention = [], series = [], tests = [], pipelines = [] } = value
  const kept = {
    rules: rules.map((entry, at) => ({ rule: ruleOf(reading, entry, at), source: sourceOf(`/rules/${at}`) })),
    channels: channels.map((entry, at) => ({ ...channelOf(reading, entry, at), source: sourceOf(`/channels/${at}`) })),
    silences: silences.map((entry, at) => ({ ...silenceOf(reading, entry, at), source: sourceOf(`/silences/${at}`) })),
    retention
  }
  for (const [at, age] of retention.entries()) reading.faults.push(...ageFaults(reading, age, at))
  refuseTwice(reading, '/rules', kept.rules.map(({ rule }) => rule.id))
  refuseTwice(reading, '/channels', kept.channels.map(({ id }) => id))
  refuseTwice(reading, '/channels', kept.channels.map(({ channel }) => channel.name), 'name')
  refuseTwice(reading, '/silences', kept.silences.map(({ id }) => id))
  refuseTwice(reading, '/retention', retention.map(({ level = '*', service = '*' }) => `${level} ${service}`), 'level and service')
  for (const [at, pipeline] of pipelines.entries()) reading.faults.push(...ingestFaults(pipeline).map(({ path, message }) => ({ path: `/pipelines/${at}${path}`, message })))
  refuseTwice(reading, '/pipelines', pipelines.map(({ id }) => id))
  reading.faults.push(...circleFaults(kept.rules))
  if (reading.config.names !== undefined) reading.faults.push(...nameFaults({ ...kept, series }, reading.config.names))
  return { ...kept, pipelines, tests: tests.flatMap((test, at) => testOf(reading, kept.rules, { test, at, source: sourceOf(`/tests/${at}`) })) }
}

function ruleOf (reading: Reading, { id, ...given }: RuleEntry, at: number): Rule {
  const path = `/rules/${at}`
  const rule = completeRule(id ?? slug(given.name), given)
  reading.faults.push(...idFaults(path, rule.id, `rule ${JSON.stringify(given.name)}`))
  if (rule.id.startsWith(BUILT_IN)) reading.faults.push({ path, message: `the ids of built-in rules begin with ${BUILT_IN}: give it another id, got ${rule.id}` })
  reading.faults.push(...textFaults(rule, path))
  collect(reading, path, () => compileRule(rule, { intervalMs: reading.config.evaluateIntervalMs }))
  for (const [name, text] of Object.entries(rule.annotations)) {
    const unknown = unknownFields(text)
    if (unknown.length > 0) reading.faults.push({ path: `${path}/annotations/${name}`, message: `names fields that there are not: ${unknown.map((field) => `{${field}}`).join(', ')}` })
  }
  return rule
}

function channelOf (reading: Reading, { id, secret_env: variable, ...given }: ChannelEntry, at: number): { id: string, channel: NewChannel } {
  const path = `/channels/${at}`
  const known = id ?? slug(given.name)
  const faults = idFaults(path, known, `channel ${JSON.stringify(given.name)}`)
  const judged = judgeUrl(given.url, parseHosts(reading.config.webhookAllow, 'WEBHOOK_ALLOW'))
  if (judged.refusal !== undefined) faults.push({ path: `${path}/url`, message: judged.refusal })
  const secret = variable === undefined ? given.secret : reading.env[variable]
  if (variable !== undefined && given.secret !== undefined) faults.push({ path: `${path}/secret_env`, message: 'must not stand beside secret: one of them is enough' })
  if (variable !== undefined && (secret === undefined || secret === '')) faults.push({ path: `${path}/secret_env`, message: `names ${variable}, which is not set` })
  else if (secret !== undefined && parseSecrets(secret) === undefined) faults.push({ path: `${path}/${variable === undefined ? 'secret' : 'secret_env'}`, message: SECRET_HINT })
  reading.faults.push(...faults)
  return { id: known, channel: { ...given, ...(secret === undefined ? {} : { secret }) } }
}

function silenceOf (reading: Reading, { id, ...silence }: SilenceEntry, at: number): { id: string, silence: NewSilence } {
  const path = `/silences/${at}`
  const { until, until_recovered: untilRecovered = false } = silence
  if ((until === undefined) !== untilRecovered) reading.faults.push({ path, message: 'needs until or until_recovered: true, and not both' })
  if (isAimless(silence)) reading.faults.push({ path, message: AIMLESS })
  if (until !== undefined) collect(reading, `${path}/until`, () => parseTimeParam('until', until, 0))
  reading.faults.push(...textFaults(silence, path))
  collect(reading, `${path}/query`, () => compileTarget(silence))
  return { id: id ?? `silence-${at + 1}`, silence }
}

function ageFaults ({ config: { retentionDays } }: Reading, { level, service, days }: ShortAge, at: number): Fault[] {
  const path = `/retention/${at}`
  return [
    ...level === undefined && service === undefined ? [{ path, message: 'needs a level, a service, or both: RETENTION_DAYS says how long all events are kept' }] : [],
    ...days < retentionDays ? [] : [{ path: `${path}/days`, message: `must be less than RETENTION_DAYS, which is ${retentionDays}, got ${days}` }]
  ]
}

function testOf ({ faults }: Reading, rules: readonly FileRule[], { test, at, source }: { test: TestEntry, at: number, source: FileSource }): FileTest[] {
  const found = rules.find(({ rule }) => rule.id === test.rule || rule.name === test.rule)
  if (found !== undefined) return [{ test, rule: found.rule, source }]
  faults.push({ path: `/tests/${at}/rule`, message: `names ${JSON.stringify(test.rule)}, which is no rule of this file` })
  return []
}

/** Takes over the faults that a check throws, at their place in the file. */
function collect ({ faults }: Reading, path: string, check: () => unknown): void {
  try {
    check()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    faults.push(...error.faults.map(({ path: at, message }) => ({ path: at.startsWith('/') ? `${path}${at}` : path, message })))
  }
}

function idFaults (path: string, id: string, what: string): Fault[] {
  return id === '' ? [{ path, message: `${what} needs an id: none can be made of its name` }] : []
}

function circleFaults (rules: readonly FileRule[]): Fault[] {
  const circle = dependencyCircle(rules.map(({ rule }) => rule))
  if (circle === undefined) return []
  const at = rules.findIndex(({ rule }) => rule.id === circle[0])
  return [{ path: `/rules/${at}/depends_on`, message: `makes a circle: ${circle.join(' -> ')}` }]
}

function refuseTwice ({ faults }: Reading, path: string, ids: readonly string[], what = 'id'): void {
  for (const [at, id] of ids.entries()) {
    const first = ids.indexOf(id)
    const isTold = faults.some((fault) => fault.path === `${path}/${at}`)
    if (first < at && id !== '' && !isTold) faults.push({ path: `${path}/${at}`, message: `has the ${what} ${id}, which ${path}/${first} has already` })
  }
}
