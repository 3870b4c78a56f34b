import type { JSX } from 'preact'
import type { Alert } from '../../../schemas/alert.ts'
import { spanText } from '../../core/format.ts'
import { now } from '../../core/times.ts'
import { Badge } from '../../ui/badge.tsx'
import type { RuleState } from './state-bar.ts'
import { lookOf, type StateLook } from './words.ts'

/** The state of an alert. */
export function StateBadge ({ alert }: { alert: Alert }): JSX.Element {
  const look = lookOf(alert)
  return <LookBadge look={look} text={look.word} />
}

/** State and age of a rule. */
export function RuleBadge ({ state }: { state: RuleState }): JSX.Element {
  const { word, since } = state
  return <LookBadge look={state} text={since === undefined ? word : `${word} ${spanText(Math.max(now.value - since, 0))}`} />
}

function LookBadge ({ look: { tone, icon }, text }: { look: StateLook, text: string }): JSX.Element {
  return icon === undefined ? <Badge tone={tone}>{text}</Badge> : <Badge tone={tone} icon={icon}>{text}</Badge>
}
