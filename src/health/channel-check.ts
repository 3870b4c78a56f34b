import type { Rule } from '../../schemas/rule.ts'
import { DEFAULT_CHANNEL, type Channels } from '../outgoing/channels.ts'
import type { Probe } from './health-monitor.ts'
import type { RuleBook } from '../alerting/rule-book.ts'
import { namedChannels } from '../rules/named-channels.ts'

/** What is wrong while rules have nobody to tell, and what to do. */
export const NO_DEFAULT = 'no channel is called default; set WEBHOOK_URL, or make one (POST /channels)'

/** Makes the probe that tells whether somebody hears of each alert: the rules in force name channels that there are, or there is the one for those that name none. */
export function addresseesProbe (rules: Pick<RuleBook, 'compiled'>, channels: Pick<Channels, 'idsOf' | 'unknownOf' | 'switchedOff'>): Probe {
  let known: { rules: RuleBook['compiled'], named: string[], isDefaultNeeded: boolean } | undefined
  return () => {
    // The same list until a rule changes: health is asked more often than that.
    if (known?.rules !== rules.compiled) known = { rules: rules.compiled, ...needsOf(rules.compiled) }
    const missing = channels.unknownOf(known.named)
    if (missing.length > 0) return { status: 'degraded', detail: `rules name ${missing.map((name) => JSON.stringify(name)).join(', ')}, and there is no such channel: nobody is told there` }
    const off = channels.switchedOff([...known.named, ...(known.isDefaultNeeded ? [DEFAULT_CHANNEL] : [])])
    if (off.length > 0) return { status: 'degraded', detail: `${off.map((name) => JSON.stringify(name)).join(', ')} is switched off: nobody is told there until it is on again` }
    if (known.isDefaultNeeded && channels.idsOf([]).length === 0) return { status: 'degraded', detail: `rules that name no channel tell nobody: ${NO_DEFAULT}` }
    return { status: 'ok', detail: 'the channels that rules name are there' }
  }
}

function isUnaddressed ({ levels, channels }: Rule): boolean {
  return [levels.warning, levels.critical].some((level) => level !== undefined && (level.channels ?? channels).length === 0)
}

function needsOf (compiled: RuleBook['compiled']): { named: string[], isDefaultNeeded: boolean } {
  const announced = compiled.map(({ rule }) => rule).filter(({ enabled, draft }) => enabled && !draft)
  return { named: [...new Set(announced.flatMap(namedChannels))], isDefaultNeeded: announced.some(isUnaddressed) }
}
