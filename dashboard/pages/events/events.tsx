import type { JSX } from 'preact'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { useSignal, type Signal } from '@preact/signals'
import { countText } from '../../core/format.ts'
import { param, setParams } from '../../core/router.ts'
import { isFollowing, range } from '../../core/times.ts'
import { EventList } from './event-list.ts'
import { fieldNames } from './event-fields.ts'
import { FieldPanel } from './field-panel.tsx'
import { FilterBar } from './filter-bar.tsx'
import { HistogramPanel } from './histogram.tsx'
import { useCounts, type Counts } from './histogram-data.ts'
import { readQuery } from './query-text.ts'
import { COVERED } from './row-list.tsx'
import { RowsPanel } from './rows-panel.tsx'
import { centre, openEvent, query } from './view.ts'

const NAMED_FROM = 200

/** Filter, events over time, fields and rows. */
export function Events (): JSX.Element {
  const { shown, fault } = useGoodQuery()
  const box = useRef<HTMLDivElement>(null)
  const opened = useSignal<ReadonlySet<string>>(new Set())
  const wanted = useSignal<string | undefined>(undefined)
  const due = useRef<string | undefined>(undefined)
  const list = useMemo(() => new EventList(() => isBeingRead(box.current, opened.peek())), [])
  useEffect(() => () => list.close(), [])
  const times = isFollowing.value ? param('from') ?? '' : `${range.value.from} ${range.value.to}`
  useEffect(() => {
    if (shown === undefined) return
    const { from, to } = range.peek()
    list.open({ q: shown, from, to: isFollowing.peek() ? undefined : to, event: openEvent.peek() ?? centre.peek(), centre: centre.peek() })
  }, [shown, times, centre.value])
  useOpenedByAddress({ list, opened, wanted, due })

  const toggle = (id: string): void => {
    const isOpen = opened.value.has(id)
    opened.value = isOpen ? opened.value.difference(new Set([id])) : opened.value.union(new Set([id]))
    if (!isOpen) setParams({ event: id })
    else if (openEvent.value === id) setParams({ event: undefined })
  }
  const counts = useCounts(shown)
  const { rows } = list.rows.value
  const fields = useMemo(() => fieldNames(rows.slice(0, NAMED_FROM).flatMap((row) => row.kind === 'event' ? [row.event] : [])), [rows])
  return (
    <div class='stack events'>
      <FilterBar found={foundText(counts.data, list.state.value.tookMs)} fault={fault} fields={fields} />
      {list.state.value.hints.map((hint) => <p key={hint} class='note'>{hint}</p>)}
      {shown === undefined
        ? <p class='note'>Nothing is shown until the filter can be read.</p>
        : (
          <>
            <HistogramPanel counts={counts} />
            <div class='beside'>
              <FieldPanel q={shown} fields={fields} />
              <RowsPanel list={list} counts={counts.data} opened={opened} wanted={wanted} box={box} onToggle={toggle} />
            </div>
          </>
          )}
    </div>
  )
}

/** The query of the address, or the last one that could be read. */
function useGoodQuery (): { shown: string | undefined, fault: string | undefined } {
  const good = useRef<string | undefined>(undefined)
  const read = readQuery(query.value)
  if ('fault' in read) return { shown: good.current, fault: read.fault }
  good.current = query.value
  return { shown: query.value, fault: undefined }
}

interface Opening {
  list: EventList
  opened: Signal<ReadonlySet<string>>
  wanted: Signal<string | undefined>
  /** What has the focus when the list was read. */
  due: { current: string | undefined }
}

/** Opens and closes rows as Back and Forward change the address; reads one that is not in the list. */
function useOpenedByAddress ({ list, opened, wanted, due }: Opening): void {
  const before = useRef<string | undefined>(undefined)
  const { isLoading } = list.state.value
  useEffect(() => { due.current = centre.value ?? openEvent.value }, [centre.value])
  useEffect(() => {
    const [id, last] = [openEvent.value, before.current]
    before.current = id
    if (id !== undefined && !opened.value.has(id)) {
      opened.value = opened.value.union(new Set([id]))
      if (list.rows.value.rows.some((row) => row.id === id)) wanted.value = id
      else {
        due.current = id
        if (!list.state.value.isLoading) list.reload(id)
      }
    } else if (last !== undefined && last !== id && opened.value.has(last)) opened.value = opened.value.difference(new Set([last]))
  }, [openEvent.value])
  useEffect(() => {
    const id = due.current
    if (isLoading || id === undefined) return
    due.current = undefined
    if (list.rows.value.rows.some((row) => row.id === id)) wanted.value = id
  }, [isLoading])
}

/** Nothing may move while a row is open, text is selected, a row has the focus or the top is out of sight. */
function isBeingRead (box: HTMLElement | null, opened: ReadonlySet<string>): boolean {
  if (box === null) return false
  const selection = getSelection()
  const isSelecting = selection !== null && !selection.isCollapsed && box.contains(selection.anchorNode)
  return opened.size > 0 || isSelecting || box.contains(document.activeElement) || box.getBoundingClientRect().top < COVERED - 1
}

function foundText (counts: Counts | undefined, tookMs: number | undefined): string {
  if (counts === undefined) return ''
  const least = counts.partFrom === undefined ? '' : 'at least '
  const of = counts.isFiltered ? ` of ${countText(counts.total)}` : ''
  return `${least}${countText(counts.matched)}${of} events${tookMs === undefined ? '' : `, ${Math.round(tookMs)} ms`}`
}
