import { useEffect } from 'preact/hooks'
import type { JSX } from 'preact'
import { signal, useSignal } from '@preact/signals'
import type { RuleView } from '../../schemas/rule.ts'
import { get } from '../core/api.ts'
import { pageKey } from '../core/page-keys.ts'
import { go, pageHref } from '../core/router.ts'
import { followRange, moveRange, QUICK_RANGES, zoomOut } from '../core/times.ts'
import { chooseTheme } from '../ui/theme.ts'
import { Dialog } from '../ui/dialog.tsx'
import { PAGES } from './pages.ts'
import { copyLink, isPaletteOpen, openPalette, toggleLive } from './actions.ts'
import { actOnAlert, isOnRow, moveRow, openRow } from './row-keys.ts'

const KEYS_KEY = 'bw.keys'
const TWO_KEYS_MS = 1_500

/** Whether single letters do something (WCAG 2.1.4: they can be switched off). */
const hasLetterKeys = signal(localStorage.getItem(KEYS_KEY) !== 'off')
function setLetterKeys (on: boolean): void {
  hasLetterKeys.value = on
  localStorage.setItem(KEYS_KEY, on ? 'on' : 'off')
}

const isHelpOpen = signal(false)

const HELP: ReadonlyArray<[keys: string, does: string]> = [
  ['/', 'search the list of the page, or jump anywhere'], ['Ctrl K', 'jump to pages, rules and actions'], ['g then o e a s ,', 'Overview, Events, Alerts, Services, Settings'],
  ['j k', 'next, previous row'], ['Enter, Esc', 'open; close or clear'], ['Space', 'pause or follow live data'], ['t then 1 to 5', '15 min, 1 h, 6 h, 24 h, 7 d'],
  ['[ ]', 'range back, forward'], ['-', 'zoom out'], ['i x', 'include, exclude the focused value'], ['c', 'copy link'], ['y m', 'acknowledge, silence the focused alert'], ['?', 'this list']
]

/** One that answers false leaves its key to the browser. */
const single: Record<string, () => boolean | void> = {
  '/': openPalette,
  '?': () => { isHelpOpen.value = true },
  '[': () => moveRange(-1),
  ']': () => moveRange(1),
  '-': zoomOut,
  ' ': toggleLive,
  c: () => { void copyLink() },
  j: () => moveRow(1),
  k: () => moveRow(-1),
  ArrowDown: () => isOnRow() && moveRow(1),
  ArrowUp: () => isOnRow() && moveRow(-1),
  Enter: openRow,
  y: () => actOnAlert('acknowledge'),
  m: () => actOnAlert('silence')
}

/** Listens to the keys of the page. Answers the dialogs that they open. */
export function useKeys (): JSX.Element {
  useEffect(() => {
    let first: { key: string, at: number } | undefined
    const onKey = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key === 'k') {
        event.preventDefault()
        return openPalette()
      }
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event) || document.querySelector('dialog[open]') !== null) return
      const before = first !== undefined && event.timeStamp - first.at < TWO_KEYS_MS ? first.key : undefined
      first = undefined
      if (!hasLetterKeys.value && event.key.length === 1) return
      if (second(before, event.key)) return event.preventDefault()
      if (event.key === 'g' || event.key === 't') { first = { key: event.key, at: event.timeStamp }; return }
      const own = pageKey(event.key)
      if (own !== undefined) {
        if (!(event.key === 'Enter' && isButton(event)) && own(event) !== false) event.preventDefault()
        return
      }
      const does = single[event.key]
      if (does === undefined || ((event.key === ' ' || event.key === 'Enter') && isButton(event))) return
      if (does() !== false) event.preventDefault()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  return (
    <>
      {isPaletteOpen.value ? <Palette /> : null}
      {isHelpOpen.value ? <Help /> : null}
    </>
  )
}

