import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { SCOPES } from '../schemas/token.ts'
import { isScope, newToken } from './access.ts'
import { systemClock } from './clock.ts'
import { flagNames, loadConfig, type Config } from './config.ts'
import { AppError } from './errors.ts'
import { serve } from './serve.ts'
import { withDatabase } from './store/offline.ts'
import { insertToken, listTokens, revokeToken } from './store/tokens.ts'
import { VERSION } from './version.ts'

const EXIT = { done: 0, failed: 1, usage: 2, configuration: 3 } as const

const HELP = `bellwether ${VERSION}: the alert you can audit

  bellwether serve [--port 8080] [--data-dir ./data] ...   run the service; every setting is also a flag
  bellwether token create --name NAME [--scope ingest,read] [--expires-days N]
  bellwether token list
  bellwether token revoke ID
  bellwether --version | --help

Scopes: ${SCOPES.join(', ')}. Settings: README.md. Exit codes: 0 done, 1 failed, 2 usage, 3 configuration.`

type Flags = Record<string, string>
type Command = (flags: Flags, rest: string[]) => Promise<number>

const COMMANDS: Record<string, Command> = {
  serve: async (flags) => serve(configOf(flags)),
  'token create': createToken,
  'token list': printTokens,
  'token revoke': endToken
}

/** Runs one command line; returns the exit code. */
export async function runCommand (args: string[]): Promise<number> {
  const { flags, words } = readArgs(args)
  if (flags['version'] !== undefined) return say(VERSION)
  if (flags['help'] !== undefined || words[0] === 'help') return say(HELP)
  const name = [words.slice(0, 2).join(' '), words[0] ?? ''].find((candidate) => Object.hasOwn(COMMANDS, candidate))
  const command = name === undefined ? undefined : COMMANDS[name]
  if (name === undefined || command === undefined) return complain(`no command is called "${words.join(' ')}"\n\n${HELP}`, EXIT.usage)
  try {
    return await command(flags, words.slice(name.split(' ').length))
  } catch (error) {
    return complain(explain(error), error instanceof ConfigurationError ? EXIT.configuration : error instanceof UsageError ? EXIT.usage : EXIT.failed)
  }
}

class ConfigurationError extends Error {}
class UsageError extends Error {}

async function createToken ({ name, scope = 'ingest', 'expires-days': days, ...flags }: Flags): Promise<number> {
  const scopes = scope.split(',').map((text) => text.trim())
  if (name === undefined || name.trim() === '') throw new UsageError('a token needs a name: --name backup-server')
  if (!scopes.every(isScope)) throw new UsageError(`--scope takes ${SCOPES.join(', ')} with commas, got "${scope}"`)
  if (days !== undefined && !/^[1-9]\d{0,4}$/.test(days)) throw new UsageError(`--expires-days takes a whole number of days, got "${days}"`)
  const now = systemClock.now()
  const expiresAt = days === undefined ? null : now + Number(days) * 86_400_000
  const { record, secret } = newToken({ name: name.trim(), scopes: scopes.filter(isScope), expiresAt }, now)
  await withDatabase(configOf(flags).dataDir, (db) => insertToken(db, record))
  return say(`${secret}\n`, `token ${record.id} "${record.name}" may ${record.scopes.join(', ')}; it is shown this once`)
}

async function printTokens (flags: Flags): Promise<number> {
  const tokens = await withDatabase(configOf(flags).dataDir, listTokens)
  const time = (ms: number | null): string => ms === null ? '-' : new Date(ms).toISOString()
  const rows = tokens.map(({ id, name, scopes, createdAt, lastUsedAt, expiresAt, revokedAt }) =>
    [id, name, scopes.join(','), time(createdAt), time(lastUsedAt), time(expiresAt), time(revokedAt)].join('\t'))
  return say([['id', 'name', 'scopes', 'created', 'last used', 'expires', 'revoked'].join('\t'), ...rows].join('\n'))
}

async function endToken (flags: Flags, [id]: string[]): Promise<number> {
  if (id === undefined) throw new UsageError('say which token: bellwether token revoke ID (see token list)')
  const isDone = await withDatabase(configOf(flags).dataDir, (db) => revokeToken(db, { id, now: systemClock.now() }))
  if (!isDone) throw new AppError('not_found', `no token that is still good has the id "${id}"`)
  return say(`token ${id} is revoked; a running service refuses it within a second`)
}

function configOf (flags: Flags): Config {
  try {
    const dotenv = readDotenv()
    return loadConfig(dotenv === undefined ? { flags, env: process.env } : { flags, env: process.env, dotenv })
  } catch (error) {
    throw new ConfigurationError(explain(error), { cause: error })
  }
}

function readDotenv (): string | undefined {
  try {
    return readFileSync('.env', 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new AppError('invalid', `.env cannot be read: ${String(error)}`)
  }
}

function readArgs (args: string[]): { flags: Flags, words: string[] } {
  const known = [...flagNames(), 'name', 'scope', 'expires-days']
  const options = Object.fromEntries(known.map((flag) => [flag, { type: 'string' as const }]))
  const { values, positionals } = parseArgs({ args, options, strict: false, allowPositionals: true })
  return { flags: Object.fromEntries(Object.entries(values).map(([flag, value]) => [flag, String(value)])), words: positionals }
}

function explain (error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (!(error instanceof AppError)) return error.message
  return [error.message, ...error.faults.map(({ path, message }) => `  ${path}: ${message}`)].join('\n')
}

function say (out: string, note?: string): number {
  process.stdout.write(`${out.trimEnd()}\n`)
  if (note !== undefined) process.stderr.write(`${note}\n`)
  return EXIT.done
}

function complain (text: string, code: number): number {
  process.stderr.write(`bellwether: ${text}\n`)
  return code
}
