import type { JSX } from 'preact'
import { signOut, user } from '../core/session.ts'
import { isFollowing, now } from '../core/times.ts'
import { connection, reconnect } from '../stream/live.ts'
import { Icon } from '../ui/icon.tsx'
import { Menu } from '../ui/menu.tsx'
import { chooseTheme, theme, THEME_CHOICES } from '../ui/theme.ts'
import { copied, copyLink, openPalette, toggleLive } from './actions.ts'
import { RangeMenu } from './range-menu.tsx'

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
  const { value: state } = connection
  const isReady = state.state === 'connected'
  return (
    <button type='button' class='button live' aria-pressed={isOn} title='Space' onClick={toggleLive}>
      <span class={`dot${isOn && isReady ? ' on' : ''}`} style={{ margin: 0 }} />
      {isOn && !isReady ? state.state === 'waiting' ? `Reconnecting in ${Math.max(Math.ceil((state.at - now.value) / 1_000), 0)} s` : 'Connecting' : 'Live'}
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
          {connection.value.state === 'waiting' ? <button type='button' class='phone' onClick={() => { close(); reconnect() }}>Try to connect now</button> : null}
          <a href='/dashboard/settings' onClick={close}><Icon name='settings' />Settings</a>
          <a href='/docs' target='_blank' rel='noreferrer'>API documentation</a>
          <button type='button' onClick={() => { void signOut() }}>Sign out {user.value?.username ?? ''}</button>
        </>
      )}
    </Menu>
  )
}
