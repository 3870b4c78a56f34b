import type { Rule } from '../../schemas/rule.ts'
import { queryHints } from '../query/hints.ts'

/** Says what the queries of a rule may not have meant. They can be read. */
export function ruleHints ({ signal }: Pick<Rule, 'signal'>): string[] {
  return Object.entries(queriesOf(signal)).flatMap(([path, text]) => queryHints(text).map((hint) => `${path} ${hint}`))
}

/** The same as a member of an answer, which is there when there is something to say. */
export function hintsOf (rule: Pick<Rule, 'signal'>): { hints?: string[] } {
  const hints = ruleHints(rule)
  return hints.length === 0 ? {} : { hints }
}

function queriesOf (signal: Rule['signal']): Record<string, string> {
  if ('events' in signal) return { '/signal/events': signal.events }
  if ('absent' in signal) return { '/signal/absent': signal.absent }
  if ('metric' in signal) return {}
  return { '/signal/ratio/good': signal.ratio.good, '/signal/ratio/total': signal.ratio.total }
}
