const NUMBER = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const SCALES: ReadonlyArray<[least: number, mark: string]> = [[1e9, 'B'], [1e6, 'M'], [1e5, 'k']]
const BYTES = ['B', 'KB', 'MB', 'GB', 'TB'] as const
const SPANS: ReadonlyArray<[ms: number, name: string]> = [[86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'min'], [1_000, 's']]

/** With thousands separators up to 99,999, then 1.20M. */
export function countText (count: number): string {
  const [least, mark] = SCALES.find(([from]) => Math.abs(count) >= from) ?? [1, '']
  if (mark === '') return NUMBER.format(count)
  if (mark === 'k') return `${Math.round(count / 1e3)}k`
  return `${(count / least).toFixed(2)}${mark}`
}

/** 612 MB; decimal, as disks are sold. */
export function bytesText (bytes: number): string {
  const step = Math.min(Math.max(Math.floor(Math.log10(Math.max(Math.abs(bytes), 1)) / 3), 0), BYTES.length - 1)
  const value = bytes / 1_000 ** step
  return `${step > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${BYTES[step] ?? 'B'}`
}

/** 8 min, 2.1 s, 212 ms. */
export function spanText (ms: number): string {
  if (Math.abs(ms) < 1_000) return `${Math.round(ms)} ms`
  const [unit, name] = SPANS.find(([least]) => Math.abs(ms) >= least) ?? [1_000, 's']
  const value = ms / unit
  return `${name === 's' && value < 10 ? Number(value.toFixed(1)) : Math.floor(value)} ${name}`
}

/** A number with a unit that is in its name: 46, %; 2.1, s. */
export function figure (value: number | null | undefined, unit: string | null): { number: string, unit: string } {
  if (value === null || value === undefined) return { number: '–', unit: '' }
  if (unit === 'percent' || unit === '%') return { number: value !== 0 && value < 10 ? value.toFixed(1) : String(Math.round(value)), unit: '%' }
  if (unit === 'ms' || unit === 'seconds' || unit === 's') {
    const [number = '', name = ''] = spanText(unit === 'ms' ? value : value * 1_000).split(' ')
    return { number, unit: name }
  }
  if (unit === 'bytes') {
    const [number = '', name = ''] = bytesText(value).split(' ')
    return { number, unit: name }
  }
  return { number: Math.abs(value) < 10 && !Number.isInteger(value) ? value.toFixed(2) : countText(value), unit: unit === null ? '' : unit }
}

export function figureText (value: number | null | undefined, unit: string | null): string {
  const { number, unit: name } = figure(value, unit)
  return name === '%' || name === '' ? `${number}${name}` : `${number} ${name}`
}

const WORDS = ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine', 'Ten']

/** A number that begins a sentence: as a word up to ten. */
export function numberWord (count: number): string {
  return WORDS[count] ?? countText(count)
}
