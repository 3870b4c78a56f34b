import { resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { pino, type Logger } from 'pino'
import { buildApp } from '../../plugins/app.ts'
import type { App } from '../../plugins/app-type.ts'
import { NO_DEFAULT } from '../health/channel-check.ts'
import { systemClock } from '../core/clock.ts'
import type { Config } from '../settings/config.ts'
import type { ConfigFile } from '../settings/config-file.ts'
import { endSignal } from './end-signal.ts'
import { takeHangUps } from './hang-ups.ts'
import { listenOn } from './listen.ts'
import { startService, type Service, type ServiceParts } from '../service.ts'
import { standBy } from './stand-by.ts'
import { DamagedStore } from '../store/hot/files/damage.ts'
import { VERSION } from '../core/version.ts'

/** What was sent before the signal is in our sockets by now: this is the time to read it before they are closed. */
const DRAIN_GRACE_MS = 250
const REDACTED = ['req.headers.authorization', 'req.headers.cookie', 'req.headers["x-ops-token"]', '*.secret', '*.token', '*.password', '*.jwtSecret', '*.jwtSecretPrevious', '*.opsApiToken', '*.setupToken', '*.webhookUrl', '*.webhookSecret', '*.canaryUrl', '*.tickSecret']

/** Runs the service until a signal ends it; returns the exit code. */
export async function serve (config: Config, file: ConfigFile): Promise<number> {
  const out = pino.destination(2)
  // A log that cannot be written, as when the terminal is gone, is no reason to end without a drain, or never to end: pino would try
  // until it can.
  out.on('error', () => { out.flushSync = () => {} })
  const log = pino({ level: config.logLevel, redact: REDACTED }, out)
  const { terminalGone, onReload } = takeHangUps()
  const death = Promise.withResolvers<Error>()
  const service = await startOrStandBy({ config, file, clock: systemClock, log, onFatal: death.resolve }, terminalGone)
  if (service === undefined) return 0
  const app = await buildApp(service)
  const url = await listen(app, service)
  service.own.listensAt(url)
  service.health.phase = 'ready'
  preferSmallHeap()
  // Listened for before anybody is told that it runs: who has read that may end it at once.
  const signal = endSignal()
  process.stdout.write(await banner(service, service.own.url))

  onReload(() => reload(service))
  const ended = await Promise.race([death.promise, signal, terminalGone])
  if (ended instanceof Error) {
    log.fatal({ err: ended }, 'the store died: stopping')
    return 1
  }
  log.info({ signal: ended }, 'stopping')
  await drain(app, service, log)
  return 0
}

/**
 * Asks V8 to collect early instead of growing: under batch ingest the process rises by some 80 MB where it rose by 340,
 * at the same rate. Set after start-up, so that the nursery has the size that start-up gave it (some 30 MB).
 */
function preferSmallHeap (): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--heap-growing-percent=20')
}

/** A service that is going is left alone. */
function reload ({ health, reload }: Service): void {
  if (health.phase === 'ready') void reload.run()
}

/** Undefined when it was asked to end while it stood by. */
async function startOrStandBy (parts: ServiceParts, terminalGone: Promise<string>): Promise<Service | undefined> {
  try {
    return await startService(parts)
  } catch (error) {
    if (!(error instanceof DamagedStore)) throw error
    const port = await standBy(error, parts, terminalGone)
    return port === undefined ? undefined : startOrStandBy({ ...parts, config: { ...parts.config, port } }, terminalGone)
  }
}

async function listen (app: App, service: Service): Promise<string> {
  try {
    return (await listenOn(app, service.config)).url
  } catch (error) {
    await app.close()
    await service.close()
    throw error
  }
}

/** Answers what has arrived, asks clients to go, closes, and stores what is left; after DRAIN_TIMEOUT without asking. */
async function drain (app: App, service: Service, log: Logger): Promise<void> {
  service.health.phase = 'draining'
  await wait(DRAIN_GRACE_MS)
  const late = setTimeout(() => {
    log.warn('clients did not leave in time: their connections are cut')
    app.server.closeAllConnections()
  }, service.config.drainTimeoutMs)
  await app.close()
  clearTimeout(late)
  await service.close()
}

async function banner (service: Service, url: string): Promise<string> {
  const token = await firstToken(service)
  const isAddressed = service.channels.idsOf([]).length > 0
  const setupToken = isLoopback(service.config.host) ? undefined : await service.users.offerSetupToken()
  return `bellwether ${VERSION}
  address    ${url}
  data file  ${resolve(service.dataFile)}
${isAddressed ? '' : `  alerts     nobody is told of them: ${NO_DEFAULT}\n`}${setupToken === undefined ? '' : setupLines(setupToken)}${token === undefined ? '' : firstSteps(url, token)}`
}

/** On the first start a token is made; later nobody can read it again. */
async function firstToken ({ tokens, config }: Service): Promise<string | undefined> {
  return config.opsApiToken === undefined ? tokens.createFirst() : undefined
}

function isLoopback (host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

function setupLines (token: string): string {
  return `  setup      ${token}
             (nobody is registered yet: the setup_token of POST /api/register, which makes the first admin)
`
}

function firstSteps (url: string, token: string): string {
  return `  token      ${token}
             (may send and read events; shown this once, only its hash is kept)

Send an event:
  curl -X POST ${url}/events -H 'Authorization: Bearer ${token}' -H 'Content-Type: application/json' -d '{"message":"hello bellwether","level":"info","service":"shell"}'
Find it again:
  curl '${url}/events?q=hello' -H 'Authorization: Bearer ${token}'
`
}
