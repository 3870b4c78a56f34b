import type { ComponentChildren, JSX } from 'preact'
import { Icon, type IconName } from './icon.tsx'

export type Tone = 'critical' | 'warning' | 'healthy' | 'info' | 'anomaly' | 'calm'

const SHAPES: Partial<Record<Tone, IconName>> = { critical: 'critical', warning: 'warning', healthy: 'healthy', info: 'pending', anomaly: 'anomaly' }

/** A state: its shape, its colour and its word. */
export function Badge ({ tone, icon = SHAPES[tone], children }: { tone: Tone, icon?: IconName | undefined, children: ComponentChildren }): JSX.Element {
  return (
    <span class={`badge ${tone}${tone === 'calm' ? ' outlined' : ''}`}>
      {icon === undefined ? null : <Icon name={icon} />}
      {children}
    </span>
  )
}
