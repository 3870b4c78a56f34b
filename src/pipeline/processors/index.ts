import type { ProcessorConfig, ProcessorType } from '../../../schemas/pipeline.ts'
import type { Processor } from '../processor.ts'
import { dedupe } from './dedupe.ts'
import { extract } from './extract.ts'
import { filter } from './filter.ts'
import { joiner } from './joiner.ts'
import { lowercase, uppercase } from './letter-case.ts'
import { lineCounter } from './line-counter.ts'
import { parse } from './parse.ts'
import { rateLimit } from './rate-limit.ts'
import { redact } from './redact.ts'
import { replace } from './replace.ts'
import { router, tagRouter } from './router.ts'
import { sample } from './sample.ts'
import { splitter } from './splitter.ts'
import { tagger } from './tagger.ts'
import { trim } from './trim.ts'

type Makers = { [Kind in ProcessorType]: (config: ProcessorConfig<Kind>) => Processor }

const MAKERS = {
  filter,
  uppercase,
  lowercase,
  line_counter: lineCounter,
  router,
  tag_router: tagRouter,
  tagger,
  splitter,
  line_splitter: splitter,
  joiner,
  line_joiner: joiner,
  trim,
  replace,
  redact,
  parse,
  sample,
  dedupe,
  rate_limit: rateLimit,
  extract
} satisfies Makers

/** Makes a processor of its configuration. Throws `invalid`, with paths that begin at the processor. */
export function makeProcessor (config: ProcessorConfig): Processor {
  const make = MAKERS[config.type] as (config: ProcessorConfig) => Processor
  return make(config)
}
