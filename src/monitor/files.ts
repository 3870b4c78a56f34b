import { readFileSync } from 'node:fs'

/**
 * Reads a file of the kernel, which takes some 20 us and never waits for a disk. Undefined when there is none, or it may
 * not be read: the machine does not tell.
 */
export function readText (path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}

/** A file that holds one whole number, and nothing else. */
export function readCount (path: string): number | undefined {
  const text = readText(path)?.trim() ?? ''
  return /^\d+$/.test(text) ? Number(text) : undefined
}
