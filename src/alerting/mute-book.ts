import { isDeepStrictEqual } from 'node:util'
import { Cron } from 'croner'
import type { Logger } from 'pino'
import type { FileSource } from '../../schemas/common.ts'
import type { Clock } from '../core/clock.ts'
import type { ConfigFile, FileSilence } from '../settings/config-file.ts'
import { compileTarget, isServed, type MutableAlert, type Mute } from '../rules/mutes.ts'
import type { MaintenanceRecord, SilenceRecord } from '../store/hot/alerts/mutes.ts'
import type { Store } from '../store/store.ts'
import { parseTimeParam } from '../core/time-range.ts'

interface Parts {
  store: Pick<Store, 'read' | 'write'>
  log: Pick<Logger, 'info'>
  clock: Clock
  file: Pick<ConfigFile, 'silences'>
}

export interface FixedSilence {
  record: SilenceRecord
  source: FileSource
  /** What the file says of it. */
  said: FileSilence['silence']
}

/** More than these are not looked at; they would be years of forgotten ones. */
const MOST_OPEN = 1_000

/** The silences and maintenances that are open, ready to be asked. */
export class MuteBook {
  readonly #store: Pick<Store, 'read' | 'write'>
  readonly #log: Pick<Logger, 'info'>
  #silences: ReadonlyArray<{ record: SilenceRecord, mute: Mute }> = []
  #maintenances: ReadonlyArray<{ record: MaintenanceRecord, muteAt: (now: number) => Mute }> = []

  readonly #clock: Clock
  #fixed: readonly FixedSilence[] = []
  #fixedMutes: readonly Mute[] = []

  private constructor ({ store, log, clock, file }: Parts) {
    this.#store = store
    this.#log = log
    this.#clock = clock
    this.fix(file.silences)
  }

  /** Silences of the configuration file, which end when they are taken out of it. */
  get fixed (): readonly FixedSilence[] {
    return this.#fixed
  }

  /** Makes the silences of the configuration file what it says now; one of which it says the same goes on. */
  fix (silences: readonly FileSilence[]): void {
    const now = this.#clock.now()
    const before = this.#fixed
    this.#fixed = silences.map((silence) => {
      const same = before.find(({ record, said }) => record.id === silence.id && isDeepStrictEqual(said, silence.silence))
      return same === undefined ? fixedSilence(silence, now) : { ...same, source: silence.source }
    })
    this.#fixedMutes = this.#fixed.map(({ record }) => silenceMute(record))
  }

  static async open (parts: Parts): Promise<MuteBook> {
    const book = new MuteBook(parts)
    await book.load()
    return book
  }

  /** What may mute at this moment. */
  at (now: number): Mute[] {
    return [...this.#fixedMutes, ...this.#silences.map(({ mute }) => mute), ...this.#maintenances.map(({ muteAt }) => muteAt(now))]
  }

  /** Takes what changed in the store. */
  async load (): Promise<void> {
    const question = { isOpen: true, limit: MOST_OPEN }
    const [silences, maintenances] = await Promise.all([this.#store.read('listSilences', question), this.#store.read('listMaintenances', question)])
    this.#silences = silences.map((record) => ({ record, mute: silenceMute(record) }))
    this.#maintenances = maintenances.map((record) => ({ record, muteAt: maintenanceMute(record) }))
  }

  /** Ends what has served: its time is over, or nothing that it is about fires any more. */
  async endServed (firing: readonly MutableAlert[], now: number): Promise<void> {
    const silences = this.#silences.filter(({ mute }) => isServed(mute, firing, now)).map(({ record }) => record.id)
    const maintenances = this.#maintenances.filter(({ record }) => isOver(record, now)).map(({ record }) => record.id)
    for (const id of silences) await this.#store.write('endSilence', { id, now, by: null })
    for (const id of maintenances) await this.#store.write('endMaintenance', { id, now, by: null })
    if (silences.length + maintenances.length === 0) return
    this.#log.info({ silences, maintenances }, 'silences and maintenances have served')
    await this.load()
  }
}

/** When a cron expression begins, or began last so that it still lasts; undefined when it does neither at `now`. */
export function runningSince ({ cron, timeZone }: { cron: string, timeZone: string }, durationMs: number, now: number): number | undefined {
  const since = nextRun({ cron, timeZone }, now - durationMs)
  return since === undefined || since > now ? undefined : since
}

/** The first time of a cron expression after `after`; ms since the epoch. Throws for an expression or a time zone that there is not. */
export function nextRun ({ cron, timeZone }: { cron: string, timeZone: string }, after: number): number | undefined {
  return new Cron(cron, { timezone: timeZone, mode: '5-part' }).nextRun(new Date(after))?.getTime()
}

function fixedSilence ({ id, silence, source }: FileSilence, now: number): FixedSilence {
  const { until, until_recovered: untilRecovered = false, reason, ...target } = silence
  const end = until === undefined ? null : parseTimeParam('until', until, now)
  return { record: { id, target, until: end, untilRecovered, reason: reason ?? null, createdBy: null, createdAt: now, endedAt: null, endedBy: null, heldBack: 0 }, source, said: silence }
}

function silenceMute ({ id, target, createdAt, until }: SilenceRecord): Mute {
  return { kind: 'silence', id, isAbout: compileTarget(target), from: createdAt, until }
}

function maintenanceMute ({ id, target, when, durationMs }: MaintenanceRecord): (now: number) => Mute {
  const isAbout = compileTarget(target)
  return (now) => {
    const from = 'from' in when ? when.from : runningSince(when, durationMs, now) ?? Infinity
    return { kind: 'maintenance', id, isAbout, from, until: from + durationMs }
  }
}

function isOver ({ when, durationMs }: MaintenanceRecord, now: number): boolean {
  return 'from' in when && now >= when.from + durationMs
}
