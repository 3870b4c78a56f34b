import type { JSX } from 'preact'
import { figureText } from '../../core/format.ts'
import { hrefOf } from '../../core/router.ts'
import { clockText, fullText, preciseText } from '../../core/times.ts'
import { Panel } from '../../ui/panel.tsx'
import type { Process } from './evidence.ts'
import { LANE_WORDS, type Moment } from './moments.ts'

const AROUND_MS = 300_000

interface MomentsProps {
  moments: readonly Moment[]
  isTruncated: boolean
  /** Of the rule, when it counts events. */
  query: string | undefined
  /** When the limit was crossed. */
  at: number
}

/** What happened around the crossing, in its order, whatever told of it. */
export function Moments ({ moments, isTruncated, query, at }: MomentsProps): JSX.Element {
  const events = query === undefined ? undefined : hrefOf('/dashboard/events', { q: query, from: new Date(at - AROUND_MS).toISOString(), to: new Date(at + AROUND_MS).toISOString() })
  return (
    <Panel title='What happened around it' note='as it was frozen' actions={events === undefined ? undefined : <a href={events}>All events of its query</a>}>
      <ol class='course'>
        {moments.map((moment, index) => (
          <li key={index} class={moment.tone}>
            <time dateTime={new Date(moment.at).toISOString()} title={fullText(moment.at)}>{preciseText(moment.at).slice(0, 8)}</time>
            <span>
              <span class='small faint'>{LANE_WORDS[moment.lane]} </span>
              {moment.event === undefined ? moment.text : <a class='plain' href={hrefOf('/dashboard/events', { event: moment.event })}><code>{moment.text}</code></a>}
            </span>
          </li>
        ))}
      </ol>
      {isTruncated ? <p class='small faint'>It was shortened.</p> : null}
    </Panel>
  )
}

/** The busiest processes when the limit was crossed. */
export function Processes ({ processes }: { processes: readonly Process[] }): JSX.Element | null {
  if (processes.length === 0) return null
  return (
    <Panel title='Busiest processes' note='when its limit was crossed; 100 % is one core'>
      <table class='compact'>
        <thead><tr><th scope='col'>Process</th><th scope='col' class='number'>CPU</th><th scope='col' class='number'>Memory</th><th scope='col' class='wide'>Since</th></tr></thead>
        <tbody>
          {processes.map(({ pid, name, cpuPercent, rssBytes, startedAt, parent }) => (
            <tr key={pid}>
              <td>{name} <span class='faint small'>{pid}{parent === undefined ? '' : `, of ${parent}`}</span></td>
              <td class='number'>{figureText(cpuPercent, 'percent')}</td>
              <td class='number'>{figureText(rssBytes, 'bytes')}</td>
              <td class='wide'>{startedAt === undefined ? '' : <time dateTime={new Date(startedAt).toISOString()} title={fullText(startedAt)}>{clockText(startedAt)}</time>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  )
}
