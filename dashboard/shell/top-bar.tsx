import type { JSX } from 'preact'
import { useSignal } from '@preact/signals'
import { path, setParams } from '../core/router.ts'
import { signOut, user } from '../core/session.ts'
import { followRange, isFollowing, isUtc, QUICK_RANGES, range, rangeName, readTime, setUtc, showRange, zoneName } from '../core/times.ts'
import { connection } from '../stream/live.ts'
import { Icon } from '../ui/icon.tsx'
import { Menu } from '../ui/menu.tsx'
import { chooseTheme, theme, THEME_CHOICES } from '../ui/theme.ts'
import { copied, copyLink, openPalette, toggleLive } from './actions.ts'

/** Title, search, range, live, link and theme: the same on every page. */
export function TopBar ({ title }: { title: string }): JSX.Element {
  return (
    <header class='top'>
      <h1>{title}</h1>
      <button type='button' class='button search wide' onClick={openPalette}><Icon name='search' />Search or jump to<kbd>/</kbd></button>
      <RangeMenu />
      <LiveToggle />
      <CopyLink />
      <ThemeMenu />
    </header>
  )
}

function LiveToggle (): JSX.Element {
  const isOn = isFollowing.value
  const isReady = connection.value.state === 'connected'
  return (
    <button type='button' class='button live' aria-pressed={isOn} title='Space' onClick={toggleLive}>
      <span class={`dot${isOn && isReady ? ' on' : ''}`} style={{ margin: 0 }} />
      {isOn && !isReady ? 'Reconnecting' : 'Live'}
    </button>
  )
}

function CopyLink (): JSX.Element {
  const told = copied.value
  return (
    <>
      <button type='button' class='button square plain wide' aria-label='Copy link' title={told === '' ? 'Copy link (c)' : told} onClick={() => { void copyLink() }}><Icon name={told === 'Copied' ? 'healthy' : 'link'} /></button>
      <span class='hidden' role='status'>{told}</span>
    </>
  )
}

function ThemeMenu (): JSX.Element {
  return (
    <Menu label='Theme and account' class='button square plain' isRight button={<Icon name='sun' />}>
      {(close) => (
        <>
          {THEME_CHOICES.map((choice) => (
            <button key={choice} type='button' role='menuitemradio' aria-checked={theme.value === choice} onClick={() => { chooseTheme(choice); close() }}>
              {choice === 'system' ? 'Theme of the system' : choice === 'dark' ? 'Dark' : 'Light'}
            </button>
          ))}
          <button type='button' class='phone' onClick={() => { close(); openPalette() }}><Icon name='search' />Search or jump to</button>
          <button type='button' class='phone' onClick={() => { close(); void copyLink() }}><Icon name='link' />Copy link</button>
          <a href='/dashboard/settings' onClick={close}><Icon name='settings' />Settings</a>
          <a href='/docs' target='_blank' rel='noreferrer'>API documentation</a>
          <button type='button' onClick={() => { void signOut() }}>Sign out {user.value?.username ?? ''}</button>
        </>
      )}
    </Menu>
  )
}

function RangeMenu (): JSX.Element {
  return (
    <Menu label={`Time range: ${rangeName.value}`} isRight class='button range' button={<><Icon name='clock' />{rangeName.value}</>}>
      {(close) => (
        <>
          {QUICK_RANGES.map(({ from, name, key }) => (
            <button key={from} type='button' onClick={() => { followRange(from); close() }}>{name}<kbd style={{ marginLeft: 'auto' }}>t {key}</kbd></button>
          ))}
          <CustomRange onDone={close} />
          <button type='button' role='menuitemcheckbox' aria-checked={isUtc.value} onClick={() => setUtc(!isUtc.value)}>Times in UTC <span class='faint small'>now {zoneName()}</span></button>
        </>
      )}
    </Menu>
  )
}

function CustomRange ({ onDone }: { onDone: () => void }): JSX.Element {
  const fault = useSignal('')
  const apply = (event: SubmitEvent): void => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    const data = new FormData(event.currentTarget)
    const [from, to] = [readTime(String(data.get('from'))), readTime(String(data.get('to')))]
    if (from === undefined || to === undefined) fault.value = 'A time is like 2026-01-31 14:00, yesterday 14:00, -90m or now.'
    else if (from >= to) fault.value = 'The range ends before it begins.'
    else {
      if (String(data.get('to')).trim() === 'now' && path.value !== '') setParams({ from: String(data.get('from')).trim(), to: undefined })
      else showRange(from, to)
      onDone()
    }
  }
  return (
    <form class='stack' style={{ padding: '6px 10px', gap: '6px' }} onSubmit={apply}>
      <label class='field'><span>From</span><input class='input' name='from' defaultValue={new Date(range.value.from).toISOString()} /></label>
      <label class='field'><span>To</span><input class='input' name='to' defaultValue={isFollowing.value ? 'now' : new Date(range.value.to).toISOString()} /></label>
      {fault.value === '' ? null : <p class='fault' role='alert'>{fault.value}</p>}
      <button type='submit' class='button primary'>Show this range</button>
    </form>
  )
}
