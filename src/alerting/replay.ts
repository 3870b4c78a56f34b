import { compareFirings, type Compared, type Span } from '../rules/compare.ts'
import { compileRule, type CompiledRule } from '../rules/compile.ts'
import { judgeTicks, replay, sweepFor, sweepLevel, type Replayed, type Swept } from '../rules/replay.ts'
import { parseDuration } from '../core/duration.ts'
import type { Sweep } from '../../schemas/replay.ts'
import type { Rule } from '../../schemas/rule.ts'
import { replayTicks, type ReplayData, type ReplayRange } from './replay-data.ts'

/** A rule and the past, as plain values that can be handed to a thread. */
export interface ReplayTask {
  rule: Rule
  /** What the rule is compared with. */
  present: Rule | undefined
  acknowledged: readonly Span[]
  intervalMs: number
  range: ReplayRange
  data: ReplayData
  sweep: Sweep | undefined
}

export interface ReplayResult extends Replayed {
  sweep: Swept[] | undefined
  compared: Compared | undefined
}

/** Tells what a rule would have done, what it would do with other limits or times, and how that differs from the present rule. */
export function runReplay ({ rule, present, acknowledged, intervalMs, range, data, sweep }: ReplayTask): ReplayResult {
  const compiled = compileRule(rule, { intervalMs })
  const past = judgeTicks(compiled, replayTicks(compiled.signal.needs, data, range))
  const replayed = replay(compiled, past)
  return {
    ...replayed,
    sweep: sweep === undefined ? undefined : swept(compiled, sweep, past),
    compared: present === undefined ? undefined : compareFirings(replayed.firings, firingsOf(compileRule(present, { intervalMs }), data, range), acknowledged)
  }
}

function swept (rule: CompiledRule, sweep: Sweep, past: Parameters<typeof replay>[1]): Swept[] {
  return 'for' in sweep ? sweepFor(rule, sweep.for.map(parseDuration), past) : sweepLevel(rule, sweep.level, sweep.values, past)
}

function firingsOf (rule: CompiledRule, data: ReplayData, range: ReplayRange): Replayed['firings'] {
  return replay(rule, judgeTicks(rule, replayTicks(rule.signal.needs, data, range))).firings
}
