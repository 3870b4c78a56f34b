import type { Fields } from './batch.ts'

/** Ends the way of a line; why is what the processor says in `reason`. */
export const DROP = Symbol('drop')
/** Keeps a line, to become part of a later one. */
export const HOLD = Symbol('hold')

/** What a processor may know and say of the line that it looks at; the same object for every line. */
export interface Cursor {
  /** Of the line in the input, from 1. */
  number: number
  /** ms since the epoch. */
  now: number
  /** What is known of the line. Set anew, never changed in place: other branches may have the same. */
  fields: Fields | undefined
  /** Why a line is dropped. */
  reason: string | undefined
}

export type Outcome = string | readonly string[] | typeof DROP | typeof HOLD

/** A number that a processor took out of a line. */
export interface Extracted {
  series: string
  labels: Record<string, string>
  value: number
}

/** One step of a pipeline, with what it remembers. Throws for what is wrong with a line: the line is an error then, and the others go on. */
export interface LineProcessor {
  process: (line: string, cursor: Cursor) => Outcome
  /** How many lines are held back. */
  held?: () => number
  /** The line made of those held back, at the end of the input. */
  flush?: (cursor: Cursor) => string | undefined
  /** What it remembers, as JSON, so that a run can be resumed. */
  state?: () => unknown
  restore?: (state: unknown) => void
  /** What it counted besides lines: how often each tag was given, each kind masked. */
  details?: () => Record<string, number>
  /** Numbers taken out since the last call. */
  takeExtracted?: () => Extracted[]
  /** What a trace calls a line that goes on: `match` for those that choose, `emit` for those that change. */
  passes?: 'match' | 'emit'
}

/** A step that sends lines different ways. */
export interface RoutingProcessor {
  /** Names of its branches. */
  branches: readonly string[]
  /** Bit n is set when branch n takes the line; 0 when none does. */
  route: (line: string, cursor: Cursor) => number
  state?: () => unknown
  restore?: (state: unknown) => void
  details?: () => Record<string, number>
}

export type Processor = LineProcessor | RoutingProcessor

export function isRouting (processor: Processor): processor is RoutingProcessor {
  return 'route' in processor
}
