import { isDeepStrictEqual } from 'node:util'
import type { FileSource } from '../../schemas/common.ts'
import type { NewRule, Rule, RuleChange, RuleView } from '../../schemas/rule.ts'
import type { Requester } from '../../schemas/token.ts'
import type { Audit } from '../access/audit.ts'
import { type Clock, isoTime } from '../core/clock.ts'
import { AppError, type Fault } from '../core/errors.ts'
import { unknownFields } from '../notify/fields.ts'
import { builtInRules } from '../rules/built-in.ts'
import { compileRule, completeRule, type CompiledRule } from '../rules/compile.ts'
import { dependencyCircle } from '../rules/dependencies.ts'
import { hintsOf } from '../rules/hints.ts'
import type { RunTimeSettings } from '../settings/run-time-settings.ts'
import type { RuleOrigin } from '../store/hot/alerts/alert-tables.ts'
import type { RuleRecord } from '../store/hot/alerts/rules.ts'
import type { Store } from '../store/store.ts'
import { textFaults } from '../core/faults.ts'

interface Parts {
  store: Pick<Store, 'read' | 'write'>
  clock: Clock
  audit: Pick<Audit, 'recordOf'>
  settings: Pick<RunTimeSettings, 'thresholds' | 'onChange'>
  intervalMs: number
  /** How long a beat of the canary gets; 0 when none are sent, and then it has no rule. */
  canaryDeadlineMs: number
  /** Those of the configuration file. */
  fileRules: ReadonlyArray<{ rule: Rule, source: FileSource }>
  /** Tells which of these names and ids of channels there are not. */
  unknownChannels: (names: readonly string[]) => readonly string[]
}

/** A rule with all that is known of it. */
interface Entry extends RuleRecord {
  compiled: CompiledRule
  source: FileSource | undefined
}

/** What may be changed of a built-in rule; the rest is what makes it that rule, or a threshold. */
const CHANGEABLE = ['enabled', 'draft', 'channels', 'labels', 'annotations', 'keep_firing_for', 'depends_on', 'flap', 'renotify', 'escalate'] as const
const SERVICE: Requester = { caller: undefined, from: 'service' }

/**
 * All rules, ready to be evaluated: those of the API, those of the configuration file, and the built-in ones, whose limits are the
 * thresholds of the settings. Every change is a new version, and stored before it is in force.
 */
export class RuleBook {
  readonly #parts: Parts
  readonly #entries = new Map<string, Entry>()
  /** What was removed since the start: its alerts are still to be closed under its name. */
  readonly #removed = new Map<string, Entry>()
  readonly #listeners: Array<() => void> = []
  #compiled: readonly CompiledRule[] = []
  #last: Promise<unknown> = Promise.resolve()

  private constructor (parts: Parts) {
    this.#parts = parts
  }

