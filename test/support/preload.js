import { registerHooks } from 'node:module'

const OURS = new URL('thread-script.js', import.meta.url).href
/** What tap has each process import that it starts: it records all that is loaded, for a coverage that nobody asks for, and changes imports, which no test does. */
const RECORDERS = /\/@tapjs\/(?:processinfo|mock)\/dist\/esm\/import\.mjs$/
const NOTHING = 'data:text/javascript,'

// Each opened service or store starts threads, and each thread would load some hundred sources: they start from a bundle of these very sources.
registerHooks({
  resolve (specifier, context, next) {
    if (RECORDERS.test(specifier)) return { url: NOTHING, shortCircuit: true }
    return specifier.endsWith('/thread-script.ts') && context.parentURL !== OURS ? { url: OURS, shortCircuit: true } : next(specifier, context)
  }
})

// Types are stripped in place, so that lines need no map.
process.setSourceMapsEnabled(false)

// It is for this process alone: what a test starts is to run as it does for its operator.
delete process.env['NODE_OPTIONS']
