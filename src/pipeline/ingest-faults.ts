import type { NewPipeline } from '../../schemas/pipeline.ts'
import { AppError, type Fault } from '../core/errors.ts'
import { compileGraph } from './graph.ts'

/** What keeps lines back would lose them with the process, after they were acknowledged. */
const HOLDING = ['joiner', 'line_joiner']

/** Everything that keeps a pipeline from running over what comes in, by JSON pointer. */
export function ingestFaults ({ processors }: Pick<NewPipeline, 'processors'>): Fault[] {
  const holding = processors.flatMap(({ type }, at): Fault[] => HOLDING.some((kind) => kind === type)
    ? [{ path: `/processors/${at}/type`, message: `${String(type)} keeps events back that were acknowledged, and would lose them with the process: join lines where they are read, with bellwether run` }]
    : [])
  try {
    compileGraph({ processors })
    return holding
  } catch (error) {
    if (error instanceof AppError) return [...error.faults, ...holding]
    throw error
  }
}
