import { readFileSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { CommandError, EXIT, UsageError } from '../command.ts'
import { ServiceClient } from './service-client.ts'

/** Where the service is, and who asks. */
export interface ServiceFlags {
  url?: string
  token?: string
  tokenFile?: string
}

const DEFAULT_URL = 'http://127.0.0.1:8080'

/** Begins a command line: help, and mistakes that are thrown. */
export function commandLine (name: string, description: string): Command {
  return new Command(`bellwether ${name}`)
    .description(description)
    .helpOption('--help', 'show this')
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
}

/** Adds the flags that say where the service is. */
export function withService (command: Command): Command {
  return command
    .option('--url <address>', `of the service; else BELLWETHER_URL, else ${DEFAULT_URL}`)
    .option('--token <token>', 'API token; better BELLWETHER_TOKEN, which no list of processes shows')
    .option('--token-file <file>', 'a file that holds the token')
}

/** Reads a command line. `undefined` when the help was asked for, and printed. Throws UsageError. */
export function readFlags<T extends object> (command: Command, args: readonly string[]): { flags: T, words: string[] } | undefined {
  try {
    command.parse(args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.helpDisplayed') return undefined
    throw new UsageError(`${error.message.replace(/^error: /, '')} (see ${command.name()} --help)`)
  }
  return { flags: command.opts<T>(), words: command.args }
}

/** The words of a query, which may begin with a dash as `-type:AUDIT` does. Throws UsageError for what looks like a flag. */
export function queryOf (command: Command, words: readonly string[]): string {
  const flag = words.find((word) => word.startsWith('--') && word !== '--')
  if (flag !== undefined) throw new UsageError(`unknown option '${flag}' (see ${command.name()} --help)`)
  return words.filter((word) => word !== '--').join(' ')
}

/** Throws UsageError for an address that is none, `CommandError` for a file that cannot be read. */
export function clientOf ({ url, token, tokenFile }: ServiceFlags): ServiceClient {
  const { BELLWETHER_URL: urlSet = '', BELLWETHER_TOKEN: tokenSet = '' } = process.env
  const address = url ?? (urlSet === '' ? DEFAULT_URL : urlSet)
  const base = URL.parse(address)
  if (base === null || !/^https?:$/.test(base.protocol)) throw new UsageError(`${JSON.stringify(address)} is no address of a service: it looks like ${DEFAULT_URL}`)
  return new ServiceClient(base, token ?? (tokenFile === undefined ? tokenSet : readToken(tokenFile)))
}

/** Reads a whole number of a flag from 1 on. */
export function positive (value: string): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('a whole number from 1 on is needed.')
  return number
}

function readToken (file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new CommandError(`the token cannot be read: ${error instanceof Error ? error.message : String(error)}`, EXIT.usage, error)
  }
}