function second (before: string | undefined, key: string): boolean {
  const page = before === 'g' ? PAGES.find((one) => one.key === key) : undefined
  if (page !== undefined) { go(pageHref(page.path)); return true }
  const quick = before === 't' ? QUICK_RANGES.find((one) => one.key === key) : undefined
  if (quick !== undefined) { followRange(quick.from); return true }
  return false
}

/** Boxes to tick are no text. */
const TICKED = 'input[type="checkbox"], input[type="radio"]'

function isTyping ({ target }: KeyboardEvent): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)) && !target.matches(TICKED)
}

/** What the browser itself presses with Enter or Space. */
function isButton ({ target }: KeyboardEvent): boolean {
  return target instanceof HTMLElement && (['BUTTON', 'A', 'SUMMARY'].includes(target.tagName) || target.matches(TICKED))
}

function Help (): JSX.Element {
  return (
    <Dialog title='Keys' onClose={() => { isHelpOpen.value = false }}>
      <table><tbody>{HELP.map(([keys, does]) => <tr key={keys}><th scope='row'><kbd>{keys}</kbd></th><td>{does}</td></tr>)}</tbody></table>
      <label class='row'><input type='checkbox' checked={hasLetterKeys.value} onChange={({ currentTarget }) => setLetterKeys(currentTarget.checked)} />Single letters and signs do this</label>
      <button type='button' class='button' onClick={() => { isHelpOpen.value = false }}>Close the list</button>
    </Dialog>
  )
}

interface Target {
  name: string
  kind: string
  open: () => void
}

const ACTIONS: readonly Target[] = [
  ...PAGES.map(({ name, path }) => ({ name, kind: 'page', open: () => go(pageHref(path)) })),
  ...QUICK_RANGES.map(({ name, from }) => ({ name, kind: 'range', open: () => followRange(from) })),
  { name: 'Dark theme', kind: 'action', open: () => chooseTheme('dark') },
  { name: 'Light theme', kind: 'action', open: () => chooseTheme('light') },
  { name: 'Keys', kind: 'action', open: () => { isHelpOpen.value = true } }
]

/** Finds pages, rules and actions by a part of their name; what is none of them is searched for in the events. */
function Palette (): JSX.Element {
  const text = useSignal('')
  const chosen = useSignal(0)
  const rules = useSignal<readonly Target[]>([])
  useEffect(() => {
    get<{ rules: RuleView[] }>('/rules').then(({ rules: found }) => {
      rules.value = found.map(({ id, name }) => ({ name, kind: 'rule', open: () => go(pageHref('/dashboard/alerts', { rule: id })) }))
    }, () => {})
  }, [])
  const wanted = text.value.trim().toLowerCase()
  const search: Target = { name: `Events that match ${text.value.trim()}`, kind: 'search', open: () => go(pageHref('/dashboard/events', { q: text.value.trim() })) }
  const found = [...ACTIONS, ...rules.value].filter(({ name }) => name.toLowerCase().includes(wanted)).slice(0, 12)
  const shown = wanted === '' ? found : [...found, search]
  const close = (): void => { isPaletteOpen.value = false }
  const open = (target: Target | undefined): void => { close(); target?.open() }
  return (
    <Dialog title='Search or jump to' onClose={close}>
      <input
        class='input' aria-label='Search or jump to' role='combobox' aria-expanded='true' aria-controls='palette' aria-activedescendant={`palette-${chosen.value}`} autofocus
        onInput={({ currentTarget }) => { text.value = currentTarget.value; chosen.value = 0 }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') chosen.value = Math.min(chosen.value + 1, shown.length - 1)
          else if (event.key === 'ArrowUp') chosen.value = Math.max(chosen.value - 1, 0)
          else if (event.key === 'Enter') open(shown[chosen.value])
          else return
          event.preventDefault()
        }}
      />
      <ul id='palette' role='listbox' aria-label='What was found' class='palette'>
        {shown.map((target, at) => (
          <li key={`${target.kind} ${target.name}`} id={`palette-${at}`} role='option' aria-selected={at === chosen.value} onClick={() => open(target)}>
            {target.name}<span class='faint small'>{target.kind}</span>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
