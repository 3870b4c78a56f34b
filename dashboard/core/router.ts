import { computed, signal } from '@preact/signals'

const address = signal(readAddress())

interface Address {
  path: string
  params: URLSearchParams
}

function readAddress (): Address {
  return { path: location.pathname.replace(/\/+$/, '') || '/dashboard', params: new URLSearchParams(location.search) }
}

addEventListener('popstate', () => { address.value = readAddress() })

/** Path of the page that is shown, without a slash at its end. */
export const path = computed(() => address.value.path)

export function param (name: string): string | undefined {
  return address.value.params.get(name) ?? undefined
}

export type Params = Record<string, string | undefined>

/** Goes to a page of ours. `replace` leaves no step to come back to. */
export function go (to: string, { replace = false } = {}): void {
  if (to === location.pathname + location.search) return
  if (replace) history.replaceState(null, '', to)
  else history.pushState(null, '', to)
  address.value = readAddress()
}

/** Changes what the address says of the view; undefined takes a parameter away. */
export function setParams (change: Params, { replace = false } = {}): void {
  go(hrefOf(path.value, { ...Object.fromEntries(address.value.params), ...change }), { replace })
}

export function hrefOf (to: string, params: Params = {}): string {
  const given = Object.entries(params).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '')
  const text = new URLSearchParams(given).toString()
  return text === '' ? to : `${to}?${text}`
}

/** A link to another page that keeps the range. */
export function pageHref (to: string, params: Params = {}): string {
  return hrefOf(to, { from: param('from'), to: param('to'), ...params })
}

/** Has plain clicks on our own links change the page without loading it. */
export function followLinks (root: HTMLElement): void {
  root.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (link === null || link.target !== '' || link.hasAttribute('download') || link.origin !== location.origin || !link.pathname.startsWith('/dashboard')) return
    event.preventDefault()
    go(link.pathname + link.search)
  })
}
