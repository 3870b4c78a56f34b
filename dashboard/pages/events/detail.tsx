import type { JSX } from 'preact'
import { useSignal } from '@preact/signals'
import type { Event } from '../../../schemas/event.ts'
import { bytesText } from '../../core/format.ts'
import { setParams } from '../../core/router.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { cutText, fieldsOf, prettyJson, type Field } from './event-fields.ts'
import { termOf } from './query-text.ts'
import { centre, eventLink, exclude, include, setQuery } from './view.ts'

/** The message whole, and every field with what can be done with its value. */
export function EventDetail ({ event }: { event: Event }): JSX.Element {
  const json = prettyJson(event.message)
  const trace = event.trace_id === null ? undefined : termOf('trace_id', event.trace_id)
  return (
    <div role='gridcell' class='detail'>
      <div class='fields'>
        <div class='field-row'>
          <span class='name'>message</span>
          <span class='text'><LongText text={json ?? event.message} /></span>
          <span class='does'><CopyButton class='button small plain' label='Copy the message' text={() => event.message}>copy</CopyButton></span>
        </div>
        {fieldsOf(event).map((field) => <FieldRow key={field.name} field={field} />)}
      </div>
      <div class='row'>
        <CopyButton class='button small' text={() => eventLink(event.id)}>Link to this event</CopyButton>
        {centre.value === event.id ? null : <button type='button' class='button small' onClick={() => setParams({ around: event.id, event: event.id })}>Events around it</button>}
        {trace === undefined ? null : <button type='button' class='button small' onClick={() => setQuery(trace)}>All of its trace</button>}
      </div>
    </div>
  )
}

function FieldRow ({ field: { name, text, term } }: { field: Field }): JSX.Element {
  return (
    <div class='field-row' data-term={term}>
      <span class='name'>{name}</span>
      <span class='text'><LongText text={text} /></span>
      <span class='does'>
        {term === undefined
          ? null
          : (
            <>
              <button type='button' class='button plain small' aria-label={`Only events with ${name} ${text.slice(0, 80)}`} title='Include (i)' onClick={() => include(term)}>+</button>
              <button type='button' class='button plain small' aria-label={`No events with ${name} ${text.slice(0, 80)}`} title='Exclude (x)' onClick={() => exclude(term)}>−</button>
            </>
            )}
        <CopyButton class='button small plain' label={`Copy ${name}`} text={() => text}>copy</CopyButton>
      </span>
    </div>
  )
}

/** A text that is cut at 4 KB until the reader wants all of it. */
function LongText ({ text }: { text: string }): JSX.Element {
  const isWhole = useSignal(false)
  const { shown, bytes } = cutText(text)
  if (bytes === undefined || isWhole.value) return <>{text}</>
  return <>{shown}… <button type='button' class='button small' onClick={() => { isWhole.value = true }}>show all {bytesText(bytes)}</button></>
}
