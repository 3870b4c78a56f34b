interface Decimal {
  /** Without zeros at either end; empty for zero. */
  digits: string
  /** Power of ten of the last digit. */
  power: number
}

const ZERO = 48
/** At most 15 digits, and far from both ends of the range. */
const SURELY_EXACT = /^-?[\d.]{1,15}(?:e[+-]?\d\d?)?$/i

function decimalOf (source: string): Decimal {
  const [mantissa = '', exponent = '0'] = source.toLowerCase().split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const all = whole.startsWith('-') ? whole.slice(1) + fraction : whole + fraction
  let start = 0
  while (all.charCodeAt(start) === ZERO) start++
  let end = all.length
  while (end > start && all.charCodeAt(end - 1) === ZERO) end--
  return { digits: all.slice(start, end), power: Number(exponent) - fraction.length + all.length - end }
}

/**
 * Tells whether a double prints the same number as the JSON number `source`, so that reading it loses nothing.
 * Any 15 digits survive a double.
 */
export function isExact (source: string): boolean {
  if (SURELY_EXACT.test(source)) return true
  const written = decimalOf(source)
  const read = decimalOf(String(Number(source)))
  return written.digits === read.digits && (written.digits === '' || written.power === read.power)
}
