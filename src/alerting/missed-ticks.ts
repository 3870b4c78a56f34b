import type { Logger } from 'pino'
import type { AlertBook } from './alert-book.ts'
import { replayTicks } from './replay-data.ts'
import { readReplayData } from './replay-data-reader.ts'
import type { CompiledRule } from '../rules/compile.ts'
import { evaluateRule, type Change } from '../rules/evaluate.ts'
import { judge } from '../rules/signals.ts'
import { receivedAt } from '../core/row-ids.ts'
import type { Store } from '../store/store.ts'

interface Parts {
  store: Pick<Store, 'read'>
  log: Pick<Logger, 'warn'>
  book: Pick<AlertBook, 'states'>
  intervalMs: number
  timeoutMs: number
}

/** Between these two evaluations there was none. */
export interface Gap {
  from: number
  to: number
}

/** What an evaluation would have found, had it been made at `at`. */
export interface MissedTick {
  at: number
  changes: readonly Change[]
}

interface Stretch extends Gap {
  /** Up to then events were received. */
  heardUntil: number
}

/** Of a gap so many evaluations are made up for at most. */
const MOST_TICKS = 360

/**
 * Makes up for evaluations that nobody made, be it that the service was down: an event that was acknowledged just before would lie in no
 * window that is ever judged. Only what was received is judged, and only where there was too much of it: of what did not come our own
 * silence is the cause.
 */
export class MissedTicks {
  readonly #parts: Parts

  constructor (parts: Parts) {
    this.#parts = parts
  }

  /** Gives what changes, tick by tick; the caller stores it before it asks for the next. A rule that cannot be judged is left out. */
  async * judge (rules: readonly CompiledRule[], gap: Gap): AsyncGenerator<MissedTick> {
    const concerned = rules.filter((rule) => isConcerned(rule, gap))
    const heardUntil = concerned.length === 0 ? gap.from : await this.#heardUntil(gap)
    if (heardUntil <= gap.from) return
    const deadline = performance.now() + this.#parts.timeoutMs
    for (const rule of concerned) {
      try {
        yield * this.#judgeRule(rule, { ...gap, heardUntil }, deadline - performance.now())
      } catch (error) {
        this.#parts.log.warn({ err: error, rule: rule.id }, 'what was received before a gap could not be judged')
      }
    }
  }

  async * #judgeRule (rule: CompiledRule, { from, to, heardUntil }: Stretch, timeoutMs: number): AsyncGenerator<MissedTick> {
    const { store, book, intervalMs } = this.#parts
    const { signal: { needs }, forMs, windowMs } = rule
    // The tick behind the last event sees it for the first time; how long it goes on after that is known while its window holds.
    const last = Math.ceil((heardUntil + 1) / intervalMs) * intervalMs + Math.min(forMs, windowMs)
    const until = Math.min(last, to - 1, from + MOST_TICKS * intervalMs)
    const { data, range } = await readReplayData(store, { needs, from: from + 1, to: until, intervalMs }, { timeoutMs: Math.max(1, timeoutMs) })
    let previousAt = from
    for (const { at, values } of replayTicks(needs, data, range)) {
      const { changes } = evaluateRule(rule, book.states.get(rule.id) ?? new Map(), judge(rule.signal, values, at), { now: at, previousAt })
      if (changes.length > 0) yield { at, changes }
      previousAt = at
    }
  }

  /** When the newest event of the gap was received. */
  async #heardUntil ({ from, to }: Gap): Promise<number> {
    const partitions = await this.#parts.store.read('partitions', undefined)
    const newest = partitions.filter(({ rows }) => rows > 0).map(({ last_id: id, lead_ms: leadMs }) => receivedAt(id, leadMs))
    return Math.max(from, ...newest.filter((at) => at < to))
  }
}

/** Rules over too many events, of which a window lies whole in the gap. */
function isConcerned ({ rule, signal, limits }: CompiledRule, { from, to }: Gap): boolean {
  const isOverCounts = signal.needs.every((need) => need.kind === 'count' && !need.isAbsence) && Object.values(limits).every(({ op }) => op.startsWith('>'))
  return rule.enabled && isOverCounts && Math.min(...signal.needs.map(({ windowMs }) => windowMs)) < to - from
}