  static async open (parts: Parts): Promise<RuleBook> {
    const book = new RuleBook(parts)
    await book.#load()
    parts.settings.onChange((by) => book.#next(() => book.#keepBuiltIns(by)))
    return book
  }

  /** Every rule, also those that are switched off; the same list until a rule changes. */
  get compiled (): readonly CompiledRule[] {
    return this.#compiled
  }

  /** Has `callback` called whenever a rule was changed. */
  onChange (callback: () => void): void {
    this.#listeners.push(callback)
  }

  /** The rule and its version, also of one that was removed since the start. */
  known (id: string): { rule: Rule, version: number, compiled: CompiledRule } | undefined {
    return this.#entries.get(id) ?? this.#removed.get(id)
  }

  list (): RuleView[] {
    return Array.from(this.#entries.values(), viewOf)
  }

  /** Throws `not_found`. */
  get (id: string): RuleView {
    return viewOf(this.#find(id))
  }

  /** Makes a rule. Throws `invalid` with everything that is wrong with it. */
  create (rule: NewRule, by: Requester): Promise<RuleView> {
    const id = `rule_${crypto.randomUUID()}`
    return this.#next(() => this.#save(completeRule(id, rule), 'api', { by, expected: 0 }))
  }

  /** Says all of a rule anew. Throws `not_found`, `invalid`, and `conflict` for one that comes from the file or is built in. */
  replace (id: string, rule: NewRule, by: Requester): Promise<RuleView> {
    return this.#next(() => {
      const { version, origin } = this.#writable(id)
      if (origin === 'builtin') throw new AppError('conflict', `the rule ${id} is built in: PATCH changes ${CHANGEABLE.join(', ')}, and its limits are thresholds at /config`)
      return this.#save(completeRule(id, rule), origin, { by, expected: version })
    })
  }

  /** Changes what is named; null takes it away. Throws as `replace`. */
  patch (id: string, change: RuleChange, by: Requester): Promise<RuleView> {
    return this.#next(() => {
      const { version, origin, rule } = this.#writable(id)
      if (origin === 'builtin') refuse(builtInFaults(change))
      return this.#save(patched(rule, change), origin, { by, expected: version })
    })
  }

  /** Removes a rule; its alerts are resolved at the next evaluation. Throws as `replace`. */
  remove (id: string, by: Requester): Promise<void> {
    return this.#next(async () => {
      const { version, origin, rule } = this.#writable(id)
      if (origin === 'builtin') throw new AppError('conflict', `the rule ${id} is built in and cannot be removed: switch it off with PATCH {"enabled": false}`)
      const dependents = this.list().filter(({ depends_on: ids = [] }) => ids.includes(id)).map((dependent) => dependent.id)
      if (dependents.length > 0) throw new AppError('conflict', `other rules depend on ${id}: ${dependents.join(', ')}`)
      await this.#removeStored(id, version, { rule, by })
      this.#changed()
    })
  }

  /** Makes the rules of the configuration file what it says now. */
  fix (fileRules: Parts['fileRules']): Promise<void> {
    return this.#next(() => this.#fix(fileRules))
  }

  async #load (): Promise<void> {
    const { fileRules, store } = this.#parts
    for (const record of await store.read('listRules', undefined)) this.#take(record, undefined)
    await this.#fix(fileRules)
  }

  async #fix (fileRules: Parts['fileRules']): Promise<void> {
    const kept = new Set([...fileRules.map(({ rule }) => rule.id), ...this.#builtIns().map(({ id }) => id)])
    for (const { id, origin, version, rule } of this.#entries.values()) {
      if (origin !== 'api' && !kept.has(id)) await this.#removeStored(id, version, { rule, by: SERVICE })
    }
    await this.#keepBuiltIns(SERVICE)
    for (const { rule, source } of fileRules) await this.#keep(rule, 'file', { by: SERVICE, source })
    this.#changed()
  }

  #builtIns (): Rule[] {
    const { settings, canaryDeadlineMs } = this.#parts
    return builtInRules(settings.thresholds, canaryDeadlineMs)
  }

  /** Makes the built-in rules say what the thresholds say. */
  async #keepBuiltIns (by: Requester): Promise<void> {
    for (const rule of this.#builtIns()) {
      const own = this.#entries.get(rule.id)?.rule
      const kept = own === undefined ? {} : Object.fromEntries(CHANGEABLE.map((name) => [name, own[name]]).filter(([, value]) => value !== undefined))
      await this.#keep({ ...rule, ...kept }, 'builtin', { by, source: undefined })
    }
    this.#changed()
  }

  /** Stores a rule unless it says the same already. */
  async #keep (rule: Rule, origin: RuleOrigin, { by, source }: { by: Requester, source: FileSource | undefined }): Promise<void> {
    const before = this.#entries.get(rule.id)
    const isSame = before !== undefined && before.origin === origin && isDeepStrictEqual(before.rule, rule)
    if (isSame) before.source = source
    else await this.#store(rule, origin, { by, source })
  }

  async #save (rule: Rule, origin: RuleOrigin, { by, expected }: { by: Requester, expected: number }): Promise<RuleView> {
    const { intervalMs } = this.#parts
    refuse([...this.#surroundingFaults(rule)])
    // Nobody can change the window of a built-in one.
    compileRule(rule, { intervalMs: origin === 'builtin' ? 0 : intervalMs })
    const entry = await this.#store(rule, origin, { by, source: undefined, expected })
    this.#changed()
    return viewOf(entry)
  }

  async #store (rule: Rule, origin: RuleOrigin, { by, source, expected }: { by: Requester, source: FileSource | undefined, expected?: number }): Promise<Entry> {
    const { store, clock, audit } = this.#parts
    const { id, name } = rule
    const before = this.#entries.get(id)
    const now = clock.now()
    const act = audit.recordOf({
      action: before === undefined ? 'rule.create' : 'rule.update', actor: by.caller, from: by.from, target: id, detail: { name, version: (before?.version ?? 0) + 1 }
    })
    const acts = by === SERVICE ? [] : [act]
    const version = await store.write('saveRule', { rule, origin, now, actor: by.caller?.name ?? null, expected, acts })
    return this.#take({ id, version, origin, rule, createdAt: before?.createdAt ?? now, updatedAt: now, signalSince: before !== undefined && isDeepStrictEqual(before.rule.signal, rule.signal) ? before.signalSince : now }, source)
  }

  async #removeStored (id: string, version: number, { rule, by }: { rule: Rule, by: Requester }): Promise<void> {
    const { store, clock, audit } = this.#parts
    const act = audit.recordOf({ action: 'rule.delete', actor: by.caller, from: by.from, target: id, detail: { name: rule.name } })
    const acts = by === SERVICE ? [] : [act]
    await store.write('removeRule', { id, now: clock.now(), actor: by.caller?.name ?? null, expected: version, acts })
    const entry = this.#entries.get(id)
    if (entry !== undefined) this.#removed.set(id, entry)
    this.#entries.delete(id)
  }

  /** What is stored was good when it was saved; only the interval may have changed since, which a rule survives. */
  #take (record: RuleRecord, source: FileSource | undefined): Entry {
    const entry = { ...record, source, compiled: compileRule(record.rule, { intervalMs: 0, watchedSince: record.signalSince }) }
    this.#entries.set(record.id, entry)
    return entry
  }

  /** What is wrong with a rule among the others, its channels and its texts. */
  * #surroundingFaults (rule: Rule): Generator<Fault> {
    const { unknownChannels } = this.#parts
    yield * textFaults(rule)
    const missing = (names: readonly string[], path: string): Fault[] => unknownChannels(names).map((name) => ({
      path: `${path}/${names.indexOf(name)}`, message: `there is no channel ${JSON.stringify(name)}: GET /channels lists them`
    }))
    yield * missing(rule.channels, '/channels')
    yield * missing(rule.levels.warning?.channels ?? [], '/levels/warning/channels')
    yield * missing(rule.levels.critical?.channels ?? [], '/levels/critical/channels')
    yield * missing(rule.escalate?.channels ?? [], '/escalate/channels')
    for (const [name, text] of Object.entries(rule.annotations)) {
      for (const field of unknownFields(text)) yield { path: `/annotations/${name}`, message: `{${field}} is no field` }
    }
    for (const [index, id] of (rule.depends_on ?? []).entries()) {
      if (id !== rule.id && !this.#entries.has(id)) yield { path: `/depends_on/${index}`, message: `there is no rule ${JSON.stringify(id)}` }
    }
    const others = Array.from(this.#entries.values(), (entry) => entry.rule).filter(({ id }) => id !== rule.id)
    const circle = rule.depends_on?.includes(rule.id) === true ? undefined : dependencyCircle([...others, rule])
    if (circle !== undefined) yield { path: '/depends_on', message: `makes a circle: ${circle.join(', ')}` }
  }

  #writable (id: string): Entry {
    const entry = this.#find(id)
    const { origin, source } = entry
    if (origin !== 'file') return entry
    const where = source === undefined ? 'the configuration file' : `${source.file}:${source.line}`
    throw new AppError('conflict', `the rule ${id} comes from ${where}: change it there`)
  }

  #find (id: string): Entry {
    const entry = this.#entries.get(id)
    if (entry === undefined) throw new AppError('not_found', `there is no rule ${JSON.stringify(id)}: GET /rules lists them`)
    return entry
  }

  /** One change after the other, so that each is judged by what the one before left. */
  #next<T> (change: () => Promise<T>): Promise<T> {
    const changed = this.#last.then(change)
    this.#last = changed.catch(() => {})
    return changed
  }

  #changed (): void {
    this.#compiled = Array.from(this.#entries.values(), ({ compiled }) => compiled)
    for (const listener of this.#listeners) listener()
  }
}

