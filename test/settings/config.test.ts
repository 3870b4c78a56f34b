import fc from 'fast-check'
import { test } from 'tap'
import { Settings } from '../../schemas/env.ts'
import { baseUrlOf, loadConfig, type Config, type ConfigSources } from '../../src/settings/config.ts'
import { AppError, type Fault } from '../../src/core/errors.ts'

const load = (sources: Partial<ConfigSources>) => loadConfig({ flags: {}, env: {}, ...sources })

function faultsOf (sources: Partial<ConfigSources>): readonly Fault[] {
  try {
    load(sources)
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid') return error.faults
    throw error
  }
  return []
}

test('without any setting, the documented defaults hold', async (t) => {
  t.same(load({}), {
    host: '127.0.0.1',
    port: 8080,
    baseUrl: 'http://127.0.0.1:8080',
    acceptEmpty: false,
    dataDir: './data',
    opsApiToken: undefined,
    jwtSecret: undefined,
    metricsToken: undefined,
    metricsOpen: false,
    jwtSecretPrevious: undefined,
    setupToken: undefined,
    trustProxy: [],
    webhookUrl: undefined,
    webhookSecret: undefined,
    webhookAckLinks: true,
    webhookAllow: [],
    tickAllow: ['*.telex.im'],
    canaryIntervalMs: 60_000,
    canaryUrl: undefined,
    sampleIntervalMs: 5_000,
    evaluateIntervalMs: 10_000,
    watchProcesses: [],
    maxSeries: 2_000,
    retentionDays: 30,
    retentionBytes: 10e9,
    maxBodyBytes: 10e6,
    maxBatch: 10_000,
    durability: 'durable',
    minFreeBytes: 100e6,
    ingestQueueBytes: 64e6,
    ingestQueueEvents: 20_000,
    ingestRate: 0,
    queryTimeoutMs: 5000,
    maxStreams: 250,
    drainTimeoutMs: 8000,
    logLevel: 'info',
    sources: {}
  })
})

test('a flag wins over the environment, that over .env, that over the default', async (t) => {
  const dotenv = '# ours\nPORT=1003\nMAX_BATCH="3"\nDATA_DIR=from-file\n'

  t.equal(load({ flags: { port: '1001' }, env: { PORT: '1002' }, dotenv }).port, 1001)
  t.equal(load({ env: { PORT: '1002' }, dotenv }).port, 1002)
  t.match(load({ dotenv }), { port: 1003, maxBatch: 3, dataDir: 'from-file' })
})

test('an empty text counts as unset, wherever it stands', async (t) => {
  t.equal(load({ flags: { port: '' }, env: { PORT: '' }, dotenv: 'PORT=1003' }).port, 1003)
  t.match(load({ env: { PORT: '', HOST: undefined, JWT_SECRET: '', DATABASE_URL: '' } }), {
    port: 8080, host: '127.0.0.1', jwtSecret: undefined
  })
})

test('a .env file may have a byte order mark and Windows line ends', async (t) => {
  t.match(load({ dotenv: '\uFEFFPORT=1003\r\nHOST=::1\r\n' }), { port: 1003, host: '::1' })
})

test('the configuration is frozen throughout', async (t) => {
  const config = load({ env: { TRUST_PROXY: 'loopback' } })

  t.ok(Object.isFrozen(config))
  t.ok(Object.isFrozen(config.trustProxy))
  t.ok(Object.isFrozen(load({}).trustProxy))
})

test('all mistakes are told at once, each with its setting, its value and where it stands', async (t) => {
  const sources = {
    flags: { 'max-batch': '0', prot: '1' },
    env: { PORT: '99999', LOG_LEVEL: 'loud' },
    dotenv: 'QUERY_TIMEOUT=5'
  }

  t.throws(() => load(sources), { code: 'invalid', message: '5 settings are wrong' })
  t.same(faultsOf(sources), [
    { path: '--prot', message: 'is not a flag; the nearest is --port' },
    { path: 'PORT', message: 'must be 0..65535, got "99999"' },
    { path: 'MAX_BATCH', message: 'must be 1..1000000, got "0" (from --max-batch)' },
    { path: 'QUERY_TIMEOUT', message: 'must be a duration like 500ms, 5s or 10m, 1ms..10m, got "5" (from .env)' },
    { path: 'LOG_LEVEL', message: 'must be one of fatal, error, warn, info, debug, trace, silent, got "loud"' }
  ])
})

const LONG_KEY = '9f3a1c7e5b2d8064-of-32-bytes-long'
const GUESSABLE = ['changeme', 'ChangeMe123', 'change-me-'.repeat(4), 'a'.repeat(32), 'ab'.repeat(16), '0123456789'.repeat(4), 'your-256-bit-secret', 'my-secret-token', 'passw0rd-passw0rd']

