import type { Channels } from './channels.ts'
import type { Probe } from './health.ts'
import type { RuleBook } from './rule-book.ts'
import { namedChannels } from './rules/addressees.ts'

/** Makes the probe that tells whether the rules in force name channels that there are: with one that there is not, nobody hears of an alert. */
export function addresseesProbe (rules: Pick<RuleBook, 'compiled'>, channels: Pick<Channels, 'idsOf' | 'unknownOf'>): Probe {
  let known: { rules: RuleBook['compiled'], named: string[], isDefaultNeeded: boolean } | undefined
  return () => {
    // The same list until a rule changes: health is asked more often than that.
    if (known?.rules !== rules.compiled) known = { rules: rules.compiled, ...needsOf(rules.compiled) }
    const missing = channels.unknownOf(known.named)
    if (missing.length > 0) return { status: 'degraded', detail: `rules name ${missing.map((name) => JSON.stringify(name)).join(', ')}, and there is no such channel: nobody is told there` }
    if (known.isDefaultNeeded && channels.idsOf([]).length === 0) return { status: 'ok', detail: 'rules that name no channel tell nobody, since no channel is called default' }
    return { status: 'ok', detail: 'the channels that rules name are there' }
  }
}

function needsOf (compiled: RuleBook['compiled']): { named: string[], isDefaultNeeded: boolean } {
  const announced = compiled.map(({ rule }) => rule).filter(({ enabled, draft }) => enabled && !draft)
  return { named: [...new Set(announced.flatMap(namedChannels))], isDefaultNeeded: announced.some(({ channels }) => channels.length === 0) }
}
