import { compileGraph } from '../src/pipeline/graph.ts'
import { isRouting, type LineProcessor } from '../src/pipeline/processor.ts'
import { LineCutter } from '../src/pipeline/run/line-cutter.ts'
import { openOutput } from '../src/pipeline/run/output.ts'
import { readFiles } from '../src/pipeline/run/input.ts'

/** The same processors over the same file, line by line in one loop, with nothing counted, timed or traced. */
const [input = '', output = '', config = ''] = process.argv.slice(2)
const steps = compileGraph(JSON.parse(config)).nodes.flatMap(({ processor }): LineProcessor[] => isRouting(processor) ? [] : [processor])
const cursor = { number: 0, now: 0, fields: undefined, reason: undefined }
const cutter = new LineCutter({ encoding: 'utf8', longest: 16 * 1024 * 1024 })
const out = await openOutput(output)

function through (line: string): string | undefined {
  let text = line
  for (const step of steps) {
    const outcome = step.process(text, cursor)
    if (typeof outcome !== 'string') return undefined
    text = outcome
  }
  return text
}

for await (const { bytes, isEnd } of readFiles([input], { from: { file: 0, bytes: 0 }, progress: { readBytes: 0, totalBytes: null } })) {
  const { lines } = isEnd ? cutter.finish() : cutter.take(bytes)
  let text = ''
  for (const line of lines) {
    const made = through(line)
    if (made !== undefined) text += `${made}\n`
  }
  await out.write(text)
}
await out.sync()
await out.close()
