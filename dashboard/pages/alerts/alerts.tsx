import type { JSX } from 'preact'
import { path } from '../../core/router.ts'
import { AlertPage } from './alert-page.tsx'
import { RulesTab } from './rules-tab.tsx'

const HEAD = '/dashboard/alerts/'

/** One alert, where the address names it; else all. */
export function Alerts (): JSX.Element {
  const id = path.value.startsWith(HEAD) ? decodeURIComponent(path.value.slice(HEAD.length)) : undefined
  return id === undefined ? <RulesTab /> : <AlertPage key={id} id={id} />
}
