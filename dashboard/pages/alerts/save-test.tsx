import type { JSX } from 'preact'
import { useSignal } from '@preact/signals'
import type { AlertFile } from '../../../schemas/alert.ts'
import type { Event } from '../../../schemas/event.ts'
import type { EventsPage } from '../../../schemas/event-query.ts'
import type { ReplayAnswer } from '../../../schemas/replay.ts'
import type { RuleView } from '../../../schemas/rule.ts'
import type { SeriesData } from '../../../schemas/sample.ts'
import { call, get } from '../../core/api.ts'
import { useAction } from '../../core/resource.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ActionFault } from '../../ui/panel.tsx'
import { isTestable, ruleTestText, spanOf, type Measured, type TestSpan } from './rule-test.ts'
import { queryOf, seriesOf } from './signal-line.ts'

const PAGE = 1_000
const MOST_PAGES = 5
const MOST_POINTS = 5_000

/** Makes a test of the rule out of what was measured around the alert. */
export function SaveTest ({ file, rule }: { file: AlertFile, rule: RuleView }): JSX.Element | null {
  const text = useSignal<string | undefined>(undefined)
  const { isBusy, error, run } = useAction()
  const span = spanOf(file, rule, Date.now())
  if (span === undefined || !isTestable(rule)) return null
  const make = (): void => {
    void run(async () => {
      const [measured, { firings }] = await Promise.all([measuredIn(file, rule, span), call<ReplayAnswer>('POST', '/rules/replay', { body: { rule: rule.id, ...timesOf(span) } })])
      text.value = ruleTestText({ file, rule, span, measured, firings })
    })
  }
  return (
    <>
      <ActionFault error={error.value} />
      <button type='button' class='button small' disabled={isBusy.value} onClick={make}>Save as test</button>
      {text.value === undefined
        ? null
        : (
          <Dialog title='A test of the rule' onClose={() => { text.value = undefined }}>
            <p class='muted'>Put it into <code>bellwether.yaml</code>; <code>bellwether rules test</code> then tells whether a change of the rule would miss this alert. It holds what was measured, and what the rule makes of it as it is now{rule.version === file.rule.version ? '' : `, which is version ${rule.version}: the alert began with version ${file.rule.version}`}.</p>
            <textarea class='input mono' readOnly rows={12} aria-label='The test' value={text.value} onFocus={({ currentTarget }) => currentTarget.select()} />
            <div class='row'>
              <CopyButton class='button primary' text={() => text.value ?? ''}>Copy the test</CopyButton>
              <button type='button' class='button' onClick={() => { text.value = undefined }}>Close</button>
            </div>
          </Dialog>
          )}
    </>
  )
}

function timesOf ({ from, to }: TestSpan): { from: string, to: string } {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
}

async function measuredIn (file: AlertFile, rule: RuleView, span: TestSpan): Promise<Measured> {
  const times = timesOf(span)
  const signal = new AbortController().signal
  if ('metric' in rule.signal) {
    const groups = Object.fromEntries(Object.entries(file.labels).filter(([name]) => rule.group_by?.includes(name) === true))
    const found = await seriesOf(rule.signal, groups, signal)
    return { series: await Promise.all(found.map(({ name, labels }) => get<SeriesData>('/series/data', { name, labels: JSON.stringify(labels), ...times, max_points: MOST_POINTS }))) }
  }
  const query = queryOf(rule.signal) ?? ''
  const events: Event[] = []
  let cursor: string | undefined
  for (let page = 0; page < MOST_PAGES; page++) {
    const { events: found, next } = await get<EventsPage>('/events', { q: query, ...times, order: 'asc', limit: PAGE, total: 'none', cursor })
    events.push(...found)
    if (next === null) break
    cursor = next
  }
  return { events }
}
