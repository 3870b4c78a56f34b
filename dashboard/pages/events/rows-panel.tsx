import type { JSX } from 'preact'
import type { Signal } from '@preact/signals'
import { countText } from '../../core/format.ts'
import { hrefOf, setParams } from '../../core/router.ts'
import { isFollowing, range } from '../../core/times.ts'
import { isStale } from '../../stream/live.ts'
import { Menu } from '../../ui/menu.tsx'
import { Loaded } from '../../ui/panel.tsx'
import { EmptyRows } from './empty-rows.tsx'
import type { EventList } from './event-list.ts'
import type { Counts } from './histogram-data.ts'
import { COVERED, RowList } from './row-list.tsx'
import { heldCount } from './rows.ts'
import { centre, columns, filters, isWrapped, query, toggleColumn } from './view.ts'

interface Props {
  list: EventList
  counts: Counts | undefined
  opened: Signal<ReadonlySet<string>>
  wanted: Signal<string | undefined>
  box: { current: HTMLDivElement | null }
  onToggle: (id: string) => void
}

/** The rows with what stands above and below them. */
export function RowsPanel ({ list, counts, opened, wanted, box, onToggle }: Props): JSX.Element {
  const { rows, next } = list.rows.value
  const { isLoading, isLoadingMore, error, isCut, isGone } = list.state.value
  const hasRows = rows.length > 0
  const resource = { data: hasRows || (!isLoading && error === undefined) ? rows : undefined, error: isLoading || isLoadingMore ? undefined : error, isLoading, refresh: () => hasRows && next !== undefined ? list.more() : list.reload() }
  const toTop = (): void => {
    opened.value = new Set()
    if (document.activeElement instanceof HTMLElement && box.current?.contains(document.activeElement) === true) document.activeElement.blur()
    list.release()
    const top = box.current?.getBoundingClientRect().top ?? 0
    if (top < COVERED) scrollBy({ top: top - COVERED, behavior: 'instant' })
    setParams({ event: undefined }, { replace: true })
  }
  return (
    <section class='panel list' aria-label='Events' aria-busy={isLoading}>
      <RowsHead list={list} counts={counts} onTop={toTop} />
      {isLoading && hasRows ? <div class='refreshing' /> : null}
      {isGone ? <p class='note warning'>The event of this link is not kept any more.</p> : null}
      <Loaded of={resource} what='the events' height={400}>
        {() => hasRows ? <RowList list={list} rows={rows} count={counts?.matched} opened={opened} onToggle={onToggle} wanted={wanted} box={box} key={String(isWrapped.value)} /> : <EmptyRows total={counts?.total} />}
      </Loaded>
      <p class='row small muted foot'>
        {isCut ? <>The search took too long; these were found so far. <button type='button' class='button small' onClick={() => list.more()}>Search on</button></> : null}
        {isLoadingMore ? 'Reading more' : !isLoading && hasRows && next === undefined && centre.value === undefined ? 'The oldest event of this range that matches.' : null}
      </p>
    </section>
  )
}

function RowsHead ({ list, counts, onTop }: { list: EventList, counts: Counts | undefined, onTop: () => void }): JSX.Element {
  const waiting = heldCount(list.rows.value)
  return (
    <div class='list-head'>
      {centre.value === undefined
        ? <><b>{counts === undefined ? 'Events' : `${countText(counts.matched)} events`}</b><span class='small faint wide'><LiveWords list={list} /></span></>
        : <><b>Events around one event</b><span class='small faint wide'>of the same source, filters lifted</span><button type='button' class='button small' onClick={() => setParams({ around: undefined })}>Back to the filter</button></>}
      {waiting > 0 ? <button type='button' class='button primary small' onClick={onTop}>{countText(waiting)} new event{waiting === 1 ? '' : 's'}</button> : null}
      <span class='hidden' role='status'>{list.told.value}</span>
      <span class='grow' />
      <button type='button' class='button plain small wide' aria-pressed={isWrapped.value} onClick={() => setParams({ wrap: isWrapped.value ? undefined : '1' })}>Wrap</button>
      <ColumnsMenu />
      <ExportMenu />
    </div>
  )
}

function LiveWords ({ list }: { list: EventList }): JSX.Element {
  const sample = list.sample.value
  if (!isFollowing.value) return <>not following; Space follows</>
  if (isStale.value) return <>not connected, newer rows come when it is</>
  if (sample !== undefined) return <>showing {countText(sample.shown)} of {countText(sample.of)} a second</>
  return <>{list.rows.value.held.length > 0 ? 'held while you read' : 'new rows arrive at the top'}</>
}

function ColumnsMenu (): JSX.Element {
  return (
    <Menu label='Columns' class='button plain small wide' isRight button='Columns'>
      {() => (
        <>
          {columns.value.map((name) => <button key={name} type='button' role='menuitemcheckbox' aria-checked onClick={() => toggleColumn(name)}>{name}<span class='faint small'>take away</span></button>)}
          <form
            class='stack' style={{ padding: '6px 10px', gap: '6px' }} onSubmit={(event) => {
              event.preventDefault()
              const name = event.currentTarget instanceof HTMLFormElement ? String(new FormData(event.currentTarget).get('name')).trim() : ''
              if (name !== '' && !columns.value.includes(name)) toggleColumn(name)
            }}
          >
            <label class='field'><span>Field, such as meta.status</span><input class='input' name='name' /></label>
            <button type='submit' class='button small'>Add the column</button>
          </form>
        </>
      )}
    </Menu>
  )
}

function ExportMenu (): JSX.Element {
  const { from, to } = range.value
  const href = (format: string): string => hrefOf('/events/export', { ...filters(query.value, { from, to: Math.min(to, Date.now()) }), format, order: 'desc' })
  return (
    <Menu label='Export' class='button plain small' isRight button='Export'>
      {(close) => (
        <>
          <a href={href('ndjson')} download='events.ndjson' onClick={close}>Lines of JSON</a>
          <a href={href('csv')} download='events.csv' onClick={close}>CSV</a>
        </>
      )}
    </Menu>
  )
}
