import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { pino } from 'pino'
import { systemClock } from '../src/core/clock.ts'
import { startService, type Service } from '../src/service.ts'
import { loadConfig } from '../src/settings/config.ts'
import { readConfigFile } from '../src/settings/config-file.ts'
import { testFolder } from './support/test-folder.ts'

const ADA = { caller: undefined, from: '127.0.0.1' }

function start (dataDir: string, settings: Record<string, string> = {}): Promise<Service> {
  const config = loadConfig({ flags: {}, env: { DATA_DIR: dataDir, DURABILITY: 'fast', MIN_FREE_BYTES: '1MB', ...settings } })
  return startService({ config, file: readConfigFile(config), clock: systemClock, log: pino({ level: 'silent' }), onFatal: (error) => { throw error } })
}

test('a room that cannot open closes what was opened before it, and the next start has the store', async (t) => {
  const dataDir = testFolder(t)
  const file = join(dataDir, 'bellwether.yaml')
  writeFileSync(file, 'channels:\n  - { name: main, kind: webhook, url: https://hooks.example.com/x }\n')
  const first = await start(dataDir)
  await first.channels.create({ name: 'main', kind: 'webhook', url: 'https://hooks.example.com/y' }, ADA)
  await first.close()

  await t.rejects(start(dataDir, { CONFIG_FILE: file }), { code: 'conflict', message: /main/ })

  const next = await start(dataDir)
  t.same((await next.channels.list()).map(({ name }) => name), ['main'])
  await next.close()
  await t.resolves(next.close(), 'and what is closed may be closed again')
})
