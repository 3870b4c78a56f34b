import { parseEnv } from 'node:util'
import {
  DURABILITIES, LOG_LEVELS, Settings,
  type DefaultedSetting, type Durability, type LogLevel, type SettingName, type SettingNotes
} from '../../schemas/env.ts'
import { AppError, type Fault } from '../core/errors.ts'
import { nearestName } from '../core/text/nearest-name.ts'
import { meantName } from './did-you-mean.ts'
import { addresses, choice, database, duration, file, flag, host, hosts, key, link, number, path, pathEnd, processes, size, token, url, type Reader } from './values.ts'

/** Every setting, read and checked. Sizes are bytes, times are ms. Frozen throughout. */
export interface Config {
  readonly host: string
  /** 0 asks for any free port. */
  readonly port: number
  /** Without a slash at its end. Undefined while port 0 leaves it open: the caller asks `baseUrlOf` then. */
  readonly baseUrl: string | undefined
  readonly dataDir: string
  /** Answers a store that is damaged or gone by an empty one. */
  readonly acceptEmpty: boolean
  /** Undefined: ./bellwether.yaml, if it is there. */
  readonly configFile: string | undefined
  readonly opsApiToken: string | undefined
  /** Undefined: one is generated and kept in `dataDir`. */
  readonly jwtSecret: string | undefined
  readonly metricsToken: string | undefined
  readonly metricsOpen: boolean
  /** Signed what is still believed, and signs nothing any more. */
  readonly jwtSecretPrevious: string | undefined
  /** Undefined: one is made when it is needed. */
  readonly setupToken: string | undefined
  readonly trustProxy: readonly string[]
  readonly webhookUrl: string | undefined
  readonly webhookSecret: string | undefined
  readonly webhookAckLinks: boolean
  /** Items of a `HostList`. */
  readonly webhookAllow: readonly string[]
  /** Items of a `HostList`. */
  readonly tickAllow: readonly string[]
  /** Undefined: everybody may ask for the summary of `GET /tick`. */
  readonly tickSecret: string | undefined
  /** 0 is never. */
  readonly canaryIntervalMs: number
  readonly canaryUrl: string | undefined
  readonly sampleIntervalMs: number
  readonly evaluateIntervalMs: number
  /** Pids and names. */
  readonly watchProcesses: readonly string[]
  readonly maxSeries: number
  readonly retentionDays: number
  readonly retentionBytes: number
  readonly maxBodyBytes: number
  readonly maxBatch: number
  readonly durability: Durability
  readonly minFreeBytes: number
  readonly ingestQueueBytes: number
  readonly ingestQueueEvents: number
  /** Requests a second of one token; 0 is no limit. */
  readonly ingestRate: number
  readonly queryTimeoutMs: number
  /** Streams that one token or user may have open. */
  readonly maxStreams: number
  readonly drainTimeoutMs: number
  readonly logLevel: LogLevel
  /** Where each setting was set that was not left to its default. */
  readonly sources: SettingSources
}

export type SettingSources = Readonly<Partial<Record<SettingName, 'flag' | 'environment' | 'file'>>>

export interface ConfigSources {
  /** By name without dashes in front: `{ 'data-dir': '/srv/data' }`. */
  flags: Readonly<Record<string, string>>
  env: Readonly<Record<string, string | undefined>>
  /** The text of a `.env` file. */
  dotenv?: string
}

interface Given {
  text: string
  source: 'flag' | 'environment' | 'file'
  /** What a message says of where the text stands; empty for the environment. */
  origin: string
}

const NAMES = parseNames(Object.keys(Settings.properties))

/**
 * Reads the settings: a flag wins over the environment, that over `.env`, that over the default.
 * An empty text counts as unset. Throws `AppError('invalid')` with one fault for every setting that
 * will not do, for every unknown flag and for every name that was meant to be a setting; a secret is never part of a message.
 */