const readings: [name: string, text: string, key: keyof Config, value: unknown][] = [
  ['PORT', '0', 'port', 0],
  ['PORT', '65535', 'port', 65_535],
  ['HOST', '0.0.0.0', 'host', '0.0.0.0'],
  ['HOST', '::', 'host', '::'],
  ['HOST', 'ops-1.example.com', 'host', 'ops-1.example.com'],
  ['BASE_URL', 'https://ops.example.com/', 'baseUrl', 'https://ops.example.com'],
  ['BASE_URL', 'HTTP://ops.example.com:8080/logs/', 'baseUrl', 'http://ops.example.com:8080/logs'],
  ['DATA_DIR', '/srv/bell wether', 'dataDir', '/srv/bell wether'],
  ['CONFIG_FILE', '/etc/bell wether.yaml', 'configFile', '/etc/bell wether.yaml'],
  ['OPS_API_TOKEN', 'k3-x9.Qw', 'opsApiToken', 'k3-x9.Qw'],
  ['JWT_SECRET', LONG_KEY, 'jwtSecret', LONG_KEY],
  ['JWT_SECRET', 'größe und übermaß der brücken', 'jwtSecret', 'größe und übermaß der brücken'],
  ['JWT_SECRET_PREVIOUS', LONG_KEY, 'jwtSecretPrevious', LONG_KEY],
  ['SETUP_TOKEN', LONG_KEY, 'setupToken', LONG_KEY],
  ['TRUST_PROXY', 'loopback', 'trustProxy', ['loopback']],
  ['TRUST_PROXY', '10.0.0.0/8, fd00::/8 ,uniquelocal,192.0.2.7,::1/128', 'trustProxy',
    ['10.0.0.0/8', 'fd00::/8', 'uniquelocal', '192.0.2.7', '::1/128']],
  ['MAX_BODY_BYTES', '1000', 'maxBodyBytes', 1000],
  ['MAX_BODY_BYTES', '1KB', 'maxBodyBytes', 1000],
  ['MAX_BODY_BYTES', '1KiB', 'maxBodyBytes', 1024],
  ['MAX_BODY_BYTES', '256MB', 'maxBodyBytes', 256e6],
  ['RETENTION_BYTES', '10GB', 'retentionBytes', 10e9],
  ['RETENTION_BYTES', '10gb', 'retentionBytes', 10e9],
  ['RETENTION_BYTES', '1.5GiB', 'retentionBytes', 1.5 * 2 ** 30],
  ['RETENTION_BYTES', '1.1GB', 'retentionBytes', 1_100_000_000],
  ['RETENTION_BYTES', '2TiB', 'retentionBytes', 2 ** 41],
  ['MIN_FREE_BYTES', '0', 'minFreeBytes', 0],
  ['INGEST_QUEUE_BYTES', '64MB', 'ingestQueueBytes', 64e6],
  ['INGEST_QUEUE_EVENTS', '1', 'ingestQueueEvents', 1],
  ['WEBHOOK_URL', 'https://ops.example.com/hook?key=a@b', 'webhookUrl', 'https://ops.example.com/hook?key=a@b'],
  ['WEBHOOK_SECRET', 'mine-of-8', 'webhookSecret', 'mine-of-8'],
  ['WEBHOOK_ALLOW', '10.0.0.0/8, hooks.example.com:8443 ,[::1]:9000', 'webhookAllow', ['10.0.0.0/8', 'hooks.example.com:8443', '[::1]:9000']],
  ['TICK_ALLOW', '*.example.com', 'tickAllow', ['*.example.com']],
  ['TICK_SECRET', 'Rk3_vQ8-ty1ZbW6n', 'tickSecret', 'Rk3_vQ8-ty1ZbW6n'],
  ['MAX_STREAMS', '1', 'maxStreams', 1],
  ['CANARY_INTERVAL', '0s', 'canaryIntervalMs', 0],
  ['CANARY_URL', 'http://ping.example.com/', 'canaryUrl', 'http://ping.example.com/'],
  ['SAMPLE_INTERVAL', '1s', 'sampleIntervalMs', 1_000],
  ['SAMPLE_INTERVAL', '1h', 'sampleIntervalMs', 3_600_000],
  ['WATCH_PROCESSES', '1234, nginx ,php-fpm8.2,7zip,nginx,größe', 'watchProcesses', ['1234', 'nginx', 'php-fpm8.2', '7zip', 'größe']],
  ['MAX_SERIES', '1', 'maxSeries', 1],
  ['RETENTION_DAYS', '1', 'retentionDays', 1],
  ['QUERY_TIMEOUT', '500ms', 'queryTimeoutMs', 500],
  ['QUERY_TIMEOUT', '1ms', 'queryTimeoutMs', 1],
  ['QUERY_TIMEOUT', '1.5s', 'queryTimeoutMs', 1500],
  ['DRAIN_TIMEOUT', '10m', 'drainTimeoutMs', 600_000],
  ['METRICS_TOKEN', 'k3-x9.Qw', 'metricsToken', 'k3-x9.Qw'],
  ['METRICS_OPEN', 'true', 'metricsOpen', true],
  ['ACCEPT_EMPTY', 'true', 'acceptEmpty', true],
  ['WEBHOOK_ACK_LINKS', 'false', 'webhookAckLinks', false],
  ['DURABILITY', 'fast', 'durability', 'fast'],
  ['LOG_LEVEL', 'silent', 'logLevel', 'silent']
]

