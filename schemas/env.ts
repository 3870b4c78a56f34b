import { Type } from '@sinclair/typebox'

/** How the text of a setting is read. `src/settings/values.ts` has one reader for each. */
export type SettingForm =
  | 'host'
  | 'url'
  | 'path'
  | 'file'
  | 'token'
  | 'key'
  | 'path_end'
  | 'addresses'
  | 'hosts'
  | 'link'
  | 'number'
  | 'size'
  | 'duration'
  | 'choice'
  | 'processes'
  | 'flag'
  | 'database'

/** What is said of a setting. Bounds and default are texts, as a person would write them. */
export interface SettingNotes {
  description: string
  format: SettingForm
  default?: string
  /** What holds when nothing is set and there is no fixed default. */
  unset?: string
  least?: string
  most?: string
  choices?: readonly string[]
  /** The value is never echoed, logged or shown. */
  secret?: true
}

const setting = <const N extends SettingNotes>(notes: N) => Type.Optional({ ...Type.String(), ...notes })

export const DURABILITIES = ['durable', 'fast'] as const
export type Durability = typeof DURABILITIES[number]

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = typeof LOG_LEVELS[number]

/** Every setting of this version by the name of its environment variable. The README table is made from it. */
export const Settings = Type.Object({
  HOST: setting({
    format: 'host',
    default: '127.0.0.1',
    description: 'address or host name to listen on; `0.0.0.0` or `::` for all'
  }),
  PORT: setting({
    format: 'number',
    default: '8080',
    least: '0',
    most: '65535',
    description: 'port to listen on; `0` picks a free one and prints it'
  }),
  BASE_URL: setting({
    format: 'url',
    unset: 'from HOST and PORT',
    description: 'how others reach the service: what links say'
  }),
  DATA_DIR: setting({
    format: 'path',
    default: './data',
    description: 'folder of the SQLite files and of the generated secrets (mode 0600)'
  }),
  ACCEPT_EMPTY: setting({
    format: 'flag',
    default: 'false',
    description: '`true`, or `--accept-empty`, answers a store that is damaged or gone by an empty one; for one start, not for good'
  }),
  CONFIG_FILE: setting({
    format: 'file',
    unset: '`./bellwether.yaml` when it is there',
    description: 'rules, channels, silences and shorter ages of events as code, with tests of the rules; what stands in it is read-only elsewhere'
  }),
  DATABASE_URL: setting({
    format: 'database',
    unset: 'SQLite in DATA_DIR',
    secret: true,
    description: 'must stay empty: this version stores in SQLite only'
  }),
  OPS_API_TOKEN: setting({
    format: 'token',
    least: '8',
    unset: 'none',
    secret: true,
    description: 'an API token with the scopes `ingest` and `read`; 8 characters or more, best long and random: what is easily guessed is refused'
  }),
  JWT_SECRET: setting({
    format: 'key',
    least: '32',
    unset: 'generated, kept in DATA_DIR',
    secret: true,
    description: 'key that signs sessions, at least 32 bytes, not easily guessed'
  }),
  METRICS_TOKEN: setting({
    format: 'token',
    least: '8',
    unset: 'none: /metrics is open on loopback, elsewhere it needs a token',
    secret: true,
    description: 'a token for `/metrics` alone, as Prometheus sends it; then loopback needs it too'
  }),
  METRICS_OPEN: setting({
    format: 'flag',
    default: 'false',
    description: '`true` lets everybody read `/metrics`'
  }),
  JWT_SECRET_PREVIOUS: setting({
    format: 'key',
    least: '32',
    unset: 'none',
    secret: true,
    description: 'the key before: what it signed stays good after JWT_SECRET was changed'
  }),
  SETUP_TOKEN: setting({
    format: 'token',
    least: '16',
    unset: 'generated, printed when listening beyond loopback and nobody is registered',
    secret: true,
    description: 'lets the first user register from beyond loopback; 16 characters or more'
  }),
  TRUST_PROXY: setting({
    format: 'addresses',
    unset: 'none',
    description: 'proxies whose `X-Forwarded-*` headers are believed: a comma list of addresses, networks (CIDR), ' +
      '`loopback`, `linklocal`, `uniquelocal`'
  }),
  WEBHOOK_URL: setting({
    format: 'link',
    unset: 'none',
    secret: true,
    description: 'makes a webhook channel named `default`, which is told of every alert whose rule names no channel'
  }),
  WEBHOOK_SECRET: setting({
    format: 'key',
    least: '8',
    unset: 'none: what is sent is not signed',
    secret: true,
    description: 'signs what goes to WEBHOOK_URL: `whsec_` and base64 of 24 to 64 bytes, or any other text, used as it is and, where it is base64, decoded too; two with a blank between them while one replaces the other'
  }),
  WEBHOOK_ACK_LINKS: setting({
    format: 'flag',
    default: 'true',
    description: '`false` leaves the links out that acknowledge from what goes to WEBHOOK_URL; other channels have `ack_links`'
  }),
  WEBHOOK_ALLOW: setting({
    format: 'hosts',
    unset: 'none',
    description: 'private hosts that may be called all the same: a comma list of names, `*.` names, addresses, each with a port or without, and networks (CIDR)'
  }),
  TICK_ALLOW: setting({
    format: 'hosts',
    default: '*.telex.im',
    description: 'hosts that the `return_url` of a tick may name, written as in WEBHOOK_ALLOW, without a port for 443 and 80; one that is private must stand there too, and has the ports that are named there'
  }),
  TICK_SECRET: setting({
    format: 'path_end',
    least: '16',
    unset: 'none: `GET /tick` is open',
    secret: true,
    description: 'closes `GET /tick`: the summary is asked for at `/tick/` with this text behind it; 16 to 64 letters, digits, `-` and `_`'
  }),
  CANARY_INTERVAL: setting({
    format: 'duration',
    default: '1m',
    least: '0s',
    most: '1h',
    description: 'how often an event of type `CANARY` is sent the whole way, past a rule and through the outbox, to prove that alerts still would be told; `0s` is never'
  }),
  CANARY_URL: setting({
    format: 'link',
    unset: 'none',
    secret: true,
    description: 'an address outside that is called when the canary comes out of the outbox, so that silence there is an alarm; WEBHOOK_ALLOW holds for it'
  }),
  SAMPLE_INTERVAL: setting({
    format: 'duration',
    default: '5s',
    least: '1s',
    most: '1h',
    description: 'how often the host and the service are looked at; file systems and the busiest processes once a minute'
  }),
  EVALUATE_INTERVAL: setting({
    format: 'duration',
    default: '10s',
    least: '1s',
    most: '1h',
    description: 'how often rules are evaluated; no window of a rule is shorter'
  }),
  WATCH_PROCESSES: setting({
    format: 'processes',
    unset: 'none',
    description: 'processes to watch: a comma list of pids and of names, the file that runs or what `ps -o comm` shows'
  }),
  MAX_SERIES: setting({
    format: 'number',
    default: '2000',
    least: '1',
    most: '1000000',
    description: 'most series of numbers that others send; a sample that would begin another is refused'
  }),
  RETENTION_DAYS: setting({
    format: 'number',
    default: '30',
    least: '1',
    most: '36500',
    description: 'days for which events are kept, counted from their receipt (fewer for a level or a service: `retention` in CONFIG_FILE), and numbers by the minute (single numbers 2 days at most, by the hour 400 at least)'
  }),
  RETENTION_BYTES: setting({
    format: 'size',
    default: '10GB',
    least: '1MB',
    most: '1000TB',
    description: 'disk that the store may take, its log counted in; beyond it, or what the disk holds, the oldest events are dropped'
  }),
  MAX_BODY_BYTES: setting({
    format: 'size',
    default: '10MB',
    least: '1KB',
    most: '256MB',
    description: 'largest request body, also after decompression'
  }),
  MAX_BATCH: setting({
    format: 'number',
    default: '10000',
    least: '1',
    most: '1000000',
    description: 'most events in one JSON array'
  }),
  DURABILITY: setting({
    format: 'choice',
    default: 'durable',
    choices: DURABILITIES,
    description: '`durable` syncs to disk before it answers; `fast` may lose the last moments in a power cut'
  }),
  MIN_FREE_BYTES: setting({
    format: 'size',
    default: '100MB',
    least: '0',
    most: '1000TB',
    description: 'free disk, free pages of the store counted in, under which events are refused'
  }),
  INGEST_QUEUE_BYTES: setting({
    format: 'size',
    default: '64MB',
    least: '1KB',
    most: '16GB',
    description: 'request bodies taken in and not yet stored; beyond it 503'
  }),
  INGEST_QUEUE_EVENTS: setting({
    format: 'number',
    default: '20000',
    least: '1',
    most: '10000000',
    description: 'events taken in and not yet stored; beyond it 503'
  }),
  INGEST_RATE: setting({
    format: 'number',
    default: '0',
    least: '0',
    most: '1000000',
    description: 'requests a second with events that one token may send; beyond it 429; `0` for any number, since the queue bounds it'
  }),
  QUERY_TIMEOUT: setting({
    format: 'duration',
    default: '5s',
    least: '1ms',
    most: '10m',
    description: 'time after which a query is cut'
  }),
  MAX_STREAMS: setting({
    format: 'number',
    default: '250',
    least: '1',
    most: '100000',
    description: 'live streams that one token or user may have open at once; more are 429'
  }),
  DRAIN_TIMEOUT: setting({
    format: 'duration',
    default: '8s',
    least: '1ms',
    most: '10m',
    description: 'time that open requests get when the service stops'
  }),
  LOG_LEVEL: setting({
    format: 'choice',
    default: 'info',
    choices: LOG_LEVELS,
    description: 'least weight of the service\'s own log lines'
  })
})

type Members = typeof Settings.properties
export type SettingName = keyof Members
/** The settings that have a fixed default. */
export type DefaultedSetting = {
  [N in SettingName]: Members[N] extends { default: string } ? N : never
}[SettingName]