export function loadConfig (sources: ConfigSources): Config {
  const given = collect(sources)
  const faults = [...unknownFlags(sources.flags), ...misspelt(sources)]
  const config = { ...readSettings(lookup(given, faults)), sources: sourcesOf(given) }
  if (faults.length > 0) {
    throw new AppError('invalid', faults.length === 1 ? '1 setting is wrong' : `${faults.length} settings are wrong`, { faults })
  }
  return Object.freeze(config)
}

interface Lookup {
  /** Undefined when it was not given, or will not do. */
  optional: <T>(name: SettingName, reader: Reader<T>) => T | undefined
  defaulted: <T>(name: DefaultedSetting, reader: Reader<T>) => T
}

/** Reads settings out of what was given; what is wrong with one goes to `faults`. */
function lookup (given: ReadonlyMap<SettingName, Given>, faults: Fault[]): Lookup {
  const optional: Lookup['optional'] = (name, reader) => {
    const found = given.get(name)
    if (found === undefined) return undefined
    const notes: SettingNotes = Settings.properties[name]
    const value = reader.read(found.text, notes)
    if (value === undefined) faults.push({ path: name, message: complaint(notes, found, reader) })
    return value
  }
  return { optional, defaulted: (name, reader) => optional(name, reader) ?? readDefault(Settings.properties[name], reader) }
}

function readSettings ({ optional, defaulted }: Lookup): Omit<Config, 'sources'> {
  optional('DATABASE_URL', database)
  const listen = { host: defaulted('HOST', host), port: defaulted('PORT', number) }
  return {
    ...listen,
    baseUrl: optional('BASE_URL', url) ?? (listen.port === 0 ? undefined : baseUrlOf(listen.host, listen.port)),
    dataDir: defaulted('DATA_DIR', path),
    acceptEmpty: defaulted('ACCEPT_EMPTY', flag),
    configFile: optional('CONFIG_FILE', file),
    opsApiToken: optional('OPS_API_TOKEN', token),
    jwtSecret: optional('JWT_SECRET', key),
    metricsToken: optional('METRICS_TOKEN', token),
    metricsOpen: defaulted('METRICS_OPEN', flag),
    jwtSecretPrevious: optional('JWT_SECRET_PREVIOUS', key),
    setupToken: optional('SETUP_TOKEN', token),
    trustProxy: optional('TRUST_PROXY', addresses) ?? Object.freeze([]),
    webhookUrl: optional('WEBHOOK_URL', link),
    webhookSecret: optional('WEBHOOK_SECRET', key),
    webhookAckLinks: defaulted('WEBHOOK_ACK_LINKS', flag),
    webhookAllow: optional('WEBHOOK_ALLOW', hosts) ?? Object.freeze([]),
    tickAllow: defaulted('TICK_ALLOW', hosts),
    tickSecret: optional('TICK_SECRET', pathEnd),
    canaryIntervalMs: defaulted('CANARY_INTERVAL', duration),
    canaryUrl: optional('CANARY_URL', link),
    sampleIntervalMs: defaulted('SAMPLE_INTERVAL', duration),
    evaluateIntervalMs: defaulted('EVALUATE_INTERVAL', duration),
    watchProcesses: optional('WATCH_PROCESSES', processes) ?? Object.freeze([]),
    maxSeries: defaulted('MAX_SERIES', number),
    retentionDays: defaulted('RETENTION_DAYS', number),
    retentionBytes: defaulted('RETENTION_BYTES', size),
    maxBodyBytes: defaulted('MAX_BODY_BYTES', size),
    maxBatch: defaulted('MAX_BATCH', number),
    durability: defaulted('DURABILITY', choice(DURABILITIES)),
    minFreeBytes: defaulted('MIN_FREE_BYTES', size),
    ingestQueueBytes: defaulted('INGEST_QUEUE_BYTES', size),
    ingestQueueEvents: defaulted('INGEST_QUEUE_EVENTS', number),
    ingestRate: defaulted('INGEST_RATE', number),
    queryTimeoutMs: defaulted('QUERY_TIMEOUT', duration),
    maxStreams: defaulted('MAX_STREAMS', number),
    drainTimeoutMs: defaulted('DRAIN_TIMEOUT', duration),
    logLevel: defaulted('LOG_LEVEL', choice(LOG_LEVELS))
  }
}

