import type { ReplayAnswer } from '../../schemas/replay.ts'
import type { Rule } from '../../schemas/rule.ts'
import { startValues } from '../settings/run-time-values.ts'
import { settingChannels } from '../outgoing/channel-fields.ts'
import { systemClock } from '../core/clock.ts'
import { configFileOf, configOf, configurationOf, EXIT, say, UsageError, type Flags } from './command.ts'
import type { Config } from '../settings/config.ts'
import type { ConfigFile } from '../settings/config-file.ts'
import type { KnownNames } from '../settings/known-names.ts'
import { checkPipeline, isPipelineFile } from './pipeline-file.ts'
import { AppError } from '../core/errors.ts'
import { Replays } from '../alerting/replays.ts'
import { builtInRules, canaryDeadlineMsOf } from '../rules/built-in.ts'
import { ruleHints } from '../rules/hints.ts'
import { runRuleTest } from '../alerting/rule-tests.ts'
import { withReads } from '../store/hot/offline.ts'

/** Time for a replay on the command line, where nobody else waits. */
const REPLAY_MS = 600_000

/** Reads the settings and the configuration file as the service would, looks up all that is named in it, and starts nothing. */
export async function check (flags: Flags, [path]: string[]): Promise<number> {
  if (path !== undefined && isPipelineFile(path)) return checkPipeline(path)
  const { file } = await configurationOf(flags, path, knownNames)
  if (file.path === undefined) return say('the settings are fine; there is no configuration file')
  const { rules, channels, silences, tests } = file
  const counts = [numbered(rules, 'rule'), numbered(channels, 'channel'), numbered(silences, 'silence'), numbered(tests, 'test')]
  const hints = rules.flatMap(({ rule }) => ruleHints(rule).map((hint) => `hint: rule ${rule.id}: ${hint}`))
  return say(`the settings are fine, and ${file.path} with ${counts.join(', ')}`, hints.length === 0 ? undefined : hints.join('\n'))
}

/** Runs the tests that stand in the configuration file. */
export async function testRules (flags: Flags, [path]: string[]): Promise<number> {
  const config = configOf(flags)
  const file = fileOf(config, path)
  if (file.path === undefined) throw new UsageError('there is no bellwether.yaml here: say which file, bellwether rules test FILE')
  const verdicts = file.tests.map((test) => runRuleTest(test, config.evaluateIntervalMs))
  const failed = verdicts.filter(({ isFine }) => !isFine).length
  const lines = verdicts.map(({ name, isFine, text }) => isFine ? `ok      ${name}` : `FAILED  ${name}\n        ${text}`)
  say([...lines, `${verdicts.length - failed} passed, ${failed} failed`].join('\n'))
  return failed === 0 ? EXIT.done : EXIT.failed
}

/** Tells what a rule would have done: one of the configuration file, compared with the one that is stored, or a stored one. */
export async function replayRule ({ from, to, ...flags }: Flags, [id]: string[]): Promise<number> {
  if (id === undefined) throw new UsageError('say which rule: bellwether rules replay ID [--from -7d] [--to now]')
  const config = configOf(flags)
  const inFile = configFileOf(config).rules.find(({ rule }) => rule.id === id)?.rule
  return say(answerText(await withReads(config.dataDir, async (store) => {
    const stored = new Map((await store.read('listRules', undefined)).map(({ rule }): [string, Rule] => [rule.id, rule]))
    const replays = new Replays({ store, clock: systemClock, intervalMs: config.evaluateIntervalMs, timeoutMs: REPLAY_MS, ruleOf: (id) => stored.get(id) })
    const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
    return replays.run({ rule: inFile ?? id, ...range }, new AbortController().signal)
  })))
}

/** What is built in and set, and what the store holds, if there is one. */
/** What a configuration file may name besides what stands in it. */
export async function knownNames (config: Config): Promise<KnownNames> {
  const rules = builtInRules(startValues(config).thresholds, canaryDeadlineMsOf(config)).map(({ id }) => id)
  const channels = settingChannels(config).map(({ channel }) => channel.name)
  const stored = await withReads(config.dataDir, async (store) => ({
    rules: (await store.read('listRules', undefined)).filter(({ origin }) => origin === 'api').map(({ id }) => id),
    channels: (await store.read('listChannels', { all: false })).flatMap(({ id, name }) => [id, name]),
    series: (await store.read('listSeries', {})).map(({ name }) => name)
  })).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'not_found') return { rules: [], channels: [], series: [] }
    throw error
  })
  return { rules: [...rules, ...stored.rules], channels: [...channels, ...stored.channels], series: stored.series }
}

function fileOf (config: Config, path: string | undefined): ConfigFile {
  return configFileOf(path === undefined ? config : { ...config, configFile: path })
}

function numbered (list: readonly unknown[], noun: string): string {
  return `${list.length} ${noun}${list.length === 1 ? '' : 's'}`
}

function answerText ({ from, to, firings, total, pages, firing_seconds: seconds, compared }: ReplayAnswer): string {
  const rows = firings.map((firing) => [firing.from, firing.to ?? '-', firing.level, String(firing.peak ?? '-'), JSON.stringify(firing.labels)].join('\t'))
  return [
    ['from', 'to', 'level', 'peak', 'labels'].join('\t'),
    ...rows,
    `${from} to ${to}: ${total} firings, ${pages} pages, ${seconds} s firing`,
    ...(compared === undefined ? [] : [`against the present rule: ${compared.added} added, ${compared.removed} removed, ${compared.acked_removed} of them had been acknowledged`])
  ].join('\n')
}
