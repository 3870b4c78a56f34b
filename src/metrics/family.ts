import type { CooperativeScheduler } from '../core/cooperative-scheduler.ts'

/** The values that a label may have, or, for an open label, how many of them are told apart. */
type LabelSpec = readonly string[] | number
export type LabelSpecs = Readonly<Record<string, LabelSpec>>
export type LabelValues<L extends LabelSpecs> = { readonly [K in keyof L]: L[K] extends readonly (infer V extends string)[] ? V : string }

export interface FamilySpec<L extends LabelSpecs> {
  /** As Prometheus wants it: base unit at the end, counters in `_total`. */
  name: string
  help: string
  labels: L
}

export interface HistogramSpec<L extends LabelSpecs> extends FamilySpec<L> {
  /** Upper bounds, rising; the last one, infinity, is added. */
  buckets: readonly number[]
}

export type NoLabels = Readonly<Record<never, LabelSpec>>

/** A family, whatever its labels. */
export interface Exported {
  readonly name: string
  readonly isOpen: boolean
  /** Called for each look-up that a cap turned into `(other)`. */
  onOverflow: () => void
  pieces: () => Generator<string, undefined>
}

/** Stands for all values beyond the cap of an open label. */
export const OTHER = '(other)'
const SERIES_IN_A_PIECE = 250

/** All series of one metric. Series are made once and kept by who counts often, so that counting allocates nothing. */
abstract class Family<L extends LabelSpecs, S> implements Exported {
  readonly name: string
  readonly #head: string
  readonly #labels: L
  readonly #known = new Map<string, Set<string>>()
  readonly #series = new Map<string, S>()
  onOverflow: () => void = () => {}

  constructor ({ name, help, labels }: FamilySpec<L>, type: 'counter' | 'gauge' | 'histogram') {
    this.name = name
    this.#labels = labels
    this.#head = `# HELP ${name} ${escapeText(help)}\n# TYPE ${name} ${type}\n`
  }

  protected abstract make (): S
  /** The lines of one series; `labels` is what stands between the braces. */
  protected abstract lines (labels: string, series: S): string

  get isOpen (): boolean {
    return Object.values(this.#labels).some((spec) => typeof spec === 'number')
  }

  /** The series of these labels, made when it is not there. */
  at (values: LabelValues<L>): S {
    return this.#at(values)
  }

  #at (values: Readonly<Record<string, string>>): S {
    const labels = Object.keys(this.#labels).map((label) => `${label}="${escapeLabel(this.valueOf(label, values[label] ?? ''))}"`).join()
    const found = this.#series.get(labels)
    if (found !== undefined) return found
    const made = this.make()
    this.#series.set(labels, made)
    return made
  }

  /** The value that a label gets: itself, or `(other)` when the label is open and has as many as it may. */
  valueOf (label: keyof L & string, value: string): string {
    const most = this.#labels[label]
    if (typeof most !== 'number' || value === OTHER) return value
    const known = this.#known.get(label) ?? new Set()
    if (known.has(value)) return value
    if (known.size >= most) {
      this.onOverflow()
      return OTHER
    }
    this.#known.set(label, known.add(value))
    return value
  }

  /** Makes every series of a family whose labels are closed sets, so that it is there with 0 before anything happened. */
  begin (): void {
    const combine = ([label, ...rest]: string[], values: Record<string, string>): void => {
      if (label === undefined) {
        this.#at(values)
        return
      }
      const spec = this.#labels[label]
      if (typeof spec === 'object') for (const value of spec) combine(rest, { ...values, [label]: value })
    }
    combine(Object.keys(this.#labels), {})
  }

  clear (): void {
    this.#series.clear()
    this.#known.clear()
  }

  /** The text in pieces, each small enough to be made in one go. */
  * pieces (): Generator<string, undefined> {
    let text = this.#head
    let count = 0
    for (const [labels, series] of this.#series) {
      text += this.lines(labels, series)
      if (++count % SERIES_IN_A_PIECE > 0) continue
      yield text
      text = ''
    }
    if (text !== '') yield text
  }
}

/** One number that goes up, or up and down. */
class Value {
  value = 0

  add (more = 1): void {
    this.value += more
  }

  set (value: number): void {
    this.value = value
  }
}

class ValueFamily<L extends LabelSpecs> extends Family<L, Value> {
  protected override make (): Value {
    return new Value()
  }

  protected override lines (labels: string, { value }: Value): string {
    return `${this.name}${labels === '' ? '' : `{${labels}}`} ${textOf(value)}\n`
  }
}

/** Only rises. `set` on a series is for totals that are counted elsewhere, by the kernel for instance. */
export class Counter<L extends LabelSpecs> extends ValueFamily<L> {
  constructor (spec: FamilySpec<L>) {
    super(spec, 'counter')
    this.begin()
  }
}

/** Shows nothing until it is set: what cannot be told must not read as 0. */
export class Gauge<L extends LabelSpecs> extends ValueFamily<L> {
  constructor (spec: FamilySpec<L>) {
    super(spec, 'gauge')
  }
}

export class HistogramSeries {
  readonly #buckets: readonly number[]
  readonly counts: number[]
  sum = 0

  constructor (buckets: readonly number[]) {
    this.#buckets = buckets
    this.counts = new Array<number>(buckets.length + 1).fill(0)
  }

  observe (value: number): void {
    let at = 0
    // Written out, since it runs for each request: a search by halves is slower for so few bounds.
    while (at < this.#buckets.length && value > (this.#buckets[at] ?? Infinity)) at++
    this.counts[at] = (this.counts[at] ?? 0) + 1
    this.sum += value
  }
}

export class Histogram<L extends LabelSpecs> extends Family<L, HistogramSeries> {
  readonly #buckets: readonly number[]
  /** What follows the other labels in the line of each bucket. */
  readonly #bounds: readonly string[]

  constructor (spec: HistogramSpec<L>) {
    super(spec, 'histogram')
    this.#buckets = spec.buckets
    this.#bounds = [...spec.buckets, Infinity].map((bound) => `le="${textOf(bound)}"} `)
    this.begin()
  }

  protected override make (): HistogramSeries {
    return new HistogramSeries(this.#buckets)
  }

  protected override lines (labels: string, { counts, sum }: HistogramSeries): string {
    const open = `${this.name}_bucket{${labels === '' ? '' : `${labels},`}`
    const braced = labels === '' ? '' : `{${labels}}`
    let text = ''
    let total = 0
    for (let at = 0; at < counts.length; at++) {
      total += counts[at] ?? 0
      text += `${open}${this.#bounds[at]}${total}\n`
    }
    return `${text}${this.name}_sum${braced} ${textOf(sum)}\n${this.name}_count${braced} ${total}\n`
  }
}

/** The text of all families, made piece by piece in scheduler, so that others run in between. */
export async function renderFamilies (families: readonly Exported[], scheduler: Pick<CooperativeScheduler, 'run'>): Promise<Buffer> {
  const pieces: Buffer[] = []
  for (const family of families) {
    const source = family.pieces()
    const next = (): Buffer | undefined => {
      const piece = source.next()
      return piece.done === true ? undefined : Buffer.from(piece.value)
    }
    for (let piece = await scheduler.run(next); piece !== undefined; piece = await scheduler.run(next)) pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

/** Source: Prometheus, "Exposition formats", text format 0.0.4. */
function textOf (value: number): string {
  if (value === Infinity) return '+Inf'
  return value === -Infinity ? '-Inf' : String(value)
}

function escapeText (text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function escapeLabel (text: string): string {
  return escapeText(text).replaceAll('"', '\\"')
}
