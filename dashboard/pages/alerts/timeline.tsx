import type { JSX } from 'preact'
import type { AlertFile } from '../../../schemas/alert.ts'
import { figureText } from '../../core/format.ts'
import { fullText, preciseText } from '../../core/times.ts'
import { Panel } from '../../ui/panel.tsx'
import { transitionText } from './words.ts'

/** Every change of an alert, oldest first, and who made it. */
export function Timeline ({ file }: { file: AlertFile }): JSX.Element {
  return <Panel title='Timeline'><Steps file={file} /></Panel>
}

export function Steps ({ file: { timeline, unit } }: { file: AlertFile }): JSX.Element {
  return (
    <ol class='course'>
      {timeline.map((entry) => (
        <li key={entry.event_id} class={entry.to === 'resolved' ? 'healthy' : entry.severity ?? 'calm'}>
          <time dateTime={entry.time} title={fullText(Date.parse(entry.time))}>{preciseText(Date.parse(entry.time)).slice(0, 8)}</time>
          <span>
            {transitionText(entry)}
            <span class='small faint below'>{entry.value === null ? '' : `${figureText(entry.value, unit)}, `}{entry.actor === undefined ? 'by the service' : `by ${entry.actor}`}, version {entry.rule_version} of the rule</span>
          </span>
        </li>
      ))}
    </ol>
  )
}
