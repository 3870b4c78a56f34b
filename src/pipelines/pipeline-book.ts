import type { NewPipeline, PipelineEntry, StoredPipeline } from '../../schemas/pipeline.ts'
import type { Requester } from '../../schemas/token.ts'
import type { Audit } from '../access/audit.ts'
import type { Clock } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import { isRecord } from '../core/is-record.ts'
import { compileGraph, chainGraphs, type Graph } from '../pipeline/graph.ts'
import { graphHints } from '../pipeline/hints.ts'
import { ingestFaults } from '../pipeline/ingest-faults.ts'
import type { Store } from '../store/store.ts'

interface Parts {
  store: Pick<Store, 'read' | 'write'>
  clock: Clock
  audit: Pick<Audit, 'recordOf'>
  /** Told of each graph that is to be in force; undefined: none. */
  use: (graph: Graph | undefined) => void
}

/** Where the ones made by hand are kept. */
const SETTING = 'pipelines'
const MOST_PIPELINES = 50

/** The pipelines that run over what comes in, one behind the other: those of the configuration file, then those made by hand, by id. */
export class PipelineBook {
  readonly #parts: Parts
  #ofFile: readonly PipelineEntry[]
  #byHand: readonly PipelineEntry[]
  #last: Promise<unknown> = Promise.resolve()

  private constructor (parts: Parts, ofFile: readonly PipelineEntry[], byHand: readonly PipelineEntry[]) {
    this.#parts = parts
    this.#ofFile = ofFile
    this.#byHand = byHand
    parts.use(graphOf(this.#all()))
  }

  static async open (parts: Parts, ofFile: readonly PipelineEntry[]): Promise<PipelineBook> {
    const settings = await parts.store.read('listSettings', undefined)
    const stored = settings.find(({ name }) => name === SETTING)?.value
    return new PipelineBook(parts, ofFile, Array.isArray(stored) ? stored.filter(isEntry) : [])
  }

  list (): StoredPipeline[] {
    return [...this.#ofFile.map((entry) => answerOf(entry, 'file')), ...this.#byHand.map((entry) => answerOf(entry, 'api'))]
  }

  /** Throws `not_found`. */
  get (id: string): StoredPipeline {
    const found = this.list().find((pipeline) => pipeline.id === id)
    if (found === undefined) throw new AppError('not_found', `there is no pipeline ${id}`)
    return found
  }

  /** What runs, as one graph; undefined when nothing does. */
  graph (): Graph | undefined {
    return graphOf(this.#all())
  }

  /** Sets a pipeline, in force from the next batch on. Throws `invalid` with all faults, having changed nothing; `conflict` for one of the configuration file. */
  put (id: string, pipeline: NewPipeline, by: Requester): Promise<StoredPipeline> {
    return this.#inTurn(async () => {
      this.#refuseOfFile(id)
      refuseFaults(pipeline)
      const entry = { ...pipeline, id }
      const others = this.#byHand.filter((other) => other.id !== id)
      if (others.length >= MOST_PIPELINES) throw new AppError('invalid', `there are ${others.length} pipelines, which is the most`)
      await this.#save([...others, entry].sort((a, b) => a.id < b.id ? -1 : 1), { action: 'pipeline.update', id, by, detail: { processors: pipeline.processors.length, enabled: pipeline.enabled !== false } })
      return answerOf(entry, 'api')
    })
  }

  /** Throws `not_found`, `conflict` for one of the configuration file. */
  remove (id: string, by: Requester): Promise<void> {
    return this.#inTurn(async () => {
      this.#refuseOfFile(id)
      this.get(id)
      await this.#save(this.#byHand.filter((other) => other.id !== id), { action: 'pipeline.delete', id, by, detail: {} })
    })
  }

  /** Takes what the configuration file says now. */
  async takeFile (entries: readonly PipelineEntry[]): Promise<void> {
    const twice = entries.find(({ id }) => this.#byHand.some((other) => other.id === id))
    if (twice !== undefined) throw new AppError('conflict', `the pipeline ${twice.id} was made by hand: remove that one, or name this one otherwise`)
    this.#ofFile = entries
    this.#parts.use(this.graph())
  }

  async #save (entries: readonly PipelineEntry[], { action, id: target, by: { caller: actor, from }, detail }: { action: 'pipeline.update' | 'pipeline.delete', id: string, by: Requester, detail: Record<string, unknown> }): Promise<void> {
    const { store, clock, audit } = this.#parts
    await store.write('saveSettings', { settings: [{ name: SETTING, value: entries }], now: clock.now(), acts: [audit.recordOf({ action, actor, from, target, detail })] })
    this.#byHand = entries
    this.#parts.use(this.graph())
  }

  #all (): PipelineEntry[] {
    return [...this.#ofFile, ...this.#byHand]
  }

  #refuseOfFile (id: string): void {
    if (this.#ofFile.some((entry) => entry.id === id)) throw new AppError('conflict', `the pipeline ${id} is in the configuration file: change it there`)
  }

  #inTurn<T> (change: () => Promise<T>): Promise<T> {
    const changed = this.#last.then(change)
    this.#last = changed.catch(() => {})
    return changed
  }
}

function refuseFaults (pipeline: NewPipeline): void {
  const faults = ingestFaults(pipeline)
  const [first] = faults
  if (first !== undefined) throw new AppError('invalid', `${first.path} ${first.message}`, { faults })
}

function graphOf (entries: readonly PipelineEntry[]): Graph | undefined {
  const graphs = entries.filter(({ enabled }) => enabled !== false).map(({ id: name, processors }) => ({ name, graph: compileGraph({ processors }) }))
  return graphs.length === 0 ? undefined : chainGraphs(graphs)
}

function answerOf (entry: PipelineEntry, origin: StoredPipeline['origin']): StoredPipeline {
  return { ...entry, enabled: entry.enabled !== false, origin, hints: graphHints(compileGraph({ processors: entry.processors }).nodes) }
}

/** Written by this program, which may have been a newer one. */
function isEntry (value: unknown): value is PipelineEntry {
  return isRecord(value) && typeof value['id'] === 'string' && Array.isArray(value['processors']) && ingestFaults({ processors: value['processors'] }).length === 0
}
