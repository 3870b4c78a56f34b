import type { AlertState } from '../../schemas/alert-state.ts'
import type { AlertPhase } from '../../schemas/alert.ts'
import type { AlertLevel } from '../../schemas/rule.ts'
import type { ClockStep } from '../time/clock-watch.ts'
import { AppError } from '../core/errors.ts'
import { applyChanges, type Change, type States } from '../rules/evaluate.ts'
import { shiftTold } from '../rules/suppress.ts'
import type { Acts } from '../store/hot/access/acts.ts'
import type { AlertRecord } from '../store/hot/alerts/alert-rows.ts'
import type { AlertChanges, AppliedChanges } from '../store/hot/alerts/alerts.ts'
import type { StoredState } from '../store/hot/alerts/rule-states.ts'
import type { Store } from '../store/store.ts'

/**
 * The alerts that are open, and the state of every label set, as the store has them. Evaluations and what operators do change it
 * one after the other, and only after the store has taken the change.
 */
export class AlertBook {
  readonly #store: Pick<Store, 'read' | 'write'>
  readonly #open = new Map<string, AlertRecord>()
  readonly #listeners = new Set<(alerts: readonly AlertRecord[]) => void>()
  #states = new Map<string, Map<string, AlertState>>()
  #last: Promise<unknown> = Promise.resolve()

  private constructor (store: Pick<Store, 'read' | 'write'>) {
    this.#store = store
  }

  static async open (store: Pick<Store, 'read' | 'write'>): Promise<AlertBook> {
    const book = new AlertBook(store)
    await book.#load()
    return book
  }

  get states (): States {
    return this.#states
  }

  /** Pending and firing, by id. */
  get alerts (): ReadonlyMap<string, AlertRecord> {
    return this.#open
  }

  /** By label set: a label set has one open alert at most. */
  byGroup (): ReadonlyMap<string, AlertRecord> {
    return new Map(Array.from(this.#open.values(), (alert) => [groupName(alert.ruleId, alert.groupKey), alert]))
  }

  /** How many there are of each state and level. */
  count (state: AlertPhase, level: AlertLevel): number {
    return Array.from(this.#open.values()).filter((alert) => alert.state === state && alert.severity === level).length
  }

  /** Has `listener` told of alerts whenever they were changed, as they are then. Returns what ends it. */
  follow (listener: (alerts: readonly AlertRecord[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Runs what looks at the alerts and changes them, while nobody else does. */
  exclusive<T> (task: () => Promise<T>): Promise<T> {
    const done = this.#last.then(task)
    this.#last = done.catch(() => {})
    return done
  }

  /** Stores changes, then takes them over. When somebody else was quicker, everything is read anew, and `conflict` thrown. Only inside `exclusive`. */
  async apply (changes: AlertChanges & Acts, states: readonly Change[]): Promise<AppliedChanges> {
    const applied = await this.#stored(() => this.#store.write('applyAlerts', { ...changes, states }))
    applyChanges(this.#states, states)
    this.#take(applied.alerts)
    return applied
  }

  /** The clock jumped: whatever is waited for moves along. What the alerts tell of themselves is read anew. */
  shift ({ ms, at: now }: ClockStep): Promise<void> {
    return this.exclusive(async () => {
      await this.#store.write('shiftTimers', { ms, now })
      await this.#load()
      const marks = Array.from(this.#open.values()).flatMap(({ id, told }) => told === null ? [] : [{ alertId: id, told: shiftTold(told, ms) }])
      if (marks.length > 0) await this.apply({ now, marks }, [])
    })
  }

  async #stored<T> (write: () => Promise<T>): Promise<T> {
    try {
      return await write()
    } catch (error) {
      if (error instanceof AppError && error.code === 'conflict') await this.#load()
      throw error
    }
  }

  /** A pending alert that came to nothing is not among what the store answers: its state is gone from the book with the next look. */
  #take (alerts: readonly AlertRecord[]): void {
    for (const alert of alerts) {
      if (alert.endedAt === null) this.#open.set(alert.id, alert)
      else this.#open.delete(alert.id)
    }
    for (const { id, ruleId, groupKey } of this.#open.values()) {
      const phase = this.#states.get(ruleId)?.get(groupKey)?.phase
      if (phase !== 'pending' && phase !== 'firing') this.#open.delete(id)
    }
    if (alerts.length > 0) for (const listener of this.#listeners) listener(alerts)
  }

  async #load (): Promise<void> {
    const [states, alerts] = await Promise.all([this.#store.read('listStates', undefined), this.#store.read('openAlerts', undefined)])
    this.#states = groupsOf(states)
    this.#open.clear()
    for (const alert of alerts) this.#open.set(alert.id, alert)
  }
}

export function groupName (ruleId: string, groupKey: string): string {
  return `${ruleId} ${groupKey}`
}

function groupsOf (stored: readonly StoredState[]): Map<string, Map<string, AlertState>> {
  const states = new Map<string, Map<string, AlertState>>()
  for (const { ruleId, key, state } of stored) {
    const groups = states.get(ruleId) ?? new Map<string, AlertState>()
    groups.set(key, state)
    states.set(ruleId, groups)
  }
  return states
}