test('settings are read into numbers of bytes and ms, into lists, into words', async (t) => {
  for (const [name, text, key, value] of readings) {
    t.same(load({ env: { [name]: text } })[key], value, `${name}=${text}`)
  }
})

const refusals: Record<string, readonly string[]> = {
  PORT: ['65536', '-1', '+80', '1e3', '0x50', '80.0', ' 80', '80 ', 'NaN', 'http', '8_080', '٨٠'],
  HOST: ['256.1.1.1', '1.2.3', '127.0.0.1:80', '[::1]', 'http://x', 'a b', '-x', 'x..y', ' ', 'fe80::1%eth0', 'a@b'],
  BASE_URL: ['ops.example.com', 'ftp://x', 'http://', 'https://u:p@x', 'https://x/?q', 'https://x/#f', 'javascript:1'],
  DATA_DIR: [' ', '\t', 'a\0b'],
  OPS_API_TOKEN: ['k3-x9.Q', `${LONG_KEY} `, `${LONG_KEY}\n`, `${LONG_KEY}é`, ...GUESSABLE],
  JWT_SECRET: [LONG_KEY.slice(0, 31), ...GUESSABLE],
  METRICS_TOKEN: ['k3-x9.Q', `${LONG_KEY} `, ...GUESSABLE],
  METRICS_OPEN: ['yes', '1', 'TRUE', 'true '],
  WEBHOOK_ACK_LINKS: ['no', '0', 'FALSE'],
  ACCEPT_EMPTY: ['yes', '1', 'TRUE', 'true '],
  JWT_SECRET_PREVIOUS: [LONG_KEY.slice(0, 31), ...GUESSABLE],
  SETUP_TOKEN: [LONG_KEY.slice(0, 15), `${LONG_KEY} `, ...GUESSABLE],
  TRUST_PROXY: ['true', 'false', '1', 'loopback,', ',', '10.0.0.0/33', '::/129', '0.0.0.0/0', '::/0', '10.0.0.0/8/8',
    '10.0.0.0/', '10.0.0.0/08', '10.0.0', 'proxy.example.com', 'fe80::1%eth0', '*',
    '0.0.0.0/1,128.0.0.0/1', '0.0.0.0/1', '::/1,8000::/1', '2000::/3', '::ffff:0:0/96', '::ffff:0.0.0.0/97,10.0.0.1',
    Array.from({ length: 256 }, (_, n) => `${n}.0.0.0/8`).join()],
  DATABASE_URL: ['postgres://u:p@h/d', 'postgresql://h/d', 'sqlite:x.db', ' '],
  WEBHOOK_URL: ['ops.example.com', 'ftp://x/', 'https://', ' '],
  WEBHOOK_SECRET: ['k3-x9.Q', ...GUESSABLE],
  EVALUATE_INTERVAL: ['500ms', '2h', '5'],
  CONFIG_FILE: [' ', 'a\0b'],
  WEBHOOK_ALLOW: ['a b', ',', 'http://x/', '10.0.0.0/33', 'x:0', '256.1.1.1'],
  TICK_ALLOW: ['*', 'a,,b', '*.*.com'],
  TICK_SECRET: ['Rk3_vQ8-ty1ZbW6', 'Rk3_vQ8-ty1ZbW6n'.repeat(5), 'Rk3_vQ8/ty1ZbW6n', 'a'.repeat(20)],
  MAX_STREAMS: ['0', '100001', 'many'],
  CANARY_INTERVAL: ['61m', '60', 'never'],
  CANARY_URL: ['ping', 'mailto:x@y'],
  SAMPLE_INTERVAL: ['999ms', '61m', '5', '0s'],
  WATCH_PROCESSES: ['nginx,', ',', '0', '01', '-1 x', '12345678901', 'a b', '/usr/sbin/nginx', 'x'.repeat(65), Array.from({ length: 21 }, (_, n) => `p${n}`).join()],
  MAX_SERIES: ['0', '1000001', 'many'],
  RETENTION_DAYS: ['0', '36501', '1d', '30.5', '-1', 'Infinity'],
  RETENTION_BYTES: ['999999', '1001TB', '1.5', '10 GB', 'GB', '1e9', '-1GB', '10G', '10Gbit', '0x10', '1.GB', '.5GB'],
  MAX_BODY_BYTES: ['999', '257MB', '0'],
  MAX_BATCH: ['0', '1000001', '1e3'],
  DURABILITY: ['Fast', 'none', 'durable '],
  MIN_FREE_BYTES: ['-1', 'none'],
  INGEST_QUEUE_BYTES: ['0', '17GB'],
  INGEST_QUEUE_EVENTS: ['0', '10000001'],
  INGEST_RATE: ['1000001', '-1', '0.5'],
  QUERY_TIMEOUT: ['0ms', '5', '5 s', '5S', '11m', '0.1ms', '-5s', '5sec', 'PT5S', '1e3ms'],
  DRAIN_TIMEOUT: ['0s', '601s', 'never'],
  LOG_LEVEL: ['INFO', 'verbose', '30']
}

