import { parseArgs } from 'node:util'
import { ROLES, SCOPES } from '../../schemas/words.ts'
import { configurationOf, configOf, EXIT, exitCodeOf, explain, say, UsageError, type Command, type Flags } from './command.ts'
import { isRun } from './is-run.ts'
import { flagNames, switchNames } from '../settings/config.ts'
import { parseAnchor } from '../store/hot/access/audit-anchor.ts'
import { VERSION } from '../core/version.ts'

const HELP = `bellwether ${VERSION}: the alert you can audit

  bellwether serve [--port 8080] [--data-dir ./data] ...   run the service; every setting is also a flag
  bellwether run --file F --output O --config C ...        run lines through a pipeline; run --help tells all flags
  bellwether query ["level:ERROR service:shop"]            find events, of a running service or with --data-dir in its files
  bellwether tail ["level>=warn"]                          follow events as they come
  bellwether send [FILE...] [--service S]                  send files or standard input, a line an event
  bellwether export ["service:shop"] [--format csv]        write all events that fit, however many
  bellwether alerts [--state firing]                       list alerts
  bellwether ack ID [--note N]                             say that somebody looks after an alert
  bellwether detect patterns [FILE]                        find which lines share a pattern: an id a line, no service needed
  bellwether detect sessions --train FILE [FILE]           judge sessions by the counts of their patterns
  bellwether detect series [FILE]                          judge each value of a series, CSV with timestamp and value, by those before it
  bellwether backup TO                                     copy the store with all that belongs to it, also while the service runs
  bellwether restore FROM [--verify]                       check such a copy, or put it into an empty data folder
  bellwether doctor                                        say what is wrong with this installation, and what to do
  bellwether recover [FILE]                                get back what can be read of a store that was damaged
  bellwether check [FILE]                                  look at the settings and the configuration file
  bellwether rules test [FILE]                             run the tests in the configuration file
  bellwether rules replay ID [--from -7d] [--to now]       tell what a rule would have done
  bellwether user add NAME [--role viewer]                 asks for the password, or takes it from standard input
  bellwether user list
  bellwether user passwd NAME                              for whoever lost it
  bellwether user disable NAME
  bellwether token create --name NAME [--scope ingest,read] [--expires-days N] [--service S] [--env E] [--min-level L]
  bellwether token list
  bellwether token revoke ID
  bellwether audit verify [HEAD]                           look for changes; HEAD is what an earlier check printed
  bellwether --version | --help

Roles: ${ROLES.join(', ')}. Scopes: ${SCOPES.join(', ')}. Settings: README.md. query --help and the like tell all flags of a command.
Exit codes: 0 done, 1 failed, 2 usage, 3 configuration, 4 not signed in, 5 unreachable, 6 record errors with --fail-on-errors, 7 entries of the audit missing.`

/** Each loads what it needs, and nothing of the others. */
const COMMANDS: Record<string, () => Promise<Command>> = {
  serve: async () => startServing,
  recover: async () => (await import('./recover-command.ts')).recover,
  check: async () => (await import('./rule-commands.ts')).check,
  'rules test': async () => (await import('./rule-commands.ts')).testRules,
  'rules replay': async () => (await import('./rule-commands.ts')).replayRule,
  'token create': async () => (await import('./token-commands.ts')).createToken,
  'token list': async () => (await import('./token-commands.ts')).printTokens,
  'token revoke': async () => (await import('./token-commands.ts')).endToken,
  'audit verify': async () => checkAudit,
  'user add': async () => (await import('./user-commands.ts')).addUser,
  'user list': async () => (await import('./user-commands.ts')).printUsers,
  'user passwd': async () => (await import('./user-commands.ts')).setPassword,
  'user disable': async () => (await import('./user-commands.ts')).disableUser
}

