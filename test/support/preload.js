import { registerHooks } from 'node:module'
import processOnSpawn from 'process-on-spawn'

const OURS = new URL('thread-script.js', import.meta.url).href

// Each opened service or store starts threads, and each thread would load some hundred sources: they start from a bundle of these very sources.
registerHooks({
  resolve (specifier, context, next) {
    return specifier.endsWith('/thread-script.ts') && context.parentURL !== OURS ? { url: OURS, shortCircuit: true } : next(specifier, context)
  }
})

// The program that a test starts is to run as it does for its operator. tap would have each process, and each of its threads, record what it reads, for a
// coverage that nobody asks for: twice the time.
processOnSpawn.removeAllListeners()
