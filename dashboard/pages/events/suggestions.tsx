import type { JSX } from 'preact'
import type { Facets } from '../../../schemas/event-query.ts'
import { get } from '../../core/api.ts'
import { countText } from '../../core/format.ts'
import { useResource } from '../../core/resource.ts'
import { typedAt, withoutField } from './query-text.ts'
import { filters, steadyRange } from './view.ts'

/** What may be typed next. */
export interface Offer {
  text: string
  note: string
  /** It ends a term. */
  isWhole: boolean
}

const FIELDS = ['level', 'service', 'type', 'host', 'severity', 'message', 'trace_id', 'pattern', 'anomaly']
const COUNTED = /^(level|severity|service|type|host|meta\.[A-Za-z0-9_@$.-]{1,200})$/
const MOST = 12
const MOST_VALUES = 200
const STEADY_MS = 60_000

/** Fields whose name goes on from what is typed, then values of the field with their counts. */
export function useOffers (draft: string, before: string, fields: readonly string[], isOffering: boolean): readonly Offer[] {
  const typed = isOffering ? typedAt(draft) : undefined
  const field = typed?.field !== undefined && COUNTED.test(typed.field) ? typed.field : undefined
  const values = useValues(field, withoutField(before, field ?? ''))
  if (typed === undefined) return []
  if (typed.field === undefined) return typed.part === '' ? [] : namesOf(fields, typed.part)
  return matching(values, typed.part, ({ text }) => text)
}

function namesOf (fields: readonly string[], part: string): Offer[] {
  const names = [...FIELDS, ...fields.filter((name) => name.startsWith('meta.'))]
  return matching(names.map((name) => ({ text: name === 'level' ? 'level>=' : name === 'message' ? 'message~' : `${name}:`, note: 'field', isWhole: false })), part, ({ text }) => text)
}

function matching (offers: readonly Offer[], part: string, textOf: (offer: Offer) => string): Offer[] {
  const wanted = part.toLowerCase()
  const found = offers.filter((offer) => textOf(offer).toLowerCase().includes(wanted))
  return found.sort((a, b) => Number(textOf(b).toLowerCase().startsWith(wanted)) - Number(textOf(a).toLowerCase().startsWith(wanted))).slice(0, MOST)
}

function useValues (field: string | undefined, q: string): Offer[] {
  const { from, to } = steadyRange(1, STEADY_MS)
  const values = useResource(field === undefined ? '' : `${field} ${q} ${from} ${to}`, async (signal) => {
    if (field === undefined) return []
    const { values: found } = await get<Facets>('/events/facets', { ...filters(q, { from, to }), field, limit: MOST_VALUES }, { signal })
    return found.map(({ value, count }) => ({ text: field === 'level' || field === 'severity' ? value.toLowerCase() : value, note: countText(count), isWhole: true }))
  })
  return field === undefined ? [] : values.data ?? []
}

export function Suggestions ({ offers, chosen, onTake }: { offers: readonly Offer[], chosen: number, onTake: (offer: Offer) => void }): JSX.Element | null {
  if (offers.length === 0) return null
  return (
    <ul id='offers' role='listbox' aria-label='What may be typed next' class='menu palette'>
      {offers.map((offer, at) => (
        <li key={offer.text} id={`offer-${at}`} role='option' aria-selected={at === chosen} onPointerDown={(event) => { event.preventDefault(); onTake(offer) }}>
          <code>{offer.text}</code><span class='faint small'>{offer.note}</span>
        </li>
      ))}
    </ul>
  )
}
