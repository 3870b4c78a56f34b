import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import { hrefOf } from '../../core/router.ts'
import { Icon } from '../../ui/icon.tsx'
import { joinText, readQuery, typedAt, valueText, withoutChip, type Chip } from './query-text.ts'
import { Suggestions, useOffers, type Offer } from './suggestions.tsx'
import { query, setQuery } from './view.ts'

const TYPING_MS = 400
const SIGNS: Record<string, string> = { ':': '=', '>=': '≥', '<=': '≤', '~': 'contains' }
const HINT = 'Filter: words, "a phrase", service:api, level>=warn, -route:/health'

interface Props {
  /** Counts and time, at the right. */
  found: string
  /** Of the query of the address, when that cannot be read. */
  fault: string | undefined
  fields: readonly string[]
}

/** The query as chips with text after them; a click on a chip makes all of it text. */
export function FilterBar ({ found, fault, fields }: Props): JSX.Element {
  const chips = useSignal('')
  const draft = useSignal('')
  const told = useSignal<string | undefined>(undefined)
  const chosen = useSignal(-1)
  const isOffering = useSignal(false)
  const input = useRef<HTMLInputElement>(null)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const offers = useOffers(draft.value, chips.value, fields, isOffering.value)

  useEffect(() => {
    if (query.value === joinText(chips.value, draft.value)) return
    const isReadable = !('fault' in readQuery(query.value))
    chips.value = isReadable ? query.value : ''
    draft.value = isReadable ? '' : query.value
    told.value = undefined
  }, [query.value])
  useEffect(() => () => clearTimeout(timer.current), [])

  /** Shows what the query matches, unless it cannot be read: then that is told. */
  const apply = (isTyping: boolean): void => {
    clearTimeout(timer.current)
    const text = joinText(chips.value, draft.value)
    const read = readQuery(text)
    told.value = 'fault' in read ? read.fault : undefined
    if ('fault' in read) return
    if (!isTyping) { chips.value = text; draft.value = '' }
    setQuery(text, { isTyping })
  }
  const type = (text: string): void => {
    draft.value = text
    chosen.value = -1
    isOffering.value = true
    told.value = undefined
    clearTimeout(timer.current)
    timer.current = setTimeout(() => apply(true), TYPING_MS)
  }
  const take = ({ text, isWhole }: Offer): void => {
    const typed = typedAt(draft.value)
    if (typed === undefined) return
    draft.value = draft.value.slice(0, typed.start) + (typed.field === undefined ? text : valueText(text))
    chosen.value = -1
    if (isWhole) apply(false)
    input.current?.focus()
  }
  const edit = (chip: Chip): void => {
    const text = chips.value
    chips.value = ''
    draft.value = text
    requestAnimationFrame(() => { input.current?.focus(); input.current?.setSelectionRange(chip.start, chip.start + chip.text.length) })
  }
  const onKey = (event: KeyboardEvent): void => {
    const offer = offers[chosen.value]
    if (event.key === 'ArrowDown' && offers.length > 0) chosen.value = (chosen.value + 1) % offers.length
    else if (event.key === 'ArrowUp' && offers.length > 0) chosen.value = (Math.max(chosen.value, 0) + offers.length - 1) % offers.length
    else if ((event.key === 'Enter' || event.key === 'Tab') && offer !== undefined) take(offer)
    else if (event.key === 'Enter') { isOffering.value = false; apply(false) } else if (event.key === 'Escape' && offers.length > 0) isOffering.value = false
    else if (event.key === 'Escape' && draft.value !== '') type('')
    else if (event.key === 'Escape') input.current?.blur()
    else if (event.key === 'Backspace' && draft.value === '' && chips.value !== '') takeBack()
    else return
    event.preventDefault()
  }
  const takeBack = (): void => {
    const last = shownChips.at(-1)
    if (last === undefined) return
    chips.value = withoutChip(chips.value, shownChips.length - 1)
    draft.value = last.text
  }
  const read = readQuery(chips.value)
  const shownChips = 'fault' in read ? [] : read.chips
  // What is being typed is not wrong yet while something is offered.
  const wrong = offers.length > 0 ? undefined : told.value ?? (draft.value === query.value ? fault : undefined)
  return (
    <div class='filter' onFocusOut={(event) => { if (!(event.relatedTarget instanceof Node) || !event.currentTarget.contains(event.relatedTarget)) isOffering.value = false }}>
      <div class='filter-bar' role='search' aria-label='Filter of the events'>
        <Icon name='search' />
        {shownChips.map((chip, at) => <ChipButton key={`${at} ${chip.text}`} chip={chip} onEdit={() => edit(chip)} onRemove={() => { setQuery(withoutChip(query.value, at)) }} />)}
        <input
          ref={input} id='event-filter' aria-label='Filter' role='combobox' aria-expanded={offers.length > 0} aria-controls='offers' aria-autocomplete='list' aria-invalid={wrong !== undefined} aria-describedby='filter-fault'
          aria-activedescendant={chosen.value < 0 ? undefined : `offer-${chosen.value}`} autocomplete='off' autocapitalize='off' spellcheck={false}
          placeholder={shownChips.length === 0 ? HINT : undefined} value={draft.value} onInput={({ currentTarget }) => type(currentTarget.value)} onKeyDown={onKey} onFocus={() => { isOffering.value = true }}
        />
        <span class='small faint found'>{found}</span>
        <a class='button small' href={hrefOf('/dashboard/alerts', { new: 'events', q: query.value })}>Save as alert</a>
      </div>
      <Suggestions offers={offers} chosen={chosen.value} onTake={take} />
      <p class='fault' id='filter-fault' role='alert'>{wrong ?? ''}</p>
    </div>
  )
}

function ChipButton ({ chip: { text, name, op = ':', values, isExcluded }, onEdit, onRemove }: { chip: Chip, onEdit: () => void, onRemove: () => void }): JSX.Element {
  return (
    <span class={`chip${isExcluded ? ' excluded' : ''}`}>
      <button type='button' aria-label={`Edit ${text}`} onClick={onEdit}>
        {name === undefined ? text : <><b>{isExcluded ? 'not ' : ''}{name}</b> {SIGNS[op] ?? op} {values.join(', ')}</>}
      </button>
      <button type='button' class='remove' aria-label={`Remove ${text}`} onClick={onRemove}>×</button>
    </span>
  )
}
