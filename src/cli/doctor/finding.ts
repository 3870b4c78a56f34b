/** What one check found, in a sentence that says what to do when there is something. */
export interface Finding {
  check: string
  status: 'ok' | 'warn' | 'fail'
  text: string
}

export function ok (check: string, text: string): Finding {
  return { check, status: 'ok', text }
}

export function warn (check: string, text: string): Finding {
  return { check, status: 'warn', text }
}

export function fail (check: string, text: string): Finding {
  return { check, status: 'fail', text }
}

export function sentenceOf (error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
