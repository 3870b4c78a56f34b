import { sampleEvents } from './events.ts'
import { RawStore } from './raw-store.ts'

const BATCHES = 64

/** The limit: a process that does nothing but insert the same rows into the same schema, for some seconds. */
export interface RawOptions { file: string, seconds: number, batch: number }

function parseOptions (text: string | undefined): RawOptions {
  return JSON.parse(text ?? '') as RawOptions
}

const { file, seconds, batch } = parseOptions(process.argv[2])
const events = sampleEvents(BATCHES * batch)
const batches = Array.from({ length: BATCHES }, (_, i) => events.slice(i * batch, (i + 1) * batch))
const store = new RawStore(file)
const startedAt = performance.now()
let stored = 0
while (performance.now() - startedAt < seconds * 1_000) {
  store.store(batches[stored / batch % BATCHES] ?? [], Date.now())
  stored += batch
}
const perSecond = stored / (performance.now() - startedAt) * 1_000
store.close()
console.log(perSecond)
