import type { JSX } from 'preact'
import type { Alert } from '../../../schemas/alert.ts'
import { Badge } from '../../ui/badge.tsx'
import { lookOf } from './words.ts'

/** The state of an alert. */
export function StateBadge ({ alert, suffix = '' }: { alert: Alert, suffix?: string }): JSX.Element {
  const { word, tone, icon } = lookOf(alert)
  const text = `${word}${suffix === '' ? '' : ` ${suffix}`}`
  return icon === undefined ? <Badge tone={tone}>{text}</Badge> : <Badge tone={tone} icon={icon}>{text}</Badge>
}
