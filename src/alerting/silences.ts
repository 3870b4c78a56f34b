import type { MuteTarget, NewMaintenance, NewSilence, Maintenance, Silence } from '../../schemas/alert.ts'
import type { Requester } from '../../schemas/token.ts'
import type { Audit } from '../access/audit.ts'
import { type Clock, isoTime } from '../core/clock.ts'
import { AppError, type Fault } from '../core/errors.ts'
import { parseExpiry } from '../core/expiry.ts'
import { nextRun, runningSince, type MuteBook } from './mute-book.ts'
import type { RuleBook } from './rule-book.ts'
import { parseDuration } from '../core/duration.ts'
import { AIMLESS, compileTarget, isAimless } from '../rules/mutes.ts'
import type { MaintenanceRecord, NewMaintenance as StoredMaintenance, SilenceRecord } from '../store/hot/alerts/mutes.ts'
import type { Store } from '../store/store.ts'
import { textFaults } from '../core/faults.ts'
import { mutable } from './tick-plan.ts'
import { parseTimeParam } from '../core/time-range.ts'

interface Parts {
  store: Pick<Store, 'read' | 'write'>
  clock: Clock
  audit: Pick<Audit, 'recordOf'>
  mutes: MuteBook
  rules: Pick<RuleBook, 'known'>
  /** Judges anew what is muted. */
  evaluate: () => Promise<void>
}

const LISTED = 1_000
/** What a maintenance is about that names nothing: the whole of what is watched. A silence has to say so. */
const EVERYTHING: MuteTarget = { query: '' }
const WEEK_MS = 7 * 86_400_000

/** Silences and maintenances: they hold back new notices, and nothing else. */
export class Silences {
  readonly #parts: Parts

  constructor (parts: Parts) {
    this.#parts = parts
  }

