/** A bounded map that forgets what was not asked for during a whole generation, at a constant price. */
export interface Generations<V> {
  most: number
  young: Map<number, V>
  old: Map<number, V>
}

/** Makes a map of at most `most` entries, of which the younger half is certain to be kept. */
export function emptyGenerations<V> (most: number): Generations<V> {
  return { most, young: new Map(), old: new Map() }
}

export function getOf<V> (map: Generations<V>, key: number): V | undefined {
  const young = map.young.get(key)
  if (young !== undefined) return young
  const old = map.old.get(key)
  if (old !== undefined) putIn(map, key, old)
  return old
}

export function putIn<V> (map: Generations<V>, key: number, value: V): void {
  if (map.young.size >= map.most / 2 && !map.young.has(key)) {
    map.old = map.young
    map.young = new Map()
  }
  map.young.set(key, value)
}

export function keepOnly<V> (map: Generations<V>, isKept: (value: V) => boolean): void {
  for (const generation of [map.young, map.old]) {
    for (const [key, value] of generation) if (!isKept(value)) generation.delete(key)
  }
}
