import type { Level, Severity } from '../../schemas/event.ts'

const SEVERITY_OF: Readonly<Record<Level, Severity>> = {
  TRACE: 'LOW',
  DEBUG: 'LOW',
  INFO: 'LOW',
  WARN: 'MEDIUM',
  ERROR: 'HIGH',
  FATAL: 'CRITICAL'
}

/** Classifies an event by the sender's level alone, which it never replaces. */
export function severityOfLevel (level: Level): Severity {
  return SEVERITY_OF[level]
}
