import type { ProcessorConfig } from '../../../schemas/pipeline.ts'
import { expressionAt } from '../condition.ts'
import type { LineProcessor } from '../processor.ts'

const SPECIAL = /[\\^$.*+?()[\]{}|]/g

/** Puts `with` in the place of each text or match; of an expression `$1` and `$<name>` stand for its groups. */
export function replace ({ pattern, with: replacement, regex = false, ignore_case: ignoreCase = false }: ProcessorConfig<'replace'>): LineProcessor {
  if (!regex && !ignoreCase) return { process: (line) => replaceText(line, pattern, replacement) }
  const expression = expressionAt('pattern', regex ? pattern : pattern.replace(SPECIAL, '\\$&'), ignoreCase, 'g')
  return { process: regex ? (line) => line.replace(expression, replacement) : (line) => line.replace(expression, () => replacement) }
}

function replaceText (line: string, sought: string, replacement: string): string {
  let at = line.indexOf(sought)
  if (at === -1) return line
  let done = 0
  let text = ''
  for (; at !== -1; at = line.indexOf(sought, done)) {
    text += line.slice(done, at) + replacement
    done = at + sought.length
  }
  return text + line.slice(done)
}
