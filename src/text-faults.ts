import type { Fault } from './errors.ts'
import { pointerStep, textFault } from './ingest/faults.ts'

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
