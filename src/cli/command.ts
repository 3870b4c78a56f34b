import { readFileSync } from 'node:fs'
import { settingFaults } from '../outgoing/channel-fields.ts'
import { loadConfig, type Config } from '../settings/config.ts'
import { readConfigFile, type ConfigFile } from '../settings/config-file.ts'
import type { KnownNames } from '../settings/known-names.ts'
import { refuseFaults } from '../core/faults.ts'
import { AppError, ConfigurationError } from '../core/errors.ts'

export type Flags = Record<string, string>
/** Does what a command line says; returns the exit code. */
export type Command = (flags: Flags, rest: string[]) => Promise<number>

export const EXIT = { done: 0, failed: 1, usage: 2, configuration: 3, notSignedIn: 4, unreachable: 5, recordErrors: 6, missing: 7 } as const

/** Ends the program with this exit code, once its message is told. */
export class CommandError extends Error {
  readonly exitCode: number

  constructor (message: string, exitCode: number, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause })
    this.exitCode = exitCode
  }
}

export class UsageError extends CommandError {
  constructor (message: string) {
    super(message, EXIT.usage)
  }
}

/** The exit code of what was thrown. */
export function exitCodeOf (error: unknown): number {
  if (error instanceof CommandError) return error.exitCode
  return error instanceof ConfigurationError ? EXIT.configuration : EXIT.failed
}

/** Reads the settings as `serve` does. Throws ConfigurationError. */
export function configOf (flags: Flags): Config {
  try {
    const dotenv = readDotenv()
    const config = loadConfig(dotenv === undefined ? { flags, env: process.env } : { flags, env: process.env, dotenv })
    refuseFaults(settingFaults(config))
    return config
  } catch (error) {
    throw new ConfigurationError(explain(error), { cause: error })
  }
}

/** Reads the settings and the configuration file, at `path` if that is given, and tells the mistakes of both at once. Throws ConfigurationError. */
export async function configurationOf (flags: Flags, path?: string, namesIn?: (config: Config) => Promise<KnownNames>): Promise<{ config: Config, file: ConfigFile }> {
  const { config, fault } = readableConfig(flags)
  const told: unknown[] = fault === undefined ? [] : [fault]
  try {
    const names = await namesIn?.(config)
    const file = readConfigFile({ ...config, names, ...(path === undefined ? {} : { configFile: path }) })
    if (fault === undefined) return { config, file }
  } catch (error) {
    told.push(error)
  }
  throw new ConfigurationError(told.map(explain).join('\n'), { cause: told[0] })
}

/** The settings, or what remains of them without those that are wrong. */
export function readableConfig (flags: Flags): { config: Config, fault?: unknown } {
  try {
    return { config: configOf(flags) }
  } catch (fault) {
    const wrong = fault instanceof Error && fault.cause instanceof AppError ? fault.cause.faults.map(({ path }) => path) : []
    const isRight = (name: string): boolean => !wrong.includes(name)
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => isRight(name)))
    const rest = Object.fromEntries(Object.entries(flags).filter(([flag]) => isRight(`--${flag}`) && isRight(flag.toUpperCase().replaceAll('-', '_'))))
    return { config: loadConfig({ flags: rest, env }), fault }
  }
}

/** Reads the configuration file as `serve` does. Throws ConfigurationError. */
export function configFileOf (config: Config): ConfigFile {
  try {
    return readConfigFile(config)
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

export function explain (error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (!(error instanceof AppError)) return error.message
  return [error.message, ...error.faults.map(({ path, message }) => `  ${path}: ${message}`)].join('\n')
}

/** Prints what was asked for, and on the other stream what a person should know of it. */
export function say (out: string, note?: string): number {
  process.stdout.write(`${out.trimEnd()}\n`)
  if (note !== undefined) process.stderr.write(`${note}\n`)
  return EXIT.done
}

/** Prints rows with tabs between the cells, so that other programs can read them. */
export function sayTable (heads: readonly string[], rows: ReadonlyArray<readonly string[]>): number {
  return say([heads, ...rows].map((row) => row.join('\t')).join('\n'))
}

export function timeCell (ms: number | null): string {
  return ms === null ? '-' : new Date(ms).toISOString()
}
