import type { JSX } from 'preact'
import type { AlertFile } from '../../../schemas/alert.ts'
import type { Attempt } from '../../../schemas/notice.ts'
import { countText } from '../../core/format.ts'
import { pageHref } from '../../core/router.ts'
import { clockText, fullText, preciseText } from '../../core/times.ts'
import { Badge } from '../../ui/badge.tsx'
import { Panel } from '../../ui/panel.tsx'
import { attemptText, causeText, NOTICES } from './words.ts'

type Delivery = AlertFile['deliveries'][number]

/** Every notice of an alert with every attempt to deliver it. */
export function Deliveries ({ file: { deliveries, draft } }: { file: AlertFile }): JSX.Element {
  return (
    <Panel title='Who was told'>
      {deliveries.length === 0
        ? <p class='muted'>{draft ? 'Nobody: its rule is a draft.' : 'Nobody: no channel was asked to tell of it.'} <a href='/dashboard/settings/notifications'>See the channels</a></p>
        : <ul class='alert-rows'>{deliveries.map((delivery) => <OneDelivery key={delivery.notice} delivery={delivery} />)}</ul>}
    </Panel>
  )
}

function OneDelivery ({ delivery: { type, channel, channel_id: channelId, time, state, attempts } }: { delivery: Delivery }): JSX.Element {
  return (
    <li>
      <p class='row'>
        <time class='mono muted' dateTime={time} title={fullText(Date.parse(time))}>{preciseText(Date.parse(time)).slice(0, 8)}</time>
        <b>{NOTICES[type] ?? type}</b> to {channel}
        <DeliveryBadge state={state} attempts={attempts} />
      </p>
      <Attempts attempts={attempts} channelId={channelId} />
    </li>
  )
}

/** How a notice is doing, in a word. */
export function DeliveryBadge ({ state, attempts, nextAt }: { state: string, attempts: readonly Attempt[], nextAt?: string | null }): JSX.Element {
  const last = attempts.at(-1)
  if (state === 'delivered') return <Badge tone='healthy'>Delivered{last === undefined ? '' : ` in ${last.ms} ms`}</Badge>
  if (state === 'failed') return <Badge tone='critical'>Failed after {countText(attempts.length)} {attempts.length === 1 ? 'attempt' : 'attempts'}</Badge>
  if (state === 'abandoned') return <Badge tone='critical'>Given up</Badge>
  const next = nextAt === undefined || nextAt === null ? '' : `, next at ${clockText(Date.parse(nextAt))}`
  return attempts.length === 0 ? <Badge tone='info'>Waiting{next}</Badge> : <Badge tone='critical'>Failing{next === '' ? ', is tried again' : `, attempt ${attempts.length + 1} at ${clockText(Date.parse(nextAt ?? ''))}`}</Badge>
}

/** Each attempt with what came back. */
export function Attempts ({ attempts, channelId }: { attempts: readonly Attempt[], channelId: string }): JSX.Element | null {
  if (attempts.length === 0) return null
  return (
    <ol class='attempts'>
      {attempts.map((attempt, at) => (
        <li key={at} class='small'>
          <time class='muted' dateTime={attempt.time} title={fullText(Date.parse(attempt.time))}>{preciseText(Date.parse(attempt.time)).slice(0, 8)}</time>{' '}
          {attemptText(attempt)}
          {attempt.channel === channelId ? '' : ', by the channel that takes over'}
          {attempt.grouped === undefined ? '' : `, together with ${countText(attempt.grouped - 1)} more`}
          {attempt.reply === undefined || attempt.reply === '' ? null : <details><summary>Reply</summary><pre>{attempt.reply}</pre></details>}
        </li>
      ))}
    </ol>
  )
}

/** Notices that were not made, and what held them back. */
export function HeldBack ({ file: { held_back: held } }: { file: AlertFile }): JSX.Element | null {
  if (held.length === 0) return null
  return (
    <Panel title='Held back'>
      <ul class='alert-rows'>
        {held.map(({ time, cause, id, notices }) => (
          <li key={`${time} ${id}`} class='row'>
            <time class='mono muted' dateTime={time} title={fullText(Date.parse(time))}>{preciseText(Date.parse(time)).slice(0, 8)}</time>
            {countText(notices)} {notices === 1 ? 'notice' : 'notices'}, by{' '}
            {cause === 'dependency' ? <a href={pageHref('/dashboard/alerts', { rule: id })}>{causeText(cause)}</a> : cause === 'acknowledgement' ? causeText(cause) : <a href={pageHref('/dashboard/alerts', { tab: 'silences' })}>{causeText(cause)}</a>}
          </li>
        ))}
      </ul>
    </Panel>
  )
}
