import { computed } from '@preact/signals'
import { hrefOf, param, setParams } from '../../core/router.ts'
import { isFollowing, range, type Range } from '../../core/times.ts'
import { withTerm } from './query-text.ts'

/** What the address says of the events that are shown. */
export const query = computed(() => param('q') ?? '')
export const columns = computed(() => (param('cols') ?? '').split(',').filter((name) => name !== ''))
export const isWrapped = computed(() => param('wrap') === '1')
/** The event of a link, or the one that was opened last. */
export const openEvent = computed(() => param('event'))
/** The event whose neighbours are shown instead of what the query matches. */
export const centre = computed(() => param('around'))

/** Typing replaces what the address says; all else leaves a step to come back to. */
export function setQuery (q: string, { isTyping = false } = {}): void {
  setParams({ q: q === '' ? undefined : q, event: undefined, around: undefined }, { replace: isTyping })
}

export function include (term: string): void {
  setQuery(withTerm(query.value, term))
}

export function exclude (term: string): void {
  setQuery(withTerm(query.value, term, { isExcluded: true }))
}

export function toggleColumn (name: string): void {
  const now = columns.value
  const then = now.includes(name) ? now.filter((one) => one !== name) : [...now, name]
  setParams({ cols: then.length === 0 ? undefined : then.join(',') })
}

/** An address that shows one event to whoever opens it. */
export function eventLink (id: string): string {
  const { from, to } = range.value
  return new URL(hrefOf('/dashboard/events', { q: query.value, from: new Date(from).toISOString(), to: new Date(Math.min(to, Date.now())).toISOString(), event: id }), location.href).href
}

/** The filter as the API takes it. */
export function filters (q: string, { from, to }: { from: number, to: number | undefined }): Record<string, string | undefined> {
  return { q, from: new Date(from).toISOString(), to: to === undefined ? undefined : new Date(to).toISOString() }
}

/** The range in steps, for what is not worth asking for every ten seconds: it moves on by a part of a bar. */
export function steadyRange (parts: number, leastMs: number): Pick<Range, 'from' | 'to'> {
  const { from, to } = range.value
  if (!isFollowing.value) return { from, to }
  const span = to - from
  const step = Math.min(Math.max(Math.floor(span / parts / 4 / 10_000) * 10_000, leastMs), 300_000)
  const end = Math.ceil(to / step) * step
  return { from: end - span, to: end }
}
