import type { Test } from 'tap'
import { pino } from 'pino'
import { buildApp } from '../plugins/app.ts'
import type { App } from '../plugins/app-type.ts'
import { systemClock, type Clock } from '../src/core/clock.ts'
import { loadConfig } from '../src/settings/config.ts'
import { readConfigFile } from '../src/settings/config-file.ts'
import { startService, type Service } from '../src/service.ts'
import { openSqlite, type OpenedStore, type SqliteOptions } from '../src/store/hot/sqlite.ts'
import { testFolder } from './support/test-folder.ts'

export const OPS_TOKEN = 'ops-token-for-tests'

/** A store on a real file in the test's own folder, closed with the test. */
export async function buildStore (t: Test, options: Partial<SqliteOptions> = {}): Promise<OpenedStore> {
  const opened = await openSqlite({
    dataDir: options.dataDir ?? testFolder(t),
    durability: 'fast',
    minFreeBytes: 1,
    partitionBytes: 1e9,
    onDeath: (error) => { throw error },
    ...options
  })
  t.teardown(() => opened.store.close())
  return opened
}

/** The whole service on a folder of its own; settings by the names of the environment. */
async function buildService (t: Test, settings: Record<string, string>, clock: Clock): Promise<Service> {
  const config = loadConfig({
    flags: {},
    // Without the canary, whose rule fires when a test turns the clock.
    env: { DATA_DIR: settings['DATA_DIR'] ?? testFolder(t), OPS_API_TOKEN: OPS_TOKEN, DURABILITY: 'fast', MIN_FREE_BYTES: '1MB', CANARY_INTERVAL: '0s', ...settings }
  })
  return startService({ config, file: readConfigFile(config), clock, log: pino({ level: 'silent' }), onFatal: (error) => { throw error } })
}

/** The HTTP surface over such a service; `inject` asks it, with `auth` as headers of the operator's token. */
export async function buildTestApp (t: Test, settings: Record<string, string> = {}, clock: Clock = systemClock): Promise<App> {
  const service = await buildService(t, settings, clock)
  const app = await buildApp(service)
  await app.ready()
  service.health.phase = 'ready'
  t.teardown(async () => {
    await app.close()
    await service.close()
  })
  return app
}

export const auth = { authorization: `Bearer ${OPS_TOKEN}` }