/** Those that read their own flags: `--help` of each tells them. */
const CLIENTS: Record<string, () => Promise<(args: readonly string[]) => Promise<number>>> = {
  query: async () => (await import('./client/query-command.ts')).queryEvents,
  tail: async () => (await import('./client/tail-command.ts')).tailEvents,
  send: async () => (await import('./client/send-command.ts')).sendLines,
  export: async () => (await import('./client/export-command.ts')).exportEvents,
  alerts: async () => (await import('./client/alert-commands.ts')).listAlerts,
  ack: async () => (await import('./client/alert-commands.ts')).acknowledge,
  detect: async () => (await import('./detect/detect-command.ts')).detect,
  backup: async () => (await import('./backup-commands.ts')).backup,
  restore: async () => (await import('./backup-commands.ts')).restore,
  doctor: async () => (await import('./doctor/doctor-command.ts')).examine
}

/** Runs one command line; returns the exit code. */
export async function runCommand (args: string[]): Promise<number> {
  try {
    if (isRun(args)) return await (await import('./pipeline-command.ts')).runPipeline(args)
    const [first = '', ...rest] = args
    const client = Object.hasOwn(CLIENTS, first) ? CLIENTS[first] : undefined
    return client === undefined ? await runNamed(readArgs(args)) : await (await client())(rest)
  } catch (error) {
    return complain(explain(error), exitCodeOf(error))
  }
}

async function runNamed ({ flags, words }: { flags: Flags, words: string[] }): Promise<number> {
  if (flags['version'] !== undefined) return say(VERSION)
  if (flags['help'] !== undefined || words[0] === 'help') return say(HELP)
  const name = [words.slice(0, 2).join(' '), words[0] ?? ''].find((candidate) => Object.hasOwn(COMMANDS, candidate))
  const command = name === undefined ? undefined : COMMANDS[name]
  if (name === undefined || command === undefined) return complain(`no command is called "${words.join(' ')}"\n\n${HELP}`, EXIT.usage)
  return (await command())(flags, words.slice(name.split(' ').length))
}

async function startServing (flags: Flags, [word]: string[]): Promise<number> {
  const { config, file } = await configurationOf(flags)
  if (word !== undefined) throw new UsageError(`serve takes flags alone, like --port 8080, got ${JSON.stringify(word)}`)
  const { serve } = await import('./serve.ts')
  return serve(config, file)
}

async function checkAudit (flags: Flags, [head]: string[]): Promise<number> {
  const kept = head === undefined ? undefined : parseAnchor(head)
  if (head !== undefined && kept === undefined) throw new UsageError(`"${head}" is no head of an audit: it looks like 42:9f86d0...`)
  const { verifyAudit } = await import('./audit-verify.ts')
  const { kind, text } = await verifyAudit(configOf(flags).dataDir, kept)
  say(text)
  return { whole: EXIT.done, broken: EXIT.failed, missing: EXIT.missing }[kind]
}

function readArgs (args: string[]): { flags: Flags, words: string[] } {
  const known = [...flagNames(), 'name', 'scope', 'expires-days', 'service', 'env', 'min-level', 'role', 'from', 'to']
  const options = Object.fromEntries(known.map((flag) => [flag, { type: 'string' as const }]))
  const { values, positionals } = parseArgs({ args: withTruths(args), options, strict: false, allowPositionals: true })
  return { flags: Object.fromEntries(Object.entries(values).map(([flag, value]) => [flag, String(value)])), words: positionals }
}

/** Gives each flag that is true or false its value: of a bare one true, or the word after it when that is one of both. Throws UsageError. */
function withTruths (args: string[]): string[] {
  const switches = switchNames().map((name) => `--${name}`)
  const isTruth = (word: string | undefined): boolean => word === 'true' || word === 'false'
  const isBare = (word: string | undefined): boolean => word !== undefined && switches.includes(word)
  return args.flatMap((arg, at) => {
    if (isBare(arg)) return isTruth(args[at + 1]) ? [] : [`${arg}=true`]
    if (isTruth(arg) && isBare(args[at - 1])) return [`${args[at - 1]}=${arg}`]
    const [flag = '', value] = arg.split(/=(.*)/s)
    if (isBare(flag) && !isTruth(value)) throw new UsageError(`${flag} takes true or false, and stands alone for true; got ${JSON.stringify(value)}`)
    return [arg]
  })
}

function complain (text: string, code: number): number {
  process.stderr.write(`bellwether: ${text}\n`)
  return code
}
