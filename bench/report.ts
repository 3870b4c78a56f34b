import { parseArgs } from 'node:util'

const { values } = parseArgs({
  strict: false,
  options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '5' }, small: { type: 'string', default: '1000000' }, large: { type: 'string', default: '10000000' }, before: { type: 'string', default: '' }, idle: { type: 'string', default: '60' } }
})

/** The size of a run: rounds of each contender, seconds of each round, events of the small and the large store; the checkout that `against` and `idle` compare with; idle seconds. */
export const settings = {
  rounds: Number(values['rounds']),
  seconds: Number(values['seconds']),
  small: Number(values['small']),
  large: Number(values['large']),
  before: String(values['before']),
  idle: Number(values['idle'])
}

export type Measure = () => Promise<number>

/** Measures A B C A B C ... so that whatever the machine does meanwhile meets all alike. One round before is thrown away. */
export async function interleaved<K extends string> (measures: Record<K, Measure>, rounds = settings.rounds): Promise<Record<K, number>> {
  const names = namesOf(measures)
  const values = new Map<K, number[]>(names.map((name) => [name, []]))
  for (const name of names) await measures[name]()
  for (let round = 0; round < rounds; round++) {
    for (const name of names) values.get(name)?.push(await measures[name]())
  }
  return parseMedians(names.map((name) => [name, median(values.get(name) ?? [])]))
}

export function median (values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] ?? Number.NaN : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2
}

/** One line: what, the ratio, the target in words, and the medians behind it. */
export function print (what: string, ratio: number, { target, medians, unit }: { target: string, medians: Record<string, number>, unit: string }): void {
  const behind = Object.entries(medians).map(([name, value]) => `${name} ${value.toPrecision(4)} ${unit}`).join(', ')
  console.log(`${what}: ${ratio.toFixed(2)} (target: ${target}) · ${behind}`)
}

/** Ms of one call; the median of several, since one alone says little. */
export async function msOf (call: () => Promise<unknown>, times = 5): Promise<number> {
  const ms: number[] = []
  for (let i = 0; i < times; i++) {
    const startedAt = performance.now()
    await call()
    ms.push(performance.now() - startedAt)
  }
  return median(ms)
}

function namesOf<K extends string> (measures: Record<K, Measure>): K[] {
  return parseKeys<K>(Object.keys(measures))
}

function parseKeys<K extends string> (keys: string[]): K[] {
  return keys as K[]
}

function parseMedians<K extends string> (entries: [K, number][]): Record<K, number> {
  return Object.fromEntries(entries) as Record<K, number>
}