test('a text that will not do is one fault of its setting', async (t) => {
  for (const [name, texts] of Object.entries(refusals)) {
    for (const text of texts) {
      t.match(faultsOf({ env: { [name]: text } }), [{ path: name, message: /^(must|names)/ }], `${name}=${JSON.stringify(text)}`)
    }
  }
})

test('every setting of the schema is read, by its environment variable and by its flag', async (t) => {
  for (const name of Object.keys(Settings.properties)) {
    const [bad = ''] = refusals[name] ?? []
    const flag = name.toLowerCase().replaceAll('_', '-')

    t.equal(faultsOf({ env: { [name]: bad } })[0]?.path, name)
    t.match(faultsOf({ flags: { [flag]: bad } }), [{ path: name, message: `(from --${flag})` }])
  }
})

test('a secret is never part of a message', async (t) => {
  for (const name of ['OPS_API_TOKEN', 'JWT_SECRET', 'METRICS_TOKEN', 'JWT_SECRET_PREVIOUS', 'SETUP_TOKEN', 'DATABASE_URL']) {
    for (const sources of [{ env: { [name]: 'hush-hush' } }, { dotenv: `${name}=hush-hush` }]) {
      t.notMatch(JSON.stringify(faultsOf(sources)), /hush/, name)
    }
  }
  t.notMatch(JSON.stringify(faultsOf({ env: { BASE_URL: 'https://me:hush@x', HOST: 'me:hush@x' } })), /hush/)
})

test('a PostgreSQL address is refused with the reason', async (t) => {
  t.same(faultsOf({ env: { DATABASE_URL: 'postgres://u:p@h/d' } }), [{
    path: 'DATABASE_URL',
    message: 'names a PostgreSQL database, but this version stores in SQLite only: leave it empty'
  }])
})

test('a long text is cut in the message', async (t) => {
  const [fault] = faultsOf({ env: { PORT: '9'.repeat(5000) } })

  t.ok((fault?.message ?? '').length < 200)
})

test('an unknown flag is told with the nearest one', async (t) => {
  const flags = [['prot', 'port'], ['datadir', 'data-dir'], ['DATA_DIR', 'data-dir'], ['retention-day', 'retention-days']]
  for (const [flag = '', near] of flags) {
    t.same(faultsOf({ flags: { [flag]: '1' } }), [{ path: `--${flag}`, message: `is not a flag; the nearest is --${near}` }])
  }
})

