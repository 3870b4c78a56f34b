import type { Logger } from 'pino'
import type { Actor } from '../../schemas/audit.ts'
import type { Check } from '../../schemas/health.ts'
import type { Audit } from '../access/audit.ts'
import { type Clock, isoTime } from '../core/clock.ts'
import type { ConfigFile } from './config-file.ts'
import { AppError } from '../core/errors.ts'
import type { Metrics } from '../metrics/metrics.ts'

interface Parts {
  clock: Clock
  log: Pick<Logger, 'info' | 'error'>
  audit: Pick<Audit, 'record'>
  metrics: Pick<Metrics, 'configReloadSuccess' | 'configReloadSuccessTime'>
  /** The one that was read at the start. */
  file: ConfigFile
  /** Reads the file as it is now. Throws with all that is wrong with it. */
  read: () => ConfigFile
}

/** Puts a part of what a file says in force. Throws for what cannot stand beside what was made by hand, having changed nothing. */
export type Apply = (file: ConfigFile) => Promise<void>

const MOST_TOLD = 20
/** The system does not say who sent a signal. */
const SIGNAL: Actor = { kind: 'command-line', id: 'SIGHUP', name: 'SIGHUP' }

/** Reads the configuration file again while the service runs. One that will not do is refused, and what was in force stays. */
export class ConfigReload {
  readonly #parts: Parts
  readonly #applies: Apply[] = []
  #file: ConfigFile
  #takenAt: number
  #refusal: { at: number, told: string } | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor (parts: Parts) {
    this.#parts = parts
    this.#file = parts.file
    this.#takenAt = parts.clock.now()
    this.#show()
  }

  /** Has `apply` called with each file that was read. Those that may refuse come first, so that a refused file changes nothing. */
  onRead (apply: Apply): void {
    this.#applies.push(apply)
  }

  /** What is in force. */
  get file (): ConfigFile {
    return this.#file
  }

  /** Reads the file and puts it in force, one time after the other; resolves to whether it was taken. Log, audit, metrics and health tell it. */
  run (): Promise<boolean> {
    const ran = this.#last.then(() => this.#run())
    this.#last = ran.catch(() => {})
    return ran
  }

  check (): Check {
    const { path = 'no configuration file' } = this.#file
    if (this.#refusal === undefined) return { status: 'ok', detail: `${path}, as it was at ${isoTime(this.#takenAt)}` }
    return { status: 'degraded', detail: `what was read at ${isoTime(this.#refusal.at)} was refused, and what was read at ${isoTime(this.#takenAt)} stays in force: ${this.#refusal.told}` }
  }

  async #run (): Promise<boolean> {
    const { clock, log } = this.#parts
    try {
      await this.#take()
      const { path, rules, channels, silences } = this.#file
      log.info({ file: path, rules: rules.length, channels: channels.length, silences: silences.length }, 'the configuration file was read again and is in force')
    } catch (error) {
      const faults = faultsOf(error)
      log.error({ faults, ...error instanceof AppError ? {} : { err: error } }, 'the configuration file was refused: what was in force stays')
      this.#refusal = { at: clock.now(), told: shortened(faults) }
    }
    this.#show()
    await this.#record().catch((error: unknown) => log.error({ err: error }, 'the reload could not be written down in the audit'))
    return this.#refusal === undefined
  }

  async #take (): Promise<void> {
    const { clock, read } = this.#parts
    const file = read()
    // Without this, the moment in which an editor replaces the file would take every rule of it away.
    if (file.path === undefined && this.#file.path !== undefined) throw new AppError('invalid', `${this.#file.path} is not there any more: start again to run without one`)
    for (const apply of this.#applies) await apply(file)
    this.#file = file
    this.#takenAt = clock.now()
    this.#refusal = undefined
  }

  async #record (): Promise<void> {
    const refused = this.#refusal
    const { path: target, rules, channels, silences } = this.#file
    const detail = refused === undefined
      ? { result: 'taken', rules: rules.length, channels: channels.length, silences: silences.length }
      : { result: 'refused', reason: refused.told }
    await this.#parts.audit.record({ action: 'config.reload', actor: SIGNAL, from: undefined, detail, ...target === undefined ? {} : { target } })
  }

  #show (): void {
    const { configReloadSuccess: success, configReloadSuccessTime: time } = this.#parts.metrics
    success.at({}).set(this.#refusal === undefined ? 1 : 0)
    time.at({}).set(this.#takenAt / 1_000)
  }
}

function faultsOf (error: unknown): string[] {
  if (!(error instanceof AppError)) return [String(error)]
  return error.faults.length === 0 ? [error.message] : error.faults.map(({ path, message }) => `${path}: ${message}`)
}

function shortened (faults: readonly string[]): string {
  const more = faults.length > MOST_TOLD ? ` and ${faults.length - MOST_TOLD} more` : ''
  return `${faults.slice(0, MOST_TOLD).join('; ')}${more}`
}
