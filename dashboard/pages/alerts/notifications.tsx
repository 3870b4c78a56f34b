import type { JSX } from 'preact'
import type { Notification, NotificationsPage } from '../../../schemas/notification.ts'
import { call, get } from '../../core/api.ts'
import { useAction, useResource } from '../../core/resource.ts'
import { isOperator } from '../../core/session.ts'
import { clockText, fullText } from '../../core/times.ts'
import { ActionFault, Loaded, Panel } from '../../ui/panel.tsx'
import { Attempts, DeliveryBadge } from './deliveries.tsx'
import { NOTICES } from './words.ts'

const SHOWN = 20
const EVERY_MS = 30_000

/** The newest notices, with how each was delivered. */
export function Notifications (): JSX.Element {
  const page = useResource('notifications', (signal) => get<NotificationsPage>('/notifications', { limit: SHOWN }, { signal }), { everyMs: EVERY_MS })
  return (
    <Panel title='Recent notifications'>
      <Loaded of={page} what='the notifications' height={120}>
        {({ notifications }) => notifications.length === 0
          ? <p class='muted'>Nobody was told of anything yet.</p>
          : <ul class='history notices'>{notifications.map((one) => <Notice key={one.id} notice={one} onDone={page.refresh} />)}</ul>}
      </Loaded>
    </Panel>
  )
}

function Notice ({ notice: { id, created_at: at, rule, type, channel, state, attempts, next_at: next, alert_id: alert, repeat }, onDone }: { notice: Notification, onDone: () => void }): JSX.Element {
  const { isBusy, error, run } = useAction()
  const redeliver = (): void => { void run(async () => { await call('POST', `/notifications/${id}/redeliver`); onDone() }) }
  return (
    <li>
      <details>
        <summary>
          <time class='mono muted' dateTime={at} title={fullText(Date.parse(at))}>{clockText(Date.parse(at))}</time>
          <span class='grow'>{rule.name}</span>
          <span class='muted wide'>{NOTICES[type] ?? type}</span>
          <span class='muted'>{channel.name}</span>
          <span><DeliveryBadge state={state} attempts={attempts} nextAt={next} /></span>
        </summary>
        <div class='history-file'>
          <Attempts attempts={repeat === null ? attempts : [...attempts, repeat]} channelId={channel.id} />
          <p class='row'>
            <a href={`/dashboard/alerts/${alert}`}>See its alert</a>
            {isOperator.value && state !== 'pending' ? <button type='button' class='button small' disabled={isBusy.value} onClick={redeliver}>Send it again</button> : null}
            <span class='small faint mono'>{id}</span>
          </p>
          <ActionFault error={error.value} />
        </div>
      </details>
    </li>
  )
}
