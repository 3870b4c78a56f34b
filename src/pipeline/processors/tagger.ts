import type { ProcessorConfig } from '../../../schemas/pipeline.ts'
import { lineTest } from '../condition.ts'
import type { LineProcessor } from '../processor.ts'
import { pairTemplate } from '../template.ts'
import { nested } from './router.ts'

/** Gives a line the first tag whose condition fits: in the field `field`, and with `format` in its text. */
export function tagger ({ tags, default: rest, field = 'tag', format = '{line}' }: ProcessorConfig<'tagger'>): LineProcessor {
  const tests = tags.map(({ tag, ...condition }, at) => {
    try {
      return { tag, test: lineTest(condition) }
    } catch (error) {
      throw nested(error, `tags/${at}`)
    }
  })
  const fill = format === '{line}' ? undefined : pairTemplate('format', format, ['tag', 'line'])
  const counts = new Map<string, number>()
  return {
    process: (line, cursor) => {
      const tag = tests.find(({ test }) => test(line, cursor))?.tag ?? rest
      if (tag === undefined) return line
      counts.set(tag, (counts.get(tag) ?? 0) + 1)
      cursor.fields = { ...cursor.fields, [field]: tag }
      return fill === undefined ? line : fill(tag, line)
    },
    details: () => Object.fromEntries(counts),
    state: () => [...counts],
    restore: (state) => { for (const [tag, count] of Array.isArray(state) ? state : []) counts.set(String(tag), Number(count)) }
  }
}
