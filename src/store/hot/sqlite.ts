import type { Appended, Submission } from '../../../schemas/submission.ts'
import { threadScript } from '../../core/thread-script.ts'
import { checkFile } from './files/checks.ts'
import { createStore } from './files/create.ts'
import { DamagedStore, settleDamage, type Damage } from './files/damage.ts'
import type { Durability } from './database.ts'
import type { Space } from './files/free-space.ts'
import { lockFolder } from './files/lock.ts'
import type { ReaderOptions } from './reader-thread.ts'
import type { ReadArgs, ReadOptions, ReadValue, Store, WriteArgs, WriteValue } from '../store.ts'
import { pack } from './events/submission.ts'
import { Readers } from './readers.ts'
import { Thread, type CallOptions, type LoadingThread } from './thread.ts'
import type { WriterOptions } from './writer-thread.ts'

export interface SqliteOptions {
  dataDir: string
  durability: Durability
  minFreeBytes: number
  partitionBytes: number
  /** A store that is damaged or gone is answered by an empty one. */
  acceptEmpty?: boolean
  /** Called when a store thread dies: the process can only stop. */
  onDeath: (error: Error) => void
}

export interface OpenedStore {
  store: Store
  file: string
  /** The file was damaged and stands aside under this name; the store began anew, as the operator said. */
  damage: Damage | undefined
  space: Space
}

interface State {
  fault: string | undefined
}

interface SqliteParts {
  writer: Thread
  readers: Readers
  lock: { release: () => void }
  state: State
}

const NO_LIMIT_MS = 60_000

/**
 * Opens the store in `dataDir`. Throws `conflict` when another process has it or a newer or another program wrote it,
 * `overloaded` when the folder cannot be written, DamagedStore when it is damaged or gone and an empty one is not to be had.
 */
export async function openSqlite (options: SqliteOptions): Promise<OpenedStore> {
  const { dataDir, durability, minFreeBytes, partitionBytes, acceptEmpty = false, onDeath } = options
  const lock = lockFolder(dataDir)
  const loading = [loadThread('writer'), loadThread('reader')] as const
  const [loadingWriter, loadingReader] = loading
  const opened: { close: () => Promise<void> }[] = []
  const state: State = { fault: undefined }
  try {
    const { file, damage } = await placeStore(dataDir, acceptEmpty)
    const on = { death: onDeath }
    const writerOptions: WriterOptions = { file, durability, partitionBytes, minFreeBytes }
    const trouble = (fault: Error | undefined): void => { state.fault = fault?.message }
    const writer = await loadingWriter.open(writerOptions, { ...on, trouble })
    opened.push(writer)
    const readerOptions: ReaderOptions = { file }
    const readers = new Readers(await loadingReader.open(readerOptions, on), () => loadThread('reader').open(readerOptions, on))
    opened.push(readers)
    const store = new SqliteStore({ writer, readers, lock, state })
    return { store, file, damage, space: await store.write('space', undefined) }
  } catch (error) {
    await Promise.all(opened.map((part) => part.close()))
    await Promise.all(loading.map((thread) => thread.discard()))
    lock.release()
    throw error
  }
}

/** A thread that is loaded while the store is looked at is ready the sooner. */
function loadThread (name: 'writer' | 'reader'): LoadingThread {
  return Thread.load(threadScript(`./${name}-thread`, import.meta.url))
}

/** Sees to it that a whole store stands in its place. */
async function placeStore (dataDir: string, acceptEmpty: boolean): Promise<{ file: string, damage: Damage | undefined }> {
  const { file, isNew, damage } = checkFile(dataDir)
  if (damage !== undefined && !acceptEmpty) throw new DamagedStore(file, damage)
  if (damage !== undefined || isNew) await createStore(file, { after: damage?.keptAs })
  settleDamage(file)
  return { file, damage }
}

class SqliteStore implements Store {
  readonly #writer: Thread
  readonly #readers: Readers
  readonly #lock: { release: () => void }
  readonly #state: State

  constructor ({ writer, readers, lock, state }: SqliteParts) {
    this.#writer = writer
    this.#readers = readers
    this.#lock = lock
    this.#state = state
  }

  get fault (): string | undefined {
    return this.#state.fault
  }

  append (submission: Submission): Promise<Appended> {
    return parseValue(this.#writer.call('append', pack(submission)))
  }

  read<K extends Parameters<Store['read']>[0]> (name: K, args: ReadArgs<K>, { timeoutMs = NO_LIMIT_MS, signal }: ReadOptions = {}): Promise<ReadValue<K>> {
    const options: CallOptions = { deadline: Date.now() + timeoutMs, ...(signal === undefined ? {} : { signal }) }
    return parseValue(isSearch(args) ? this.#readers.search(name, args, options) : this.#readers.look(name, args, options))
  }

  write<K extends Parameters<Store['write']>[0]> (name: K, args: WriteArgs<K>): Promise<WriteValue<K>> {
    return parseValue(this.#writer.call(name, args))
  }

  /** Readers first: the last connection to close, the writer's, folds the log into the file. */
  async close (): Promise<void> {
    await this.#readers.close()
    await this.#writer.close()
    this.#lock.release()
  }
}

/** What is asked with a condition looks at many events. */
function isSearch (args: unknown): boolean {
  return typeof args === 'object' && args !== null && 'where' in args && args.where !== undefined
}

async function parseValue<T> (value: Promise<unknown>): Promise<T> {
  return await value as T
}
