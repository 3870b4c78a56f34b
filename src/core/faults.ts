import { AppError, type Fault } from './errors.ts'

/** Enough to mend an event by; a bound, because each of a million bad strings would be one. */
const MAX_FAULTS = 100
const LONGEST_STEP = 255

/** Gives one step of a JSON pointer (RFC 6901). Long names are cut, and what cannot be written is shown as U+FFFD. */
export function pointerStep (name: string): string {
  const short = name.length > LONGEST_STEP ? `${name.slice(0, LONGEST_STEP)}...` : name
  return `/${short.toWellFormed().replaceAll('\0', '\uFFFD').replaceAll('~', '~0').replaceAll('/', '~1')}`
}

export function addFault (faults: Fault[], path: string, message: string): void {
  if (faults.length < MAX_FAULTS) faults.push({ path, message })
  else if (faults.length === MAX_FAULTS) faults.push({ path: '', message: `more than ${MAX_FAULTS} faults; the rest is not listed` })
}

/** Says what keeps a text from being stored and sent again exactly; `undefined` when nothing does. */
export function textFault (text: string): string | undefined {
  if (!text.isWellFormed()) return 'text must be well-formed Unicode, found a lone surrogate'
  if (text.includes('\0')) return 'text must not hold a NUL (U+0000)'
}

/** Tells whether a text is longer than `limit` bytes of UTF-8, counting only when it can be. */
export function isLongerThan (text: string, limit: number): boolean {
  return text.length * 3 > limit && Buffer.byteLength(text) > limit
}

/** Lists the texts in a value, names of members too, that could not be kept and sent again exactly as they are. */
export function textFaults (value: unknown, path = ''): Fault[] {
  if (typeof value === 'string') return faultAt(path, value)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => {
    const at = `${path}${pointerStep(name)}`
    return [...faultAt(at, name), ...textFaults(member, at)]
  })
}

function faultAt (path: string, text: string): Fault[] {
  const message = textFault(text)
  return message === undefined ? [] : [{ path, message }]
}

/** Throws `invalid` with all faults, when there are any. */
export function refuseFaults (faults: readonly Fault[]): void {
  const [first] = faults
  if (first !== undefined) throw new AppError('invalid', `${first.path.replace('/', '')} ${first.message}`, { faults })
}
