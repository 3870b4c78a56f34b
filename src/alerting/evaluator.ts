import type { Logger } from 'pino'
import { ALERT_LEVELS } from '../../schemas/words.ts'
import type { AlertBook } from './alert-book.ts'
import type { Announcer } from './announcer.ts'
import type { Clock } from '../core/clock.ts'
import type { ClockStep, ClockWatch } from '../time/clock-watch.ts'
import type { Measurements } from './measurements.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { MissedTicks } from './missed-ticks.ts'
import { PeriodicTask } from '../core/periodic-task.ts'
import type { RuleBook } from './rule-book.ts'
import { evaluate, losesTime } from '../rules/evaluate.ts'
import { groupNeeds, type Values } from '../rules/signals.ts'
import { tellTroubles, troublesOf } from '../rules/troubles.ts'
import type { CanaryNotice } from '../store/hot/outbox/canary-notice.ts'

interface Parts {
  clock: Clock
  clockWatch: Pick<ClockWatch, 'observe' | 'onStep'>
  log: Pick<Logger, 'warn' | 'error' | 'info'>
  metrics: Pick<Metrics, 'ruleEvaluation' | 'ruleTicksSkipped' | 'ruleGroupsRefused' | 'ruleEventsRefused' | 'alerts' | 'beforeRender'>
  rules: Pick<RuleBook, 'compiled' | 'onChange'>
  measurements: Measurements
  book: AlertBook
  announcer: Announcer
  missed: Pick<MissedTicks, 'judge'>
  intervalMs: number
  /** When rules were evaluated last before the start. */
  previousAt: number | undefined
}

const STATES = ['pending', 'firing'] as const

/**
 * Evaluates all rules at each multiple of the interval, one evaluation after the other. What one finds of an alert is stored
 * whole, with the notices that it makes, or not at all; then the next one finds it again.
 */
export class Evaluator {
  readonly #parts: Parts
  readonly #repeat: PeriodicTask
  #previousAt: number | undefined
  /** So much the clock jumped since. */
  #steppedMs = 0
  #scheduledAt: number | undefined
  #fault: string | undefined
  #unjudged = 0
  #troubles: readonly string[] = []
  #witness: (values: Values) => CanaryNotice | undefined = () => undefined

