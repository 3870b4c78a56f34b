import { AppError } from '../../core/errors.ts'
import type { Generations } from './generations.ts'
import { emptyMiner, standing, type Compared, type Miner, type Pattern, type Siblings } from './miner.ts'
import type { Wording } from './wording.ts'

/** Grows when what stands below changes its meaning. */
const VERSION = 1

interface StoredPattern extends Omit<Pattern, 'slots' | 'alias'> {
  slots: Array<Array<[string, number]>>
}

interface StoredGenerations<V> {
  young: Array<[number, V]>
  old: Array<[number, V]>
}

/** Patterns stand in it by their ids. */
interface Snapshot {
  version: number
  nextId: number
  patterns: StoredPattern[]
  aliases: Array<[number, number]>
  byKey: StoredGenerations<number>
  siblings: StoredGenerations<Omit<Siblings, 'patterns'> & { patterns: number[] }>
  recent: Array<Array<[number, Wording]>>
  general: Array<Array<[number, Wording]>>
}

/** Makes text of all that was learned, so that a miner restored from it answers as this one would. */
export function snapshotOf (miner: Miner): string {
  const idOf = (pattern: Pattern): number => standing(pattern).id
  const listed = (lists: Compared[][]): Array<Array<[number, Wording]>> => lists.map((list) => list.map(({ pattern, wording }) => [idOf(pattern), wording]))
  const snapshot: Snapshot = {
    version: VERSION,
    nextId: miner.nextId,
    patterns: [...miner.patterns.values()].map(({ alias, slots, ...pattern }) => ({ ...pattern, slots: slots.map((values) => [...values]) })),
    aliases: [...miner.aliases],
    byKey: storedOf(miner.byKey, idOf),
    siblings: storedOf(miner.siblings, (siblings) => ({ ...siblings, patterns: siblings.patterns.map(idOf) })),
    recent: listed(miner.recent),
    general: listed(miner.general)
  }
  return JSON.stringify(snapshot)
}

/** Makes a miner of the text of `snapshotOf`. Throws `invalid` for text of another version. */
export function restoreMiner (text: string): Miner {
  const snapshot = parseSnapshot(text)
  const miner = emptyMiner()
  const patterns = new Map(snapshot.patterns.map((stored): [number, Pattern] => [stored.id, { ...stored, slots: stored.slots.map((values) => new Map(values)), alias: undefined }]))
  const patternOf = (id: number): Pattern => {
    const pattern = patterns.get(id)
    if (pattern === undefined) throw new AppError('invalid', `the snapshot names pattern ${id}, which is not in it`)
    return pattern
  }
  const listed = (lists: Array<Array<[number, Wording]>>): Compared[][] => lists.map((list) => list.map(([id, wording]) => ({ pattern: patternOf(id), wording })))
  return {
    ...miner,
    nextId: snapshot.nextId,
    patterns,
    aliases: new Map(snapshot.aliases),
    byKey: restored(miner.byKey, snapshot.byKey, patternOf),
    siblings: restored(miner.siblings, snapshot.siblings, (siblings) => ({ ...siblings, patterns: siblings.patterns.map(patternOf) })),
    recent: listed(snapshot.recent),
    general: listed(snapshot.general)
  }
}

function storedOf<V, S> ({ young, old }: Generations<V>, store: (value: V) => S): StoredGenerations<S> {
  const listed = (map: Map<number, V>): Array<[number, S]> => [...map].map(([key, value]) => [key, store(value)])
  return { young: listed(young), old: listed(old) }
}

function restored<V, S> ({ most }: Generations<V>, { young, old }: StoredGenerations<S>, restore: (value: S) => V): Generations<V> {
  const mapped = (list: Array<[number, S]>): Map<number, V> => new Map(list.map(([key, value]) => [key, restore(value)]))
  return { most, young: mapped(young), old: mapped(old) }
}

function parseSnapshot (text: string): Snapshot {
  const snapshot = JSON.parse(text) as Snapshot
  if (snapshot.version !== VERSION) throw new AppError('invalid', `patterns of version ${snapshot.version} cannot be read here: this is version ${VERSION}`)
  return snapshot
}
