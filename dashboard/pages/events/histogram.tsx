import type { JSX } from 'preact'
import { useSignal, type Signal } from '@preact/signals'
import { LEVELS } from '../../../schemas/words.ts'
import { countText, spanText } from '../../core/format.ts'
import type { Resource } from '../../core/resource.ts'
import { clockText, fullText, showRange } from '../../core/times.ts'
import { Icon, type IconName } from '../../ui/icon.tsx'
import { Loaded } from '../../ui/panel.tsx'
import { Brush, type Span } from './brush.tsx'
import { BAR_TONES, highestOf, matchedIn, pathOf, type BarTone, type LevelBar } from './histogram-bars.ts'
import type { Counts } from './histogram-data.ts'

const WIDTH = 1_000
const HEIGHT = 86
const MARKS = 5
const WORDS: Record<BarTone, string> = { unmatched: 'hidden by the filter', ordinary: 'info and below', warning: 'warn', critical: 'error and fatal' }
const SHAPES: Partial<Record<BarTone, IconName>> = { warning: 'warning', critical: 'critical' }

/** The events over time by level, with what the filter hides under them. A span can be selected and zoomed into. */
export function HistogramPanel ({ counts }: { counts: Resource<Counts> }): JSX.Element {
  const selected = useSignal<Span | undefined>(undefined)
  const isTable = useSignal(false)
  return (
    <section class='panel histogram' aria-label='Events over time' aria-busy={counts.isLoading}>
      {counts.isLoading && counts.data !== undefined ? <div class='refreshing' /> : null}
      <div class='panel-body'>
        <Loaded of={counts} what='the events over time' height={HEIGHT + 44}>
          {(data) => (
            <>
              <Plot counts={data} selected={selected} />
              <p class='axis'>{Array.from({ length: MARKS }, (_, at) => <span key={at}>{clockText(data.from + (data.to - data.from) * at / (MARKS - 1))}</span>)}</p>
              <div class='row legend'>
                {BAR_TONES.filter((tone) => data.bars.some(({ parts }) => parts[tone] > 0)).map((tone) => (
                  <span key={tone} class={`${tone}${data.isFiltered ? ' filtered' : ''}`}>{SHAPES[tone] === undefined ? <i /> : <Icon name={SHAPES[tone]} />}{WORDS[tone]}</span>
                ))}
                {data.partFrom === undefined ? null : <span class='badge warning'>Only what came since {clockText(data.partFrom)} was counted in time</span>}
                <Selected counts={data} selected={selected} />
                <button type='button' class='button plain small' aria-expanded={isTable.value} onClick={() => { isTable.value = !isTable.value }}>{isTable.value ? 'Hide table' : 'View as table'}</button>
              </div>
              {isTable.value ? <BarsTable bars={data.bars} /> : null}
            </>
          )}
        </Loaded>
      </div>
    </section>
  )
}

function Plot ({ counts, selected }: { counts: Counts, selected: Signal<Span | undefined> }): JSX.Element {
  const { bars, from, to, matched, total, isFiltered } = counts
  const most = Math.max(highestOf(bars), 1)
  const label = `${countText(matched)}${isFiltered ? ` of ${countText(total)}` : ''} events, at most ${countText(most)} in ${spanText((bars[0]?.to ?? 0) - (bars[0]?.from ?? 0))}`
  return (
    <div class='plot'>
      <svg role='img' aria-label={label} width='100%' height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio='none' class={isFiltered ? 'filtered' : ''}>
        {BAR_TONES.map((tone) => <path key={tone} class={tone} d={pathOf(bars, tone, { from, to, width: WIDTH, height: HEIGHT, most })} />)}
      </svg>
      <Brush bars={bars} from={from} to={to} selected={selected} />
    </div>
  )
}

function Selected ({ counts: { bars }, selected }: { counts: Counts, selected: Signal<Span | undefined> }): JSX.Element {
  const span = selected.value
  if (span === undefined) return <span class='grow' />
  return (
    <span class='grow selection' role='status'>
      <b>{clockText(span.from)} to {clockText(span.to)}</b> selected, {countText(matchedIn(bars, span))} events.
      {' '}<button type='button' class='button small' onClick={() => { selected.value = undefined; showRange(span.from, span.to) }}>Zoom in</button>
      <span class='wide'> Enter zooms, Esc clears</span>
    </span>
  )
}

function BarsTable ({ bars }: { bars: readonly LevelBar[] }): JSX.Element {
  const levels = LEVELS.filter((level) => bars.some(({ byLevel }) => (byLevel[level] ?? 0) > 0)).reverse()
  return (
    <div class='chart-rows' tabIndex={0} role='region' aria-label='Events over time as a table'>
      <table>
        <thead><tr><th scope='col'>From</th>{levels.map((level) => <th key={level} scope='col' class='number'>{level.toLowerCase()}</th>)}<th scope='col' class='number'>hidden by the filter</th></tr></thead>
        <tbody>
          {bars.toReversed().map(({ from, byLevel, parts }) => (
            <tr key={from}><th scope='row'>{fullText(from)}</th>{levels.map((level) => <td key={level} class='number'>{countText(byLevel[level] ?? 0)}</td>)}<td class='number'>{countText(parts.unmatched)}</td></tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
