import type { ProcessorConfig } from '../../../schemas/pipeline.ts'
import { expressionAt, fault } from '../condition.ts'
import type { Fields } from '../batch.ts'
import { HOLD, type Cursor, type LineProcessor } from '../processor.ts'

const MOST_LINES = 500
/** Longer texts are handed on as they are: nothing may be held for ever. */
const MOST_LETTERS = 1_000_000

/** Tells of a line whether it goes on what is held, and whether what is held then is whole. */
interface Judge {
  belongs: (line: string, held: number) => boolean
  isWhole: (held: number) => boolean
  /** Looks at a line that is held from now on. */
  take: (line: string) => void
  /** Forgets the lines that were handed on. */
  reset: () => void
}

const simple = { take: () => {}, reset: () => {} }

/**
 * Makes one line of several: so many, or those that go on the first by `continuation`, up to one that fits `start`, or until double
 * quotes are closed. What is left at the end is a line too. It has the fields of the first.
 */
export function joiner (config: ProcessorConfig<'joiner' | 'line_joiner'>): LineProcessor {
  const isByText = config.continuation !== undefined || config.start !== undefined || config.quotes === true
  const { delimiter = isByText ? '\n' : ' | ', max_lines: mostLines = MOST_LINES } = config
  const judge = judgeOf(config)
  let held: string[] = []
  let fields: Fields | undefined
  let letters = 0
  const take = (line: string, fieldsOfLine: Fields | undefined): void => {
    if (held.length === 0) fields = fieldsOfLine
    held.push(line)
    letters += line.length
    judge.take(line)
  }
  const give = (cursor: Cursor): string => {
    const whole = held.join(delimiter)
    cursor.fields = fields
    held = []
    letters = 0
    judge.reset()
    return whole
  }
  return {
    process: (line, cursor) => {
      if (held.length > 0 && (!judge.belongs(line, held.length) || (isByText && held.length >= mostLines) || letters > MOST_LETTERS)) {
        const own = cursor.fields
        const whole = give(cursor)
        take(line, own)
        if (!judge.isWhole(1)) return whole
        return [whole, give(cursor)]
      }
      take(line, cursor.fields)
      return judge.isWhole(held.length) ? give(cursor) : HOLD
    },
    held: () => held.length,
    flush: (cursor) => held.length === 0 ? undefined : give(cursor),
    state: () => ({ held, fields }),
    restore: (state) => {
      const { held: lines = [], fields: earlier } = parseState(state)
      for (const line of lines) take(line, earlier)
    }
  }
}

/** What `state` gave. */
function parseState (state: unknown): { held?: readonly string[], fields?: Fields } {
  return Object(state)
}

function judgeOf ({ count, continuation, start, quotes = false }: ProcessorConfig<'joiner' | 'line_joiner'>): Judge {
  const named = [count, continuation, start, quotes ? true : undefined].filter((value) => value !== undefined)
  if (named.length > 1) throw fault('', 'takes one of count, continuation, start and quotes')
  if (continuation !== undefined) {
    const expression = expressionAt('continuation', continuation)
    return { belongs: (line) => expression.test(line), isWhole: () => false, ...simple }
  }
  if (start !== undefined) {
    const expression = expressionAt('start', start)
    return { belongs: (line) => !expression.test(line), isWhole: () => false, ...simple }
  }
  return quotes ? quoteJudge() : countJudge(count ?? 2)
}

function countJudge (count: number): Judge {
  return { belongs: () => true, isWhole: (held) => held >= count, ...simple }
}

function quoteJudge (): Judge {
  let isOpen = false
  return {
    belongs: () => isOpen,
    isWhole: () => !isOpen,
    take: (line) => { if (quotesIn(line) % 2 === 1) isOpen = !isOpen },
    reset: () => { isOpen = false }
  }
}

function quotesIn (line: string): number {
  let count = 0
  for (let at = line.indexOf('"'); at !== -1; at = line.indexOf('"', at + 1)) count++
  return count
}
