import type { Logger } from 'pino'
import type { ShortAge } from '../../schemas/config-file.ts'
import type { Check } from '../../schemas/health.ts'
import type { RetentionTime } from '../time/retention-time.ts'
import type { RunTimeSettings } from '../settings/run-time-settings.ts'
import { sampleAges } from '../numbers/sample-ages.ts'
import type { Space } from '../store/hot/files/free-space.ts'
import type { Store, WriteArgs } from '../store/store.ts'

interface HousekeepingParts {
  store: Store
  retentionTime: Pick<RetentionTime, 'next'>
  log: Logger
  settings: Pick<RunTimeSettings, 'retentionDays' | 'retentionBytes'>
  /** Tells what goes earlier than the rest, as it is in force. */
  shortAges: () => readonly ShortAge[]
  /** Those who know when tokens and sessions were last used. */
  callers: ReadonlyArray<{ noteUses: () => Promise<void> }>
  space: Space
  /** Told how many seconds each of the last commits took. */
  onCommits: (seconds: readonly number[]) => void
}

const RETAIN_EVERY_MS = 60_000
const LOOK_EVERY_MS = 1_000
const DAY_MS = 86_400_000
/** Partitions are what retention drops: small enough that dropping one frees a tenth of the budget at most. */
const PARTITIONS_IN_BUDGET = 10
/** An empty one takes some 70 KB. */
const LEAST_PARTITION_BYTES = 250_000
/** In one go: what is left comes a minute later, since the look at the disk waits for it. */
const MOST_SLICES = 100
const MOST_STEPS = 1_000

/** What is done now and then: retention, a look at the disk, the last use of tokens and sessions. Knows how the store is. */
export class Housekeeping {
  readonly #parts: HousekeepingParts
  readonly #timers: NodeJS.Timeout[]
  #space: Space
  #fault: string | undefined
  /** The fault of the store that stands in the log. */
  #told: string | undefined
  #running: Promise<void> = Promise.resolve()
  /** Where the events of a shorter age are being deleted. */
  #slice: WriteArgs<'thin'> | undefined
  #isClosing = false

  constructor (parts: HousekeepingParts) {
    this.#parts = parts
    this.#space = parts.space
    this.#timers = [
      setInterval(() => this.#next(() => this.#look()), LOOK_EVERY_MS),
      setInterval(() => this.#next(() => this.#retain()), RETAIN_EVERY_MS)
    ]
    for (const timer of this.#timers) timer.unref()
    this.#next(() => this.#retain())
    this.#next(() => this.#keepBudget())
  }

  /** As it was last seen. */
  get space (): Space {
    return this.#space
  }

  check (): Check {
    const fault = this.#parts.store.fault ?? this.#fault
    if (fault !== undefined) return { status: 'down', detail: fault }
    const { storeBytes, diskFreeBytes, budgetBytes, isLow } = this.#space
    const isSmall = budgetBytes < this.#parts.settings.retentionBytes
    const detail = `${storeBytes} bytes stored, ${diskFreeBytes} bytes of disk free${isSmall ? `: the disk holds less than RETENTION_BYTES, so that ${Math.floor(budgetBytes)} bytes are kept` : ''}`
    return isLow ? { status: 'down', detail: `${detail}, less than MIN_FREE_BYTES: events are refused` } : { status: 'ok', detail }
  }

  async close (): Promise<void> {
    this.#isClosing = true
    for (const timer of this.#timers) clearInterval(timer)
    this.#next(() => this.#noteUses())
    await this.#running
  }

  /** One after the other, so that a slow disk never piles them up. */
  #next (task: () => Promise<void>): void {
    this.#running = this.#running.then(task).then(
      () => { this.#fault = undefined },
      (error: unknown) => {
        const fault = error instanceof Error ? error.message : String(error)
        if (fault !== this.#fault) this.#parts.log.error({ err: error }, 'upkeep of the store failed')
        this.#fault = fault
      })
  }

  async #look (): Promise<void> {
    this.#tellFault()
    await this.#keepBudget()
    this.#parts.onCommits(await this.#parts.store.write('takeCommitTimes', undefined))
    await this.#noteUses()
  }

  /** Once when it begins, and once when it is over. */
  #tellFault (): void {
    const { store: { fault }, log } = this.#parts
    if (fault === this.#told) return
    this.#told = fault
    if (fault === undefined) log.warn('the store can be written again')
    else log.error({ fault }, 'the store cannot be written: what comes is refused')
  }

  async #noteUses (): Promise<void> {
    for (const caller of this.#parts.callers) await caller.noteUses()
  }

  /** Step by step, so that events come in between. */
  async #keepBudget (): Promise<void> {
    const { store, settings: { retentionBytes: maxBytes }, log } = this.#parts
    const dropped: number[] = []
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      const step = await store.write('keepBudget', { maxBytes, partitionBytes: partitionBytesOf(Math.min(maxBytes, this.#space.budgetBytes)) })
      this.#space = step.space
      if (step.dropped !== undefined) dropped.push(step.dropped)
      if (step.isDone || this.#isClosing) break
    }
    if (dropped.length === 0) return
    const { budgetBytes } = this.#space
    log[budgetBytes < maxBytes ? 'warn' : 'info']({ dropped, budgetBytes, retentionBytes: maxBytes }, 'partitions were dropped, since the store was larger than its budget')
  }

  async #retain (): Promise<void> {
    const { store, retentionTime, settings, log } = this.#parts
    const now = await retentionTime.next()
    const { dropped } = await store.write('retain', { now, maxAgeMs: settings.retentionDays * DAY_MS })
    const { samplesMs, minutesMs, hoursMs } = sampleAges(settings.retentionDays)
    await store.write('retainSamples', { samplesUntil: now - samplesMs, minutesUntil: now - minutesMs, hoursUntil: now - hoursMs })
    if (dropped.length > 0) log.info({ dropped }, 'partitions were dropped by retention')
    await this.#thin(now)
  }

  /** Slice by slice, so that events come in between. */
  async #thin (now: number): Promise<void> {
    for (let slices = 0; slices < MOST_SLICES && !this.#isClosing; slices++) {
      const slice = this.#slice ?? await this.#nextSlice(now)
      if (slice === undefined) return
      const after = await this.#parts.store.write('thin', slice)
      this.#slice = after === undefined ? undefined : { ...slice, after }
    }
  }

  async #nextSlice (now: number): Promise<WriteArgs<'thin'> | undefined> {
    const { store, shortAges } = this.#parts
    for (const { days, ...kind } of shortAges()) {
      const n = await store.read('partitionToThin', { ...kind, before: now - days * DAY_MS })
      if (n !== undefined) return { ...kind, n, after: 0 }
    }
    return undefined
  }
}

export function partitionBytesOf (retentionBytes: number): number {
  return Math.max(retentionBytes / PARTITIONS_IN_BUDGET, LEAST_PARTITION_BYTES)
}
