/** Rows of a page carry `data-row`, on what has the focus; what stands for an alert carries `data-alert`. */
const ROWS = 'main [data-row]'
const ALERTS = 'main [data-alert]'

/** Gives the next row the focus, or the one before; the first when none has it. */
export function moveRow (step: 1 | -1): boolean {
  const rows = [...document.querySelectorAll<HTMLElement>(ROWS)].filter((row) => row.checkVisibility())
  const focused = document.activeElement
  const own = focused?.closest<HTMLElement>('[data-row]') ?? focused?.closest('[data-alert]')?.querySelector<HTMLElement>('[data-row]')
  const at = own === null || own === undefined ? -1 : rows.indexOf(own)
  const next = rows[at < 0 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1)]
  next?.focus({ preventScroll: true })
  next?.scrollIntoView({ block: 'nearest' })
  return next !== undefined
}

export function isOnRow (): boolean {
  return document.activeElement instanceof HTMLElement && document.activeElement.matches(ROWS)
}

/** Opens what a row that is no link itself leads to first. */
export function openRow (): boolean {
  const link = isOnRow() ? document.activeElement?.querySelector<HTMLElement>('a.primary') : undefined
  link?.click()
  return link !== null && link !== undefined
}

/** Presses the button of the alert that has the focus, or of the only one that there is. */
export function actOnAlert (action: 'acknowledge' | 'silence'): boolean {
  const all = [...document.querySelectorAll(ALERTS)]
  const place = document.activeElement?.closest(ALERTS) ?? (all.length === 1 ? all[0] : undefined)
  const button = place?.querySelector<HTMLElement>(`[data-action="${action}"]`)
  button?.click()
  return button !== null && button !== undefined
}
