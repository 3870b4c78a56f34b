import type { JSX } from 'preact'
import { useSignal } from '@preact/signals'
import { LEVELS } from '../../../schemas/words.ts'
import type { Facets } from '../../../schemas/event-query.ts'
import { get } from '../../core/api.ts'
import { countText } from '../../core/format.ts'
import { useResource } from '../../core/resource.ts'
import { clockText } from '../../core/times.ts'
import { Failure } from '../../ui/panel.tsx'
import { chosenValues, termOf, withoutField, withValues } from './query-text.ts'
import { columns, filters, query, setQuery, steadyRange, toggleColumn } from './view.ts'

const FACETS = [{ field: 'level', title: 'Level' }, { field: 'service', title: 'Service' }, { field: 'type', title: 'Type' }, { field: 'host', title: 'Host' }] as const
const STEADY_MS = 30_000
const MOST_VALUES = 12
const MOST_FIELDS = 30

/** The commonest values of the usual fields as choices, and the fields that can become columns. */
export function FieldPanel ({ q, fields }: { q: string, fields: readonly string[] }): JSX.Element {
  const isOpen = useSignal(false)
  return (
    <section class='panel fields-panel' aria-label='Fields'>
      <button type='button' class='button small phones-only' aria-expanded={isOpen.value} onClick={() => { isOpen.value = !isOpen.value }}>Fields</button>
      <div class={isOpen.value ? 'stack' : 'stack folded'}>
        {FACETS.map(({ field, title }) => <FacetList key={field} field={field} title={title} q={q} />)}
        <div>
          <h3>Fields in these events</h3>
          <ul class='names'>
            {fields.slice(0, MOST_FIELDS).map((name) => (
              <li key={name}>
                <code title={name}>{name}</code>
                <button type='button' class='button plain small' aria-pressed={columns.value.includes(name)} aria-label={`Column ${name}`} onClick={() => toggleColumn(name)}>{columns.value.includes(name) ? '−' : '+'}</button>
              </li>
            ))}
          </ul>
        </div>
      </div>
    </section>
  )
}

function FacetList ({ field, title, q }: { field: string, title: string, q: string }): JSX.Element | null {
  const others = withoutField(q, field)
  const { from, to } = steadyRange(1, STEADY_MS)
  const facets = useResource(`${field} ${others} ${from} ${to}`, (signal) => get<Facets>('/events/facets', { ...filters(others, { from, to }), field, limit: MOST_VALUES }, { signal }))
  const chosen = chosenValues(q, field)
  const values = withChosen(facets.data?.values ?? [], chosen, field)
  if (facets.data === undefined && facets.error !== undefined) return <Failure error={facets.error} what={`the values of ${title.toLowerCase()}`} retry={facets.refresh} />
  if (values.length === 0) return null
  const most = Math.max(...values.map(({ count }) => count), 1)
  const choose = (value: string, isOn: boolean): void => {
    const now = new Set(chosen ?? [])
    if (isOn) now.add(value)
    else now.delete(value)
    setQuery(withValues(query.value, field, [...now]))
  }
  return (
    <fieldset class={facets.error === undefined ? '' : 'stale'}>
      <legend>{title}</legend>
      {values.map(({ value, count }) => (
        <label key={value} data-term={termOf(field, field === 'level' ? value.toLowerCase() : value)}>
          <input type='checkbox' checked={chosen?.has(value) ?? false} onChange={({ currentTarget }) => choose(value, currentTarget.checked)} />
          <span class='value-name' title={value}>{field === 'level' ? value.toLowerCase() : value}</span>
          <span class='faint'>{countText(count)}</span>
          <i style={{ width: `${count / most * 100}%` }} />
        </label>
      ))}
      {facets.data === undefined || facets.data.other === 0 ? null : <p class='small faint'>{countText(facets.data.other)} with other values</p>}
      {facets.data?.partial === undefined ? null : <p class='small faint'>Counted since {clockText(Date.parse(facets.data.partial.from))}</p>}
    </fieldset>
  )
}

/** What is chosen is there also when nothing has it; levels stand by their weight. */
function withChosen (values: Facets['values'], chosen: ReadonlySet<string> | undefined, field: string): Facets['values'] {
  const found = new Set(values.map(({ value }) => value))
  const all = [...values, ...[...chosen ?? []].filter((value) => !found.has(value) && field !== 'level').map((value) => ({ value, count: 0 }))]
  return field === 'level' ? all.sort((a, b) => weight(b.value) - weight(a.value)) : all
}

function weight (level: string): number {
  return LEVELS.findIndex((one) => one === level)
}
