import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import type { ConfigChange, ConfigView, Source, Thresholds } from '../../schemas/settings.ts'
import type { Requester } from '../../schemas/token.ts'
import type { AccessControl } from '../access/access-control.ts'
import type { Audit } from '../access/audit.ts'
import { fixedValues, merged, PLACES, startValues, storedChange, swappedLimits, type Place, type Values } from './run-time-values.ts'
import type { Clock } from '../core/clock.ts'
import type { Config } from './config.ts'
import { AppError, type ErrorCode, type Fault } from '../core/errors.ts'
import type { StoredSetting } from '../store/hot/settings.ts'
import type { Store } from '../store/store.ts'

interface Parts {
  store: Pick<Store, 'read' | 'write'>
  clock: Clock
  log: Pick<Logger, 'level'>
  config: Config
  access: Pick<AccessControl, 'authorise'>
  audit: Pick<Audit, 'recordOf'>
}

/**
 * What may change while the service runs, the thresholds among it. What was set at the start goes before what was set at run time,
 * and cannot be changed here. What is changed here is stored, audited, and in force at once.
 */
export class RunTimeSettings {
  readonly #parts: Parts
  readonly #stored = new Set<string>()
  readonly #listeners: Array<(by: Requester) => Promise<void>> = []
  #values: Values
  #last: Promise<unknown> = Promise.resolve()

  private constructor (parts: Parts, stored: readonly StoredSetting[]) {
    this.#parts = parts
    this.#values = startValues(parts.config)
    for (const setting of stored) this.#restore(setting)
  }

  static async open (parts: Parts): Promise<RunTimeSettings> {
    return new RunTimeSettings(parts, await parts.store.read('listSettings', undefined))
  }

  get thresholds (): Thresholds { return this.#values.thresholds }

  get retentionDays (): number { return this.#values.settings.retention_days }

  get retentionBytes (): number { return this.#values.settings.retention_bytes }

  /** Has `listener` called after each change, before it is answered. */
  onChange (listener: (by: Requester) => Promise<void>): void {
    this.#listeners.push(listener)
  }

  view (): ConfigView {
    const sources = PLACES.map((place): [string, Source] => [place.path, this.#sourceOf(place)])
    return { ...this.#values, sources: Object.fromEntries(sources), read_only: this.#fixed(PLACES).map(({ path }) => path) }
  }

  /**
   * Changes what is named. One change after the other, so that none is judged by what another one is replacing; what is the same
   * already is no change. Throws `invalid` for a warning above critical, `conflict` for what was set at the start, `forbidden`.
   */
  change (change: ConfigChange, by: Requester): Promise<ConfigView> {
    const changed = this.#last.then(() => this.#change(change, by))
    this.#last = changed.catch(() => {})
    return changed
  }

  async #change (change: ConfigChange, by: Requester): Promise<ConfigView> {
    const wanted = merged(this.#values, change)
    refuse('invalid', swappedLimits(wanted.thresholds))
    const places = PLACES.filter(({ of }) => !isDeepStrictEqual(of(wanted), of(this.#values)))
    if (places.some(({ needsAdmin }) => needsAdmin)) this.#parts.access.authorise(by.caller, 'admin')
    refuse('conflict', this.#fixed(places))
    if (places.length > 0) await this.#save(places, wanted, by)
    this.#take(wanted, places)
    if (places.length > 0) for (const listener of this.#listeners) await listener(by)
    return this.view()
  }

  async #save (places: readonly Place[], wanted: Values, { caller: actor, from }: Requester): Promise<void> {
    const { store, clock, audit } = this.#parts
    await store.write('saveSettings', {
      settings: places.map(({ path, of }) => ({ name: path, value: of(wanted) })),
      now: clock.now(),
      acts: places.map(({ kind, name: target, of }) =>
        audit.recordOf({ action: `${kind}.update`, actor, from, target, detail: { from: of(this.#values), to: of(wanted) } }))
    })
  }

  #restore (setting: StoredSetting): void {
    const change = storedChange(setting)
    const places = PLACES.filter(({ path }) => path === setting.name)
    if (change !== undefined && this.#fixed(places).length === 0) this.#take(merged(this.#values, change), places)
  }

  #take (values: Values, places: readonly Place[]): void {
    this.#values = values
    for (const { path } of places) this.#stored.add(path)
    if (places.some(({ variable }) => variable === 'LOG_LEVEL')) this.#parts.log.level = values.settings.log_level
  }

  #fixed (places: readonly Place[]): Fault[] {
    return fixedValues(places, this.#parts.config.sources)
  }

  #sourceOf ({ path, variable }: Place): Source {
    const start = variable === undefined ? undefined : this.#parts.config.sources[variable]
    return start ?? (this.#stored.has(path) ? 'stored' : 'default')
  }
}

function refuse (code: ErrorCode, faults: readonly Fault[]): void {
  const [first] = faults
  if (first !== undefined) throw new AppError(code, faults.map(({ path, message }) => `${path}: ${message}`).join('; '), { faults })
}
