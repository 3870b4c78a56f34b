import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import { param } from '../core/router.ts'
import { followRange, isFollowing, isUtc, QUICK_RANGES, range, rangeName, readTime, recentRanges, rememberRange, setUtc, shortRangeName, showFrom, showRange, textOf, zoneName } from '../core/times.ts'
import { Icon } from '../ui/icon.tsx'
import { Menu } from '../ui/menu.tsx'

const RELATIVE = /^-\d{1,9}[smhdw]$/

/** Which time the page shows: quick ranges, two texts, those that were typed before, and the zone. */
export function RangeMenu (): JSX.Element {
  return (
    <Menu label={`Time range: ${rangeName.value}`} isRight class='button range' button={<><Icon name='clock' /><span class='range-name wide'>{rangeName.value}</span><span class='range-name phone'>{shortRangeName.value}</span></>}>
      {(close) => (
        <>
          {QUICK_RANGES.map(({ from, name, key }) => (
            <button key={from} type='button' onClick={() => { followRange(from); close() }}>{name}<kbd>t {key}</kbd></button>
          ))}
          <CustomRange onDone={close} />
          {recentRanges.value.map(({ from, to }) => (
            <button key={`${from} ${to}`} type='button' class='muted' onClick={() => { if (show(from, to) === undefined) close() }}>{from} to {to}</button>
          ))}
          <button type='button' role='menuitemcheckbox' aria-checked={isUtc.value} onClick={() => setUtc(!isUtc.value)}>{isUtc.value ? 'Times in UTC' : 'Show times in UTC'}<span class='faint small end'>{zoneName()}</span></button>
        </>
      )}
    </Menu>
  )
}

function CustomRange ({ onDone }: { onDone: () => void }): JSX.Element {
  const fault = useSignal('')
  const to = useRef<HTMLInputElement>(null)
  const apply = (event: SubmitEvent): void => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    const form = new FormData(event.currentTarget)
    const texts = { from: String(form.get('from')).trim(), to: String(form.get('to')).trim() }
    const wrong = show(texts.from, texts.to)
    fault.value = wrong ?? ''
    if (wrong !== undefined) return
    rememberRange(texts)
    onDone()
  }
  return (
    <form class='stack range-form' onSubmit={apply} key={String(isUtc.value)}>
      <label class='field'><span>From</span><input class='input mono' name='from' placeholder='yesterday 14:00' defaultValue={isFollowing.value ? param('from') ?? '-1h' : textOf(range.value.from)} /></label>
      <label class='field'><span>To</span><input class='input mono' name='to' ref={to} placeholder='now' defaultValue={isFollowing.value ? 'now' : textOf(range.value.to)} /></label>
      <p class='small faint'>Times are {zoneName()} unless they say their zone; -90m is from now.</p>
      {fault.value === '' ? null : <p class='fault' role='alert'>{fault.value}</p>}
      <div class='row'><button type='submit' class='button primary'>Show this range</button><button type='button' class='button' onClick={() => { if (to.current !== null) to.current.value = 'now' }}>Now</button></div>
    </form>
  )
}

/** Shows the range that two texts say; answers what is wrong with them. */
function show (fromText: string, toText: string): string | undefined {
  const [from, to] = [readTime(fromText), readTime(toText)]
  if (from === undefined || to === undefined) return `${from === undefined ? fromText || 'Nothing' : toText || 'Nothing'} is no time: write 2026-01-31 14:00, yesterday 14:00, -90m or now.`
  if (from >= to) return 'The range ends before it begins.'
  if (toText !== 'now') showRange(from, to)
  else if (RELATIVE.test(fromText)) followRange(fromText)
  else showFrom(from)
  return undefined
}
