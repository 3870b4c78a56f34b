import type { JSX } from 'preact'
import { useSignal } from '@preact/signals'
import type { AlertFile } from '../../../schemas/alert.ts'
import type { AlertLevel, RuleView } from '../../../schemas/rule.ts'
import { ALERT_LEVELS } from '../../../schemas/words.ts'
import { figureText, spanText } from '../../core/format.ts'
import { useAction } from '../../core/resource.ts'
import { pageHref } from '../../core/router.ts'
import { clockText } from '../../core/times.ts'
import { Badge } from '../../ui/badge.tsx'
import { ActionFault, Panel } from '../../ui/panel.tsx'
import { askReplay, type Replayed } from './replay-call.ts'
import { bodyOf, neighbourOf, replayRequest, sinceText, withLimit } from './replay-words.ts'
import { ReplayNote } from './replay-note.tsx'
import { SaveTest } from './save-test.tsx'
import { opText } from './words.ts'

const RANGES = ['-24h', '-7d', '-30d'] as const
const SHOWN = 20

/** What the rule would have done with another limit. */
export function ReplayPanel ({ file, rule }: { file: AlertFile, rule: RuleView }): JSX.Element {
  const levels = ALERT_LEVELS.filter((name) => rule.levels[name] !== undefined)
  const level = useSignal<AlertLevel>(file.severity !== null && levels.includes(file.severity) ? file.severity : levels[0] ?? 'warning')
  const limit = rule.levels[level.value]
  const value = useSignal(String(limit?.value ?? 0))
  const from = useSignal<string>('-7d')
  const replayed = useSignal<Replayed | undefined>(undefined)
  const { isBusy, error, run } = useAction()
  const replay = (event: SubmitEvent): void => {
    event.preventDefault()
    void run(async () => {
      const changed = withLimit(bodyOf(rule), level.value, Number(value.value))
      replayed.value = await askReplay(replayRequest(changed, from.value, { level: level.value, value: neighbourOf(Number(value.value), limit?.op ?? '>') }))
    })
  }
  return (
    <Panel title='Would it have fired with another limit?' actions={<SaveTest file={file} rule={rule} />}>
      <form class='row replay' onSubmit={replay}>
        <label class='field'><span>Level</span>
          <select class='input' value={level.value} onChange={({ currentTarget }) => { level.value = currentTarget.value === 'critical' ? 'critical' : 'warning'; value.value = String(rule.levels[level.value]?.value ?? 0) }}>
            {levels.map((name) => <option key={name} value={name}>{name}</option>)}
          </select>
        </label>
        <label class='field'><span>Limit, {opText(limit?.op)}{file.unit === '' ? '' : `, ${file.unit}`}</span><input class='input' type='number' step='any' required value={value.value} onInput={({ currentTarget }) => { value.value = currentTarget.value }} /></label>
        <label class='field'><span>Over</span>
          <select class='input' value={from.value} onChange={({ currentTarget }) => { from.value = currentTarget.value }}>{RANGES.map((one) => <option key={one} value={one}>{sinceText(one)}</option>)}</select>
        </label>
        <button type='submit' class='button' disabled={isBusy.value}>{isBusy.value ? 'It is replayed' : 'Replay the rule'}</button>
      </form>
      <ActionFault error={error.value} />
      {replayed.value === undefined ? null : <Answer replayed={replayed.value} unit={file.unit} />}
      <p class='small faint'>The code that runs it live goes over what is stored; nothing is changed. <a href={pageHref('/dashboard/alerts', { rule: rule.id })}>Change its limit</a></p>
    </Panel>
  )
}

function Answer ({ replayed: { answer, from }, unit }: { replayed: Replayed, unit: string }): JSX.Element {
  const newest = answer.firings.slice(-SHOWN).reverse()
  return (
    <>
      <ReplayNote answer={answer} from={from} unit={unit} />
      {newest.length === 0
        ? null
        : (
          <table class='compact'>
            <thead><tr><th scope='col'>From</th><th scope='col'>For</th><th scope='col'>Level</th><th scope='col' class='number'>Peak</th></tr></thead>
            <tbody>
              {newest.map(({ from: began, to, peak, level, labels }) => (
                <tr key={`${began} ${JSON.stringify(labels)}`}>
                  <td><time dateTime={began}>{clockText(Date.parse(began))}</time> <span class='faint small'>{Object.values(labels).join(', ')}</span></td>
                  <td>{to === null ? 'until the end' : spanText(Date.parse(to) - Date.parse(began))}</td>
                  <td><Badge tone={level}>{level}</Badge></td>
                  <td class='number'>{figureText(peak, unit)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          )}
      {answer.total > newest.length ? <p class='small faint'>The newest {newest.length} of {answer.total}.</p> : null}
    </>
  )
}
