import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { useSignal, type Signal } from '@preact/signals'
import { usePageKeys } from '../../core/page-keys.ts'
import type { EventList } from './event-list.ts'
import { EventLine, DividerLine } from './row.tsx'
import { rowAt, shiftOf, topsOf, windowOf, type Tops } from './row-window.ts'
import type { Row } from './rows.ts'
import { columns, exclude, include, isWrapped } from './view.ts'

const NARROW = matchMedia('(max-width: 759px)')
const USUAL = 25
const USUAL_NARROW = 49
/** Scrolling draws anew when it has come so far. */
const STEP = 100
/** What the bars at the top of the page cover. */
export const COVERED = 100
const SOON = 1_500

interface Props {
  list: EventList
  rows: readonly Row[]
  count: number | undefined
  opened: Signal<ReadonlySet<string>>
  onToggle: (id: string) => void
  /** A row to be scrolled to and focused as soon as it is there. */
  wanted: Signal<string | undefined>
  box: { current: HTMLDivElement | null }
}

/** The events as a grid, of which only the rows that are seen are there. */
export function RowList ({ list, rows, count, opened, onToggle, wanted, box }: Props): JSX.Element {
  const active = useSignal<string | undefined>(undefined)
  const { heights, measure, version } = useHeights(box, rows)
  const seen = useSeen(box)
  const ids = useMemo(() => rows.map(({ id }) => id), [rows])
  const tops = useMemo(() => topsOf(ids, heights, NARROW.matches ? USUAL_NARROW : USUAL), [ids, version])
  const { first, last } = windowOf(tops, seen.value)
  const known = ids.indexOf(active.value ?? '')
  const place = known < 0 ? rowAt(tops, seen.value.top === 0 ? 0 : seen.value.top + COVERED) : known
  const shown = new Set(Array.from({ length: last - first }, (_, at) => first + at))
  // The row with the focus keeps it, wherever it is.
  if (rows.length > 0) shown.add(place)

  useEffect(() => { if (rows.length > 0 && (tops.at(-1) ?? 0) - seen.value.top - seen.value.height < SOON) list.more() }, [rows, last])
  const id = wanted.value
  useLayoutEffect(() => {
    if (id === undefined) return
    const element = box.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`)
    if (element === null || element === undefined) return scrollToRow(box.current, tops, ids.indexOf(id))
    wanted.value = undefined
    active.value = id
    element.focus({ preventScroll: true })
    element.scrollIntoView({ block: 'nearest' })
  })
  const move = (to: number): void => { wanted.value = ids[Math.min(Math.max(to, 0), ids.length - 1)] }
  const from = (): number => box.current?.contains(document.activeElement) === true ? place : topRow(tops, COVERED - (box.current?.getBoundingClientRect().top ?? 0)) - 1
  usePageKeys({
    ...gridKeys({ move, from, end: ids.length - 1 }),
    Enter: () => active.value === undefined || !isOnRow() ? false : onToggle(active.value),
    Escape: () => { const id = active.value; if (id === undefined || !opened.value.has(id)) return false; onToggle(id); wanted.value = id },
    i: () => withFocusedTerm(include),
    x: () => withFocusedTerm(exclude),
    '/': () => { document.getElementById('event-filter')?.focus() }
  })
  return (
    <div
      ref={box} class={`rows${isWrapped.value ? ' wrapped' : ''}`} role='grid' aria-label='Events' aria-rowcount={count ?? -1} aria-colcount={4 + columns.value.length}
      style={{ paddingTop: `${tops[first] ?? 0}px`, paddingBottom: `${(tops.at(-1) ?? 0) - (tops[last] ?? 0)}px` }}
      onFocusIn={({ target }) => { if (target instanceof HTMLElement) active.value = target.closest<HTMLElement>('[data-id]')?.dataset['id'] ?? active.value }}
      onKeyDown={(event) => { if (isOnRow()) onGridKey(event, { move, from, end: ids.length - 1 }) }}
    >
      <ColumnHeads />
      {[...shown].sort((a, b) => a - b).map((at) => {
        const row = rows[at]
        if (row === undefined) return null
        const style = at < first || at >= last ? { position: 'absolute', top: `${tops[at] ?? 0}px`, left: '0px', right: '0px' } : undefined
        return row.kind === 'divider'
          ? <DividerLine key={row.id} row={row} index={at} isActive={at === place} measure={measure} style={style} />
          : <EventLine key={row.id} event={row.event} index={at} isOpen={opened.value.has(row.id)} isActive={at === place} measure={measure} style={style} onToggle={onToggle} />
      })}
    </div>
  )
}

function ColumnHeads (): JSX.Element {
  return (
    <div role='row' aria-rowindex={1} class={columns.value.length === 0 ? 'hidden' : 'heads'}>
      {['', 'Time', 'Level', 'Service', ...columns.value, 'Message'].filter((name, at) => at > 0 || name !== '').map((name) => (
        <span key={name} role='columnheader' class={name === 'Message' ? 'message' : name === 'Time' ? 'time' : name === 'Level' ? 'level' : name === 'Service' ? 'service' : 'column'}>{name}</span>
      ))}
    </div>
  )
}

interface Moves {
  move: (to: number) => void
  from: () => number
  end: number
}

const PAGE_ROWS = 15

function gridKeys ({ move, from }: Moves): Record<string, () => void> {
  return { j: () => move(from() + 1), k: () => move(from() - 1) }
}

function onGridKey (event: KeyboardEvent, { move, from, end }: Moves): void {
  const places: Record<string, number> = { ArrowDown: from() + 1, ArrowUp: from() - 1, PageDown: from() + PAGE_ROWS, PageUp: from() - PAGE_ROWS, Home: 0, End: end }
  const to = places[event.key]
  if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return
  event.preventDefault()
  move(to)
}

function isOnRow (): boolean {
  return document.activeElement instanceof HTMLElement && document.activeElement.dataset['id'] !== undefined
}

function withFocusedTerm (does: (term: string) => void): boolean {
  const term = document.activeElement?.closest<HTMLElement>('[data-term]')?.dataset['term']
  if (term === undefined) return false
  does(term)
  return true
}

/** The first row that is seen whole. */
function topRow (tops: Tops, y: number): number {
  return Math.max(tops.findIndex((top) => top >= y), 0)
}

function scrollToRow (box: HTMLElement | null, tops: Tops, at: number): void {
  if (box === null || at < 0) return
  const top = box.getBoundingClientRect().top + scrollY + (tops[at] ?? 0)
  scrollTo({ top: top - innerHeight / 3, behavior: 'instant' })
}

/** Which part of the list is seen, in steps. */
function useSeen (box: Props['box']): Signal<{ top: number, height: number }> {
  const seen = useSignal({ top: 0, height: innerHeight })
  useEffect(() => {
    const look = (): void => {
      const top = Math.max(Math.floor(-(box.current?.getBoundingClientRect().top ?? 0) / STEP) * STEP, 0)
      const height = Math.ceil(innerHeight / STEP) * STEP + STEP
      if (top !== seen.peek().top || height !== seen.peek().height) seen.value = { top, height }
    }
    look()
    addEventListener('scroll', look, { passive: true })
    addEventListener('resize', look)
    return () => { removeEventListener('scroll', look); removeEventListener('resize', look) }
  }, [])
  return seen
}

interface Heights {
  heights: ReadonlyMap<string, number>
  /** Counts changes. */
  version: number
  measure: (element: HTMLElement | null) => void
}

/** Measures rows as they are drawn; when one above what is seen turns out higher, the page is scrolled by as much. */
function useHeights (box: Props['box'], rows: readonly Row[]): Heights {
  const heights = useRef(new Map<string, number>())
  const version = useSignal(0)
  const shift = useRef(0)
  const observer = useMemo(() => new ResizeObserver((entries) => {
    const usual = NARROW.matches ? USUAL_NARROW : USUAL
    const listTop = box.current?.getBoundingClientRect().top ?? 0
    const changes = entries.flatMap(({ target, borderBoxSize }) => {
      const id = target instanceof HTMLElement && target.isConnected ? target.dataset['id'] : undefined
      const after = Math.round((borderBoxSize[0]?.blockSize ?? 0) * 100) / 100
      const before = heights.current.get(id ?? '') ?? usual
      if (id === undefined || after === 0 || Math.abs(after - before) < 0.5) return []
      heights.current.set(id, after)
      return [{ top: target.getBoundingClientRect().top - listTop, before, after }]
    })
    if (changes.length === 0) return
    shift.current += shiftOf(changes, COVERED - listTop)
    version.value++
  }), [])
  useLayoutEffect(() => {
    if (shift.current !== 0) scrollBy({ top: shift.current, behavior: 'instant' })
    shift.current = 0
  }, [version.value])
  useEffect(() => () => observer.disconnect(), [])
  useEffect(() => {
    if (heights.current.size < 2 * rows.length + 1_000) return
    const kept = new Set(rows.map(({ id }) => id))
    for (const id of heights.current.keys()) if (!kept.has(id)) heights.current.delete(id)
  }, [rows])
  const measure = useMemo(() => (element: HTMLElement | null): void => { if (element !== null) observer.observe(element) }, [])
  return { heights: heights.current, version: version.value, measure }
}
