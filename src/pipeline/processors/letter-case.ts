import type { LineProcessor } from '../processor.ts'

export function uppercase (): LineProcessor {
  return { process: (line) => line.toUpperCase() }
}

export function lowercase (): LineProcessor {
  return { process: (line) => line.toLowerCase() }
}
