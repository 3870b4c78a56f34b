import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { REPLAY_LIMITS, type ReplayAnswer, type ReplayRequest, type Sweep } from '../../schemas/replay.ts'
import { RULE_LIMITS, type Rule } from '../../schemas/rule.ts'
import { type Clock, isoTime } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import { readReplayData } from './replay-data-reader.ts'
import type { ReplayResult, ReplayTask } from './replay.ts'
import { compileRule, completeRule } from '../rules/compile.ts'
import { parseDuration } from '../core/duration.ts'
import { threadScript } from '../core/thread-script.ts'
import { hintsOf } from '../rules/hints.ts'
import { groupNeeds, type CompiledSignal } from '../rules/signals.ts'
import { readRange } from '../numbers/series-queries.ts'
import type { Store } from '../store/store.ts'

interface Parts {
  store: Pick<Store, 'read'>
  clock: Clock
  /** How often rules are evaluated. */
  intervalMs: number
  timeoutMs: number
  /** Finds the rule that there is now. */
  ruleOf: (id: string) => Rule | undefined
}

const DEFAULT_MS = 86_400_000
const MOST_AT_ONCE = 2
const UNNAMED = 'replayed'

/** Tells what rules would have done in the past. The reading is done by the store's threads, the evaluation by one of its own. */
export class Replays {
  readonly #parts: Parts
  #running = 0

  constructor (parts: Parts) {
    this.#parts = parts
  }

  /** The last day unless the request says otherwise. Throws `invalid` for a faulty rule or range, `not_found`, `overloaded`, `timeout`. */
  async run (request: ReplayRequest, signal: AbortSignal): Promise<ReplayAnswer> {
    if (this.#running >= MOST_AT_ONCE) throw new AppError('overloaded', `${MOST_AT_ONCE} replays are running already: try again soon`, { retryAfterSeconds: 1 })
    this.#running++
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(this.#parts.timeoutMs)])
      const task = await this.#taskOf(request, limit)
      return answerOf(task, await runInThread(task, limit))
    } finally {
      this.#running--
    }
  }

  async #taskOf (request: ReplayRequest, signal: AbortSignal): Promise<ReplayTask> {
    const { store, clock, intervalMs, timeoutMs } = this.#parts
    const { rule, present } = this.#rulesOf(request.rule)
    const range = placedIn('/', () => readRange({ from: request.from, to: request.to }, { now: clock.now(), defaultMs: DEFAULT_MS }))
    const ticks = (range.to - range.from) / intervalMs
    if (ticks > REPLAY_LIMITS.ticks) throw fault('/from', `the range holds more than ${REPLAY_LIMITS.ticks} evaluations at ${intervalMs} ms: begin later`)
    refuseSweep(rule, request.sweep)
    const needs = groupNeeds([checked(rule, intervalMs), ...(present === undefined ? [] : [checked(present, intervalMs)])])
    const [past, acknowledged] = await Promise.all([
      readReplayData(store, { needs, intervalMs, ...range }, { timeoutMs, signal }),
      present === undefined ? [] : store.read('acknowledgedFirings', { ruleId: present.id, ...range }, { timeoutMs })
    ])
    return { rule, present, acknowledged, intervalMs, ...past, sweep: request.sweep }
  }

  #rulesOf (given: ReplayRequest['rule']): { rule: Rule, present: Rule | undefined } {
    if (typeof given !== 'string') {
      const { id = UNNAMED, ...body } = given
      return { rule: completeRule(id, body), present: this.#parts.ruleOf(id) }
    }
    const rule = this.#parts.ruleOf(given)
    if (rule === undefined) throw new AppError('not_found', `there is no rule ${JSON.stringify(given)}: GET /rules lists them`)
    return { rule, present: undefined }
  }
}

/** Throws `invalid` with faults at their places in the request. */
function checked (rule: Rule, intervalMs: number): CompiledSignal {
  return placedIn('/rule', () => compileRule(rule, { intervalMs }).signal)
}

function placedIn<T> (place: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    throw new AppError(error.code, error.message, { faults: error.faults.map(({ path, message }) => ({ path: `${place}${path}`, message })), cause: error })
  }
}

function refuseSweep ({ levels }: Rule, sweep: Sweep | undefined): void {
  if (sweep === undefined) return
  if ('for' in sweep) {
    const long = sweep.for.findIndex((text) => parseDuration(text) > parseDuration(RULE_LIMITS.longest))
    if (long >= 0) throw fault(`/sweep/for/${long}`, `must be at most ${RULE_LIMITS.longest}, got ${sweep.for[long]}`)
    return
  }
  if (levels[sweep.level] !== undefined) return
  throw fault('/sweep/level', `the rule has no level ${sweep.level} whose value could be another`)
}

function fault (path: string, message: string): AppError {
  return new AppError('invalid', `${path}: ${message}`, { faults: [{ path, message }] })
}

/** Ends the thread when the signal comes: a replay is cut as a query is. */
async function runInThread (task: ReplayTask, signal: AbortSignal): Promise<ReplayResult> {
  const worker = new Worker(threadScript('./replay-thread', import.meta.url), { workerData: task, execArgv: [] })
  try {
    const [result] = await once(worker, 'message', { signal })
    return parseResult(result)
  } catch (error) {
    if (signal.aborted) throw new AppError('timeout', 'the replay took too long: take a shorter range', { cause: error })
    throw error
  } finally {
    await worker.terminate()
  }
}

function parseResult (message: unknown): ReplayResult {
  return message as ReplayResult
}

function answerOf ({ rule, range, sweep }: ReplayTask, { firings, pages, judged, firingSeconds, sweep: swept, compared }: ReplayResult): ReplayAnswer {
  return {
    from: isoTime(range.from),
    to: isoTime(range.to),
    step_ms: range.stepMs,
    judged,
    firings: firings.slice(0, REPLAY_LIMITS.firings).map(({ from, to, ...firing }) => ({ ...firing, from: isoTime(from), to: to === null ? null : isoTime(to) })),
    total: firings.length,
    pages,
    firing_seconds: firingSeconds,
    ...(swept === undefined ? {} : { sweep: swept.map((row, at) => ({ ...row, value: sweptText(sweep, at) ?? row.value })) }),
    ...(compared === undefined ? {} : { compared: { added: compared.added, removed: compared.removed, acked_removed: compared.ackedRemoved } }),
    ...hintsOf(rule)
  }
}

/** Durations are answered as they were asked. */
function sweptText (sweep: Sweep | undefined, at: number): string | undefined {
  return sweep !== undefined && 'for' in sweep ? sweep.for[at] : undefined
}