  /** Lists silences, also those that have ended, newest first; those of the configuration file before all others. */
  async list (): Promise<Silence[]> {
    const stored = await this.#parts.store.read('listSilences', { isOpen: false, limit: LISTED })
    return [...this.#parts.mutes.fixed.map(({ record, source }) => ({ ...wireSilence(record), source })), ...stored.map(wireSilence)]
  }

  /** Begins a silence, and tells how many notices of the last 7 days it would have held back. Throws `invalid`. */
  async create ({ until, until_recovered: untilRecovered = false, reason, ...target }: NewSilence, { caller, from }: Requester): Promise<Silence> {
    const { store, clock, audit, mutes, rules } = this.#parts
    const now = clock.now()
    refuseEnd(until, untilRecovered)
    refuse(textFaults({ ...target, reason }))
    const silence = {
      id: `sil_${crypto.randomUUID()}`,
      target: checked(target, rules),
      until: until === undefined ? null : parseExpiry(until, now, { name: 'until' }),
      untilRecovered,
      reason: reason ?? null,
      createdBy: caller?.name ?? null,
      createdAt: now
    }
    const detail = { ...(until === undefined ? {} : { until }), until_recovered: untilRecovered }
    await store.write('insertSilence', { silence, acts: [audit.recordOf({ action: 'silence.create', actor: caller, from, target: silence.id, detail })] })
    await mutes.load()
    await this.#parts.evaluate()
    return { ...wireSilence({ ...silence, endedAt: null, endedBy: null, heldBack: 0 }), would_have_held_back: await this.#wouldHave(target, now) }
  }

  /** Ends a silence; what still fires is announced. Throws `not_found`, and `conflict` for one of the configuration file. */
  async end (id: string, { caller, from }: Requester): Promise<void> {
    const { store, clock, audit, mutes } = this.#parts
    const fixed = mutes.fixed.find(({ record }) => record.id === id)
    if (fixed !== undefined) throw new AppError('conflict', `the silence ${id} comes from ${fixed.source.file}:${fixed.source.line}: change it there`)
    const acts = [audit.recordOf({ action: 'silence.end', actor: caller, from, target: id })]
    if (!await store.write('endSilence', { id, now: clock.now(), by: caller?.name ?? null, acts })) throw unknown('silence', id)
    await mutes.load()
    await this.#parts.evaluate()
  }

  /** Lists maintenances, also those that have ended, newest first. */
  async listMaintenances (): Promise<Maintenance[]> {
    const now = this.#parts.clock.now()
    const stored = await this.#parts.store.read('listMaintenances', { isOpen: false, limit: LISTED })
    return stored.map((record) => wireMaintenance(record, now))
  }

  /** Plans a maintenance, once or again and again; one that names nothing is about everything. Throws `invalid`. */
  async createMaintenance ({ name, from: begins, cron, time_zone: timeZone, duration, reason, ...target }: NewMaintenance, { caller, from }: Requester): Promise<Maintenance> {
    const { store, clock, audit, mutes, rules } = this.#parts
    const now = clock.now()
    refuse(textFaults({ ...target, name, reason }))
    const maintenance: StoredMaintenance = {
      id: `mnt_${crypto.randomUUID()}`,
      name,
      target: checked(Object.keys(target).length === 0 ? EVERYTHING : target, rules),
      when: whenOf({ begins, cron, timeZone }, now),
      durationMs: parseDuration(duration),
      reason: reason ?? null,
      createdBy: caller?.name ?? null,
      createdAt: now
    }
    refuse(maintenanceFaults(maintenance, now))
    const acts = [audit.recordOf({ action: 'maintenance.create', actor: caller, from, target: maintenance.id, detail: { name } })]
    await store.write('insertMaintenance', { ...maintenance, acts })
    await mutes.load()
    await this.#parts.evaluate()
    const wire = wireMaintenance({ ...maintenance, endedAt: null, endedBy: null, heldBack: 0 }, now)
    return { ...wire, would_have_held_back: await this.#wouldHave(target, now) }
  }

  /** Ends a maintenance for good. Throws `not_found`. */
  async endMaintenance (id: string, { caller, from }: Requester): Promise<void> {
    const { store, clock, audit, mutes } = this.#parts
    const acts = [audit.recordOf({ action: 'maintenance.end', actor: caller, from, target: id })]
    if (!await store.write('endMaintenance', { id, now: clock.now(), by: caller?.name ?? null, acts })) throw unknown('maintenance', id)
    await mutes.load()
    await this.#parts.evaluate()
  }

  async #wouldHave (target: MuteTarget, now: number): Promise<number> {
    const { store, rules } = this.#parts
    const isAbout = compileTarget(target)
    const announced = await store.read('announcedIn', { from: now - WEEK_MS, to: now })
    return announced.filter((alert) => isAbout(mutable(alert, rules.known(alert.ruleId))))
      .reduce((sum, { notices }) => sum + notices, 0)
  }
}

function checked (target: MuteTarget, rules: Pick<RuleBook, 'known'>): MuteTarget {
  const { rule } = target
  if (isAimless(target)) refuse([{ path: '', message: AIMLESS }])
  if (rule !== undefined && rules.known(rule) === undefined) refuse([{ path: '/rule', message: `there is no rule ${JSON.stringify(rule)}: GET /rules lists their ids` }])
  try {
    compileTarget(target)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    refuse(error.faults.map(({ message }) => ({ path: '/query', message })))
  }
  return target
}

function refuseEnd (until: string | undefined, untilRecovered: boolean): void {
  if ((until === undefined) !== untilRecovered) refuse([{ path: '/until', message: 'give either until, or until_recovered: true' }])
}

function whenOf ({ begins, cron, timeZone }: { begins: string | undefined, cron: string | undefined, timeZone: string | undefined }, now: number): StoredMaintenance['when'] {
  if (cron === undefined) {
    if (timeZone !== undefined) refuse([{ path: '/time_zone', message: 'is for cron; a time has its own zone' }])
    return { from: begins === undefined ? now : parseTimeParam('/from', begins, now) }
  }
  if (begins !== undefined) refuse([{ path: '/from', message: 'give either from or cron' }])
  return { cron, timeZone: timeZone ?? 'UTC' }
}

function maintenanceFaults ({ when, durationMs }: StoredMaintenance, now: number): Fault[] {
  if ('from' in when) return when.from + durationMs <= now ? [{ path: '/duration', message: 'it would be over already' }] : []
  try {
    nextRun({ ...when, cron: '0 0 * * *' }, now)
  } catch {
    return [{ path: '/time_zone', message: `there is no time zone ${JSON.stringify(when.timeZone)}: use one like Europe/Berlin` }]
  }
  try {
    const next = nextRun(when, now)
    return next === undefined ? [{ path: '/cron', message: 'never comes' }] : []
  } catch {
    return [{ path: '/cron', message: `must be minute, hour, day, month, weekday, like 0 2 * * SUN, got ${JSON.stringify(when.cron)}` }]
  }
}

function wireSilence ({ id, target, until, untilRecovered, reason, createdBy, createdAt, endedAt, heldBack }: SilenceRecord): Silence {
  return {
    id,
    ...target,
    until: timeOf(until),
    until_recovered: untilRecovered,
    reason,
    created_by: createdBy,
    created_at: isoTime(createdAt),
    ended_at: timeOf(endedAt),
    held_back: heldBack
  }
}

function wireMaintenance ({ id, name, target, when, durationMs, reason, createdBy, createdAt, endedAt, heldBack }: MaintenanceRecord, now: number): Maintenance {
  const since = 'from' in when ? when.from : runningSince(when, durationMs, now)
  const isActive = endedAt === null && since !== undefined && since <= now && now < since + durationMs
  const next = endedAt !== null ? undefined : 'from' in when ? (when.from > now ? when.from : undefined) : nextRun(when, now)
  return {
    id,
    name,
    ...target,
    ...('from' in when ? { from: isoTime(when.from) } : { cron: when.cron, time_zone: when.timeZone }),
    duration: `${durationMs / 1_000}s`,
    active: isActive,
    next: timeOf(next ?? null),
    reason,
    created_by: createdBy,
    created_at: isoTime(createdAt),
    ended_at: timeOf(endedAt),
    held_back: heldBack
  }
}

function timeOf (ms: number | null): string | null {
  return ms === null ? null : isoTime(ms)
}

function refuse (faults: readonly Fault[]): void {
  if (faults.length > 0) throw new AppError('invalid', faults.map(({ path, message }) => `${path}: ${message}`).join('; '), { faults })
}

function unknown (what: string, id: string): AppError {
  return new AppError('not_found', `there is no open ${what} ${JSON.stringify(id)}`)
}