function viewOf ({ rule, version, origin, source, createdAt, updatedAt }: Entry): RuleView {
  return { ...rule, version, origin, ...(source === undefined ? {} : { source }), created_at: isoTime(createdAt), updated_at: isoTime(updatedAt), ...hintsOf(rule) }
}

/** The defaults depend on the signal, so what the old one was given must not stay when it changes. */
function patched ({ id, ...rule }: Rule, change: RuleChange): Rule {
  const { window, aggregate, ...rest } = rule
  const base = change.signal === undefined ? rule : rest
  const merged = Object.entries({ ...base, ...change }).filter(([name, value]) => value !== null || name === 'flap')
  return completeRule(id, parseRule(Object.fromEntries(merged)))
}

/** The members were checked one by one, in the rule and in the change. */
function parseRule (members: Record<string, unknown>): NewRule {
  return members as NewRule
}

function builtInFaults (change: RuleChange): Fault[] {
  return Object.keys(change).filter((name) => !CHANGEABLE.some((known) => known === name)).map((name) => ({
    path: `/${name}`, message: `of a built-in rule only ${CHANGEABLE.join(', ')} can be changed; the limits of CPU, memory and latency are thresholds at /config`
  }))
}

function refuse (faults: readonly Fault[]): void {
  if (faults.length > 0) throw new AppError('invalid', faults.map(({ path, message }) => `${path}: ${message}`).join('; '), { faults })
}
