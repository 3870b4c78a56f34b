import type { JSX } from 'preact'
import type { RuleView } from '../../../schemas/rule.ts'
import { firing, openAlerts } from '../../core/firing.ts'
import { countText, numberWord } from '../../core/format.ts'
import type { Resource } from '../../core/resource.ts'
import { clockText } from '../../core/times.ts'
import { Badge } from '../../ui/badge.tsx'
import { Loaded } from '../../ui/panel.tsx'

/** One sentence: is something wrong, and since when. */
export function Verdict ({ alerts, rules }: { alerts: Resource<void>, rules: readonly RuleView[] | undefined }): JSX.Element {
  if (openAlerts.value === undefined) return <Loaded of={{ ...alerts, data: undefined }} what='the alerts' height={60}>{() => null}</Loaded>
  const all = firing.value
  const wrong = all.filter(({ acknowledged_by: by, silenced_by: silence }) => by === null && silence === null)
  const known = all.length - wrong.length
  const critical = new Set(all.filter(({ severity }) => severity === 'critical').map(({ rule }) => rule.id)).size
  const troubled = new Set(all.map(({ rule }) => rule.id))
  const enabled = (rules ?? []).filter((rule) => rule.enabled && !rule.draft)
  return (
    <section class='verdict' aria-label='Verdict'>
      <div>
        <h2>{sentence(wrong.length, known)}</h2>
        <p class='muted'>{since(wrong.map(({ fired_at: at, started_at: began }) => Date.parse(at ?? began)), known)}</p>
      </div>
      <div class='row'>
        {critical > 0 ? <Badge tone='critical'>{countText(critical)} critical</Badge> : null}
        {troubled.size - critical > 0 ? <Badge tone='warning'>{countText(troubled.size - critical)} warning</Badge> : null}
        {rules === undefined ? null : <Badge tone='healthy'>{countText(enabled.filter(({ id }) => !troubled.has(id)).length)} rules healthy</Badge>}
      </div>
    </section>
  )
}

function sentence (count: number, known: number): string {
  if (count === 0) return known === 0 ? 'All quiet' : 'Nothing needs attention'
  return count === 1 ? 'One thing needs attention' : `${numberWord(count)} things need attention`
}

/** `known` fire too, but somebody knows of them. */
function since (times: readonly number[], known: number): string {
  const others = `${numberWord(known)} ${times.length === 0 ? '' : 'more '}${known === 1 ? 'fires and is' : 'fire and are'} acknowledged or silenced.`
  if (times.length === 0) return known === 0 ? 'Nothing that a rule watches is over its limit.' : others
  const [first, last] = [Math.min(...times), Math.max(...times)]
  const isTogether = last - first < 120_000
  const began = times.length === 1 ? `It began at ${clockText(first)}.` : isTogether ? `${times.length === 2 ? 'Both' : 'All'} began at ${clockText(first)}.` : `The first began at ${clockText(first)}, the last at ${clockText(last)}.`
  return `${began} ${known === 0 ? 'No other rule fires.' : others}`
}
