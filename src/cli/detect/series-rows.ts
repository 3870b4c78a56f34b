/** A row of a series: its time in ms since the epoch, and its value; NaN where the row has none. */
export interface SeriesRow {
  at: number
  value: number
}

/** Where the two columns are. */
export interface SeriesHead {
  timestamp: number
  value: number
}

const TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?)?$/
const NO_VALUE = /^(nan|null)?$/i

/** Finds the columns in the first line; other columns do not matter. A sentence instead when one is missing. */
export function headOf (line: string): SeriesHead | string {
  const names = cellsOf(line.replace(/^\uFEFF/, ''))
  const [timestamp, value] = [names.indexOf('timestamp'), names.indexOf('value')]
  return timestamp === -1 || value === -1 ? `the first line names the columns, timestamp and value among them, got ${JSON.stringify(line)}` : { timestamp, value }
}

/** Reads a row: seconds since the epoch or `2014-04-01 00:00:00`, in UTC unless it says a zone. A sentence instead when it cannot be read. */
export function rowOf (line: string, head: SeriesHead): SeriesRow | string {
  const cells = cellsOf(line)
  const time = cells[head.timestamp] ?? ''
  const text = cells[head.value]
  const at = timeOf(time)
  if (!Number.isFinite(at)) return `${JSON.stringify(time)} is no time: seconds since the epoch, or like 2014-04-01 00:00:00`
  if (text === undefined) return `there is no value in ${JSON.stringify(line)}`
  const value = NO_VALUE.test(text) ? NaN : Number(text)
  return Number.isNaN(value) && !NO_VALUE.test(text) ? `${JSON.stringify(text)} is no number` : { at, value }
}

function timeOf (text: string): number {
  const [, day, clock = '00:00', zone = 'Z'] = TIME.exec(text) ?? []
  if (day !== undefined) return Date.parse(`${day}T${clock}${zone}`)
  return text === '' ? NaN : Number(text) * 1_000
}

function cellsOf (line: string): string[] {
  return line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))
}