test('a name that was meant to be a setting is told with the one that was meant, wherever it stands', async (t) => {
  const names = [
    ['RETENTON_DAYS', 'RETENTION_DAYS'], ['RETENTION_DAY', 'RETENTION_DAYS'], ['RETENTION_DYAS', 'RETENTION_DAYS'], ['RETENTIONDAYS', 'RETENTION_DAYS'], ['retention_days', 'RETENTION_DAYS'],
    ['RETENTION-DAYS', 'RETENTION_DAYS'], ['WEBHOOK_ULR', 'WEBHOOK_URL'], ['WEBHOOK_SECERT', 'WEBHOOK_SECRET'], ['DATADIR', 'DATA_DIR'], ['BASEURL', 'BASE_URL'],
    ['JWTSECRET', 'JWT_SECRET'], ['OPS_API_TOKN', 'OPS_API_TOKEN'], ['BELLWETHER_DATA_DIR', 'DATA_DIR'], ['BW_HOST', 'HOST']
  ]
  for (const [name = '', near = ''] of names) {
    t.same(faultsOf({ env: { [name]: 'hunter2' } }), [{ path: name, message: `is no setting: did you mean ${near}?` }])
    t.same(faultsOf({ dotenv: `${name}=hunter2` }), [{ path: name, message: `is no setting: did you mean ${near}? (from .env)` }])
    t.same(faultsOf({ env: { [name]: '' } }), [], 'what is empty is unset')
  }
  t.equal(faultsOf({ env: { RETENTON_DAYS: '3', PORT: 'x', WEBHOK_URL: '1' }, dotenv: 'MAX_BACH=1' }).length, 4, 'with all other mistakes')
})

test('names of other programs are left alone', async (t) => {
  const foreign = [
    'PATH', 'HOME', 'HOSTNAME', 'HOSTTYPE', 'HOSTS', 'PORTS', 'LOGNAME', 'LOGLEVEL', 'NODE_ENV', 'NODE_OPTIONS', 'TZ', 'LANG', 'USER', 'SHELL', 'TERM', 'TMPDIR', 'PWD', 'OLDPWD', 'SHLVL', 'EDITOR',
    'INVOCATION_ID', 'JOURNAL_STREAM', 'NOTIFY_SOCKET', 'LISTEN_FDS', 'XDG_DATA_DIRS', 'XDG_CONFIG_DIRS', 'XDG_RUNTIME_DIR', 'COMPOSE_FILE', 'COMPOSE_PROJECT_NAME', 'PGDATA', 'DATABASE_URL_TEST',
    'KUBERNETES_PORT', 'KUBERNETES_SERVICE_HOST', 'BELLWETHER_PORT', 'BELLWETHER_SERVICE_HOST', 'BELLWETHER_SERVICE_PORT', 'BELLWETHER_PORT_8080_TCP', 'BELLWETHER_PORT_8080_TCP_ADDR',
    'npm_config_loglevel', 'npm_lifecycle_event', 'NODE_COMPILE_CACHE', 'QUEUE_URL', 'COLD_DIR', 'BACKUP_DIR', 'OIDC_ISSUER', 'WEBHOOK_SECRET2', 'WEBHOOK_SECRET_2', 'SLACK_WEBHOOK_URL', 'HTTP_PROXY', 'no_proxy', 'CI'
  ]
  for (const name of foreign) t.same(faultsOf({ env: { [name]: 'x' }, dotenv: `${name}=x` }), [], name)
  t.same(faultsOf({ env: { WEBHOOK_URLS: 'x', WEBHOOK_URL: 'https://ops.example.com/hook' } }), [], 'with the right one beside it')
})

test('a line of .env that sets nothing is told', async (t) => {
  for (const line of ['RETENTION_DAYS: 3', 'RETENTION_DAYS 3', 'export RETENTION_DAYS 3', '  RETENTION_DAYS', 'RETENTION_DAYS\r']) {
    t.same(faultsOf({ dotenv: `PORT=1\n${line}\n` }), [{ path: 'RETENTION_DAYS', message: 'needs a = and a value after it (from .env)' }], line)
  }
  t.same(faultsOf({ dotenv: '# RETENTION_DAYS 3\nRETENTION_DAYS = 3\nPORT=\n' }), [])
})

test('the base address follows host and port, and stays open while the port is 0', async (t) => {
  t.equal(load({ env: { PORT: '9000', HOST: '10.0.0.5' } }).baseUrl, 'http://10.0.0.5:9000')
  t.equal(load({ env: { PORT: '0' } }).baseUrl, undefined)
  t.equal(load({ env: { PORT: '0', BASE_URL: 'https://x' } }).baseUrl, 'https://x')
  t.equal(baseUrlOf('::1', 80), 'http://[::1]:80')
  t.equal(baseUrlOf('0.0.0.0', 8080), 'http://localhost:8080')
  t.equal(baseUrlOf('::', 8080), 'http://localhost:8080')
})

test('whatever the texts are, the answer is a configuration or faults of known settings', async (t) => {
  const names = Object.keys(Settings.properties)
  const texts = fc.dictionary(fc.constantFrom(...names), fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.nat().map(String)))

  fc.assert(fc.property(texts, texts, (env, file) => {
    const dotenv = Object.entries(file).map(([name, text]) => `${name}=${text}`).join('\n')
    return faultsOf({ env, dotenv }).every(({ path }) => names.includes(path))
  }))
  t.pass()
})
