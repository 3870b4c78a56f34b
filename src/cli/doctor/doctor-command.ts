import packageJson from '../../../package.json' with { type: 'json' }
import { systemClock } from '../../core/clock.ts'
import { NO_FILE, type ConfigFile } from '../../settings/config-file.ts'
import { commandLine, readFlags } from '../client/client-flags.ts'
import { isColoured } from '../client/terminal.ts'
import { configurationOf, EXIT, readableConfig, say, UsageError } from '../command.ts'
import { knownNames } from '../rule-commands.ts'
import { fail, ok, type Finding } from './finding.ts'
import { checkClock, checkFolder, checkSpace, found } from './folder-checks.ts'
import { checkPort } from './service-checks.ts'
import { checkChannels, checkStore } from './store-checks.ts'

interface DoctorFlags {
  dataDir?: string
  configFile?: string
  host?: string
  port?: string
  json?: true
}

const MARKS = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' } as const
const COLOURS = { ok: '\u001b[32m', warn: '\u001b[33m', fail: '\u001b[31m' } as const

/** Says what is wrong with this installation and what to do, running or not, and changes nothing; returns 1 when anything must be mended. */
export async function examine (args: readonly string[]): Promise<number> {
  const read = readFlags<DoctorFlags>(doctorCommandLine(), args)
  if (read === undefined) return EXIT.done
  if (read.words.length > 0) throw new UsageError('doctor takes flags alone')
  const findings = await examined(read.flags)
  const isColourful = isColoured(process.stdout)
  const lines = findings.map(({ check, status, text }) => `${isColourful ? `${COLOURS[status]}${MARKS[status]}\u001b[0m` : MARKS[status]}  ${check.padEnd(11)}  ${text.replaceAll('\n', '\n                   ')}`)
  say(read.flags.json === true ? findings.map((finding) => JSON.stringify(finding)).join('\n') : lines.join('\n'))
  return findings.some(({ status }) => status === 'fail') ? EXIT.failed : EXIT.done
}

function doctorCommandLine () {
  return commandLine('doctor', 'Says what is wrong with this installation, and what to do. It works while the service runs and while it does not, and changes nothing.')
    .option('--data-dir <folder>', 'DATA_DIR when left out')
    .option('--config-file <file>', 'CONFIG_FILE when left out')
    .option('--host <host>', 'HOST when left out')
    .option('--port <port>', 'PORT when left out')
    .option('--json', 'print each finding as a line of JSON')
}

async function examined ({ dataDir, configFile, host, port }: DoctorFlags): Promise<Finding[]> {
  const given = { 'data-dir': dataDir, 'config-file': configFile, host, port }
  const flags = Object.fromEntries(Object.entries(given).flatMap(([name, value]) => value === undefined ? [] : [[name, value]]))
  const { config } = readableConfig(flags)
  const store = await found('store', () => checkStore(config.dataDir))
  const isSound = store.every(({ status }) => status !== 'fail')
  let file: ConfigFile = NO_FILE
  const settings = await found('settings', async () => {
    file = (await configurationOf(flags, undefined, isSound ? knownNames : undefined)).file
    return ok('settings', file.path === undefined ? 'they are fine; there is no configuration file' : `they are fine, and so is ${file.path}`)
  })
  return [
    checkNode(),
    ...settings,
    ...await found('data folder', () => checkFolder(config.dataDir)),
    ...await found('disk', () => checkSpace(config)),
    ...await found('clock', () => checkClock(config.dataDir, systemClock.now())),
    ...store,
    ...await found('channels', () => checkChannels(config, file, isSound)),
    ...await found('port', () => checkPort(config, process.env['BELLWETHER_TOKEN'] ?? config.opsApiToken ?? ''))
  ]
}

function checkNode (): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = packageJson.engines.node.replace(/[^\d.]/g, '').split('.').map(Number)
  const isNew = major > leastMajor || (major === leastMajor && minor >= leastMinor)
  return isNew ? ok('node', process.versions.node) : fail('node', `${process.versions.node} is too old: ${packageJson.engines.node} is needed`)
}
