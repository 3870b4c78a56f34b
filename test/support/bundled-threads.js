import { registerHooks } from 'node:module'

const OURS = new URL('thread-script.js', import.meta.url).href

// Each opened service or store starts threads, and each thread would load some hundred sources: they start from a bundle of these very sources.
registerHooks({
  resolve (specifier, context, next) {
    return specifier.endsWith('/thread-script.ts') && context.parentURL !== OURS ? { url: OURS, shortCircuit: true } : next(specifier, context)
  }
})
