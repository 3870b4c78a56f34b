import type { JSX } from 'preact'
import type { Event, Level } from '../../schemas/event.ts'
import { fullText, preciseText } from '../core/times.ts'
import { Icon } from './icon.tsx'

const TONES: Record<Level, 'critical' | 'warning' | 'calm'> = { FATAL: 'critical', ERROR: 'critical', WARN: 'warning', INFO: 'calm', DEBUG: 'calm', TRACE: 'calm' }

export function toneOf (level: Level): 'critical' | 'warning' | 'calm' {
  return TONES[level]
}

/** Time, level with its shape, service and message: the cells of one event. */
export function EventCells ({ event }: { event: Event }): JSX.Element {
  const tone = toneOf(event.level)
  const time = Date.parse(event.time)
  return (
    <>
      <time dateTime={event.time} title={fullText(time)}>{preciseText(time)}</time>
      <span class={`level ${tone}`}>{tone === 'calm' ? null : <Icon name={tone} />}{event.level.toLowerCase()}</span>
      <span class='service'>{event.service ?? ''}</span>
      <span class='message'>{event.message}</span>
    </>
  )
}
