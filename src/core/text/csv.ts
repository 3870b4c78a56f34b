/** A spreadsheet would take a cell that begins so for a formula. */
const FORMULA = /^[=+\-@\t\r]/

/** Writes cells as a row of RFC 4180, with its end; text that a spreadsheet would run is led by an apostrophe. */
export function csvLine (cells: ReadonlyArray<string | number | null | undefined>): string {
  return `${cells.map(cell).join(',')}\r\n`
}

function cell (value: string | number | null | undefined): string {
  if (typeof value === 'number') return String(value)
  const text = value ?? ''
  const safe = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
