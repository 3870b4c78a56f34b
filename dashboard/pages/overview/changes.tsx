import type { JSX } from 'preact'
import type { Change, Overview } from '../../../schemas/overview.ts'
import { countText, spanText } from '../../core/format.ts'
import { pageHref } from '../../core/router.ts'
import { clockText } from '../../core/times.ts'
import { Badge, type Tone } from '../../ui/badge.tsx'
import { Panel } from '../../ui/panel.tsx'

const TONES: Record<Change['kind'], Tone> = { new: 'info', gone: 'calm', more: 'warning', less: 'calm', deploy: 'info', restart: 'info', setting: 'calm' }
const WORDS: Record<Change['kind'], string> = { new: 'New', gone: 'Gone', more: 'More', less: 'Less', deploy: 'Deploy', restart: 'Restart', setting: 'Set' }

/** Of fewer the service compares no services. */
const LEAST_BEFORE = 20

/** What is otherwise than in the stretch before, and what happened. */
export function Changes ({ data: { changes, events, from, to } }: { data: Overview }): JSX.Element {
  const span = spanText(Date.parse(to) - Date.parse(from))
  return (
    <Panel title='What changed' note={events.before.total < LEAST_BEFORE ? 'too little came before to compare with' : `against the ${span} before`}>
      <p class='small muted'>{totalsText(events)}</p>
      {changes.length === 0
        ? <p class='muted'>No service sends otherwise, and nothing was deployed, restarted or set.</p>
        : <ul class='changes'>{changes.map((change, at) => <ChangeRow key={at} change={change} />)}</ul>}
    </Panel>
  )
}

function ChangeRow ({ change }: { change: Change }): JSX.Element {
  const { kind, time, subject, query, actor } = change
  return (
    <li>
      <Badge tone={change.what === 'errors' ? 'critical' : TONES[kind]} icon={undefined}>{kind === 'more' || kind === 'less' ? timesText(change) : WORDS[kind]}</Badge>
      <span class='grow'>
        {query === undefined ? subject : <a href={pageHref('/dashboard/events', { q: query })}>{subject}</a>}
        <span class='muted small below'>{time === undefined ? countsText(change) : `at ${clockText(Date.parse(time))}${actor === undefined ? '' : ` by ${actor}`}`}</span>
      </span>
    </li>
  )
}

function timesText ({ now = 0, before = 0 }: Change): string {
  if (now === 0) return 'None'
  if (before === 0) return 'New'
  const times = now / before
  return times >= 1 ? `${times < 10 ? times.toFixed(1) : countText(Math.round(times))}×` : `${Math.round(times * 100)}%`
}

function countsText ({ what = 'events', now = 0, before = 0 }: Change): string {
  return `${countText(now)} ${what}, ${countText(before)} before`
}

function totalsText ({ total, errors, before }: Overview['events']): string {
  const now = `${countText(total)} events, ${countText(errors)} errors`
  return before.total === 0 ? `${now}.` : `${now}; before ${countText(before.total)} and ${countText(before.errors)}.`
}
