import type { JSX } from 'preact'
import type { Overview } from '../../../schemas/overview.ts'
import { judge } from '../../../src/core/verdict.ts'
import { openAlerts } from '../../core/firing.ts'
import { countText, numberWord, spanText } from '../../core/format.ts'
import { useAction, type Resource } from '../../core/resource.ts'
import { clockText } from '../../core/times.ts'
import { Badge } from '../../ui/badge.tsx'
import { ActionFault } from '../../ui/panel.tsx'
import { lookNow } from './data.ts'

/** One sentence: is something wrong, and since when. Judged anew whenever an alert changes, by what the service judges by. */
export function Verdict ({ data, overview, age }: { data: Overview, overview: Resource<Overview>, age: string | undefined }): JSX.Element {
  const verdict = judge(openAlerts.value ?? data.alerts, data.rules)
  const { rules: { critical, warning, healthy }, waiting, attended } = verdict
  const { isBusy, error, run } = useAction()
  const refresh = (): void => { void run(async () => { await lookNow(); overview.refresh() }) }
  return (
    <section class='verdict' aria-label='Verdict'>
      <div>
        <h2>{sentence(waiting, attended)}{age === undefined ? null : <span class='small faint'> {age} old</span>}</h2>
        <p class='muted'>{since(verdict)}</p>
        {waiting + attended > 0 || data.last === null ? null : <p class='muted'>{lastText(data.last)}</p>}
        <ActionFault error={error.value} />
      </div>
      <div class='row'>
        {critical > 0 ? <Badge tone='critical'>{countText(critical)} critical</Badge> : null}
        {warning > 0 ? <Badge tone='warning'>{countText(warning)} warning</Badge> : null}
        <Badge tone='healthy'>{countText(healthy)} rules healthy</Badge>
        <button type='button' class='button small' disabled={isBusy.value} onClick={refresh}>Refresh now</button>
      </div>
    </section>
  )
}

function sentence (count: number, known: number): string {
  if (count === 0) return known === 0 ? 'All quiet' : 'Nothing needs attention'
  return count === 1 ? 'One thing needs attention' : `${numberWord(count)} things need attention`
}

function since ({ waiting, attended, first_at: first, last_at: last }: Overview['verdict']): string {
  const others = `${numberWord(attended)} ${waiting === 0 ? '' : 'more '}${attended === 1 ? 'fires and is' : 'fire and are'} acknowledged or silenced.`
  if (first === null || last === null) return attended === 0 ? 'Nothing that a rule watches is over its limit.' : others
  const [from, to] = [Date.parse(first), Date.parse(last)]
  const isTogether = to - from < 120_000
  const began = waiting === 1 ? `It began at ${clockText(from)}.` : isTogether ? `${waiting === 2 ? 'Both' : 'All'} began at ${clockText(from)}.` : `The first began at ${clockText(from)}, the last at ${clockText(to)}.`
  return `${began} ${attended === 0 ? 'No other rule fires.' : others}`
}

function lastText ({ rule, fired_at: fired, started_at: began, ended_at: ended }: NonNullable<Overview['last']>): string {
  const [from, to] = [Date.parse(fired ?? began), Date.parse(ended ?? began)]
  return `The last one was ${rule.name} at ${clockText(from)}, for ${spanText(Math.max(to - from, 0))}.`
}