/** The address that this machine reaches the service by. For `0.0.0.0` and `::`, which no client can dial, localhost. */
export function baseUrlOf (host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** The flag of every setting, without dashes in front. */
export function flagNames (): string[] {
  return NAMES.map(flagOf)
}

/** The flags of settings that are true or false: a bare one means true. */
export function switchNames (): string[] {
  return NAMES.filter((name) => Settings.properties[name].format === 'flag').map(flagOf)
}

/** The flag of a setting: `DATA_DIR` is `data-dir`. */
function flagOf (name: SettingName): string {
  return name.toLowerCase().replaceAll('_', '-')
}

function collect ({ flags, env, dotenv = '' }: ConfigSources): Map<SettingName, Given> {
  const file = parseDotenv(dotenv)
  const given = new Map<SettingName, Given>()
  for (const name of NAMES) {
    const flag = flagOf(name)
    const candidates: Given[] = [
      { text: flags[flag] ?? '', source: 'flag', origin: ` (from --${flag})` },
      { text: env[name] ?? '', source: 'environment', origin: '' },
      { text: file[name] ?? '', source: 'file', origin: ' (from .env)' }
    ]
    const found = candidates.find(({ text }) => text !== '')
    if (found !== undefined) given.set(name, found)
  }
  return given
}

function sourcesOf (given: ReadonlyMap<SettingName, Given>): SettingSources {
  return Object.freeze(Object.fromEntries(given.entries().map(([name, { source }]) => [name, source])))
}

function complaint<T> (notes: SettingNotes, { text, origin }: Given, reader: Reader<T>): string {
  const wanted = reader.wants(notes, text)
  return notes.secret === true ? wanted + origin : `${wanted}, got ${quote(text)}${origin}`
}

/** Quotes a text for a message, unless its `@` may stand behind credentials. */
function quote (text: string): string {
  if (text.includes('@')) return 'a text with an @'
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}...` : text)
}

function readDefault<T> (notes: SettingNotes & { default: string }, reader: Reader<T>): T {
  const value = reader.read(notes.default, notes)
  if (value === undefined) throw new AppError('internal', `the default ${notes.default} breaks its own rule`)
  return value
}

function unknownFlags (flags: Readonly<Record<string, string>>): Fault[] {
  const known = flagNames()
  return Object.keys(flags)
    .filter((flag) => !known.includes(flag))
    .map((flag) => ({ path: `--${flag}`, message: `is not a flag; the nearest is --${nearestName(flag.toLowerCase().replaceAll('_', '-'), known)}` }))
}

/** Finds what looks like a setting and is none: what it says would be ignored without a word. */
function misspelt ({ env, dotenv = '' }: ConfigSources): Fault[] {
  const file = parseDotenv(dotenv)
  const meant = (names: string[], origin: string): Fault[] => names.flatMap((name) => {
    const near = meantName(name, NAMES)
    return near === undefined ? [] : [{ path: name, message: `is no setting: did you mean ${near}?${origin}` }]
  })
  // With the right one beside it, it is of another program.
  const isAlone = (name: string): boolean => (env[name] ?? '') !== '' && (env[meantName(name, NAMES) ?? ''] ?? '') === ''
  const halfWritten = NAMES.filter((name) => file[name] === undefined && new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}(?=[ \\t\\r:]|$)`, 'm').test(dotenv))
  return [
    ...meant(Object.keys(env).filter(isAlone), ''),
    ...meant(Object.keys(file), ' (from .env)'),
    ...halfWritten.map((name) => ({ path: name, message: 'needs a = and a value after it (from .env)' }))
  ]
}

function parseDotenv (text: string): Record<string, string | undefined> {
  // parseEnv takes a byte order mark for a part of the first name.
  return parseEnv(text.replace(/^\uFEFF/, ''))
}

function parseNames (keys: string[]): SettingName[] {
  return keys as SettingName[]
}