  private constructor (parts: Parts) {
    this.#parts = parts
    this.#previousAt = parts.previousAt
    const { intervalMs, clock, clockWatch, rules, measurements, metrics } = parts
    rules.onChange(() => { void measurements.follow(groupNeeds(signalsOf(rules))) })
    metrics.beforeRender(() => this.#show())
    clockWatch.onStep((step) => this.#shift(step))
    this.#repeat = new PeriodicTask({ everyMs: intervalMs, againMs: intervalMs - clock.now() % intervalMs, now: clock.now, task: (plannedAt) => this.#scheduled(plannedAt) })
  }

  /** Begins once what happened before the start is counted. */
  static async start (parts: Parts): Promise<Evaluator> {
    await parts.measurements.follow(groupNeeds(signalsOf(parts.rules)))
    return new Evaluator(parts)
  }

  /** Evaluates out of turn, with the past of rules that are new. Throws what keeps it from being stored. */
  async evaluateNow (): Promise<void> {
    this.#parts.clockWatch.observe()
    await this.#parts.measurements.ready()
    return this.#parts.book.exclusive(() => this.#evaluate(this.#parts.clock.now()))
  }

  /** Has `witness` see what each evaluation measured; what it gives is put into the outbox together with what was found. */
  showTo (witness: (values: Values) => CanaryNotice | undefined): void {
    this.#witness = witness
  }

  check () {
    if (this.#fault !== undefined) return { status: 'degraded' as const, detail: `rules are not evaluated: ${this.#fault}` }
    const { compiled } = this.#parts.rules
    if (this.#troubles.length > 0) return { status: 'degraded' as const, detail: tellTroubles(this.#troubles) }
    return { status: 'ok' as const, detail: `${compiled.length} rules, of ${this.#unjudged} too little is known yet` }
  }

  close (): Promise<void> {
    return this.#repeat.close()
  }

  /** The planned time is what is judged, so that a replay looks at the same windows. */
  async #scheduled (plannedAt: number): Promise<void> {
    const { intervalMs, clock, clockWatch, book, metrics, log } = this.#parts
    clockWatch.observe()
    const now = clock.now()
    const planned = plannedAt - plannedAt % intervalMs
    const skipped = this.#scheduledAt === undefined ? 0 : Math.max(0, (planned - this.#scheduledAt) / intervalMs - 1)
    this.#scheduledAt = planned
    if (skipped > 0) {
      metrics.ruleTicksSkipped.at({}).add(skipped)
      log.warn({ skipped, intervalMs }, 'an evaluation of the rules took longer than its interval: ticks were left out')
    }
    try {
      const isBehind = this.#previousAt !== undefined && planned <= this.#previousAt && this.#previousAt <= now
      await book.exclusive(() => this.#evaluate(isBehind ? now : planned))
      if (this.#fault !== undefined) log.info('rules are evaluated again')
      this.#fault = undefined
    } catch (error) {
      if (this.#fault === undefined) log.error({ err: error }, 'rules could not be evaluated: it is tried again at the next tick')
      this.#fault = error instanceof Error ? error.message : String(error)
    }
  }

  /** Judges first what came before a gap that is longer than windows, as after a stop; it is told as late. */
  async #makeUp (now: number): Promise<void> {
    const { missed, announcer, rules } = this.#parts
    if (this.#previousAt === undefined || this.#steppedMs !== 0) return
    const gap = { from: this.#previousAt, to: now }
    for await (const { at, changes } of missed.judge(rules.compiled, gap)) {
      await announcer.take(announcer.stepsOf(changes, at), { now: at, changes, late: gap })
    }
  }

  #shift (step: ClockStep): void {
    this.#parts.measurements.shift(step)
    this.#steppedMs += step.ms
    this.#scheduledAt = undefined
  }

  /** Observes the whole of it, also of one that fails: measuring and storing take longer than judging, and use up the interval too. */
  async #evaluate (now: number): Promise<void> {
    const startedAt = performance.now()
    try {
      await this.#judge(now)
    } finally {
      this.#parts.metrics.ruleEvaluation.at({}).observe((performance.now() - startedAt) / 1_000)
    }
  }

  async #judge (now: number): Promise<void> {
    const { rules, book, measurements, metrics, announcer } = this.#parts
    await this.#makeUp(now)
    const sight = await measurements.at(now)
    const { values } = sight
    const tick = { now, previousAt: this.#previousAt, steppedMs: this.#steppedMs, values }
    const evaluation = evaluate(rules.compiled, book.states, tick)
    this.#unjudged = evaluation.unjudged
    this.#troubles = troublesOf(rules.compiled, sight, evaluation)
    metrics.ruleGroupsRefused.at({}).add(evaluation.refused)
    const canary = this.#witness(values)
    await announcer.take(announcer.stepsOf(evaluation.changes, now), { now, changes: evaluation.changes, evaluatedAt: now, isWhole: losesTime(rules.compiled, tick), canary })
    this.#previousAt = now
    this.#steppedMs -= tick.steppedMs
  }

  #show (): void {
    const { metrics, book, measurements } = this.#parts
    metrics.ruleEventsRefused.at({}).set(measurements.refused)
    for (const state of STATES) for (const severity of ALERT_LEVELS) metrics.alerts.at({ state, severity }).set(book.count(state, severity))
  }
}

function signalsOf ({ compiled }: Pick<RuleBook, 'compiled'>) {
  return compiled.filter(({ rule }) => rule.enabled).map(({ signal }) => signal)
}
