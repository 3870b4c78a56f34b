import type { JSX } from 'preact'
import { useSignal } from '@preact/signals'
import type { Event } from '../../../schemas/event.ts'
import { bytesText } from '../../core/format.ts'
import { setParams } from '../../core/router.ts'
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
          <span class='does'><Copy text={event.message} what='the message' /></span>
        </div>
        {fieldsOf(event).map((field) => <FieldRow key={field.name} field={field} />)}
      </div>
      <div class='row'>
        <Copy text={eventLink(event.id)} what='a link to this event' name='Link to this event' />
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
        <Copy text={text} what={name} />
      </span>
    </div>
  )
}

function Copy ({ text, what, name }: { text: string, what: string, name?: string }): JSX.Element {
  const told = useSignal('')
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(() => { told.value = 'copied' }, () => { told.value = 'not allowed here' })
    setTimeout(() => { told.value = '' }, 2_000)
  }
  return <button type='button' class={`button small${name === undefined ? ' plain' : ''}`} aria-label={told.value === '' ? `Copy ${what}` : told.value} onClick={copy}>{told.value === '' ? name ?? 'copy' : told.value}</button>
}

/** A text that is cut at 4 KB until the reader wants all of it. */
function LongText ({ text }: { text: string }): JSX.Element {
  const isWhole = useSignal(false)
  const { shown, bytes } = cutText(text)
  if (bytes === undefined || isWhole.value) return <>{text}</>
  return <>{shown}… <button type='button' class='button small' onClick={() => { isWhole.value = true }}>show all {bytesText(bytes)}</button></>
}
