import type { Expected, TestEntry, TestEvents, TestSeries } from '../../schemas/config-file.ts'
import type { FileTest } from '../settings/config-file.ts'
import { severityOfLevel } from '../detect/severity.ts'
import { samplePoint, seriesGroups, replayTicks, type ReplayGroup, type ReplayPoint, type ReplayRange } from './replay-data.ts'
import type { Matchable } from '../query/match.ts'
import { compileRule, type CompiledRule } from '../rules/compile.ts'
import { countEvent, countsAt, startCounts } from '../rules/counts.ts'
import { parseDuration } from '../core/duration.ts'
import { judgeTicks, replay, type Firing, type ReplayTick } from '../rules/replay.ts'

export interface TestVerdict {
  name: string
  isFine: boolean
  /** What was expected and what came, for one that is not fine. */
  text: string
}

/** A full day, so that evaluations begin with the test. */
const START = Date.UTC(2026, 0, 1)
const EVERY = '10s'

/** Runs one test of a rule, by the code that evaluates rules live. Times hold to the next evaluation. */
export function runRuleTest ({ test, rule, source }: FileTest, intervalMs: number): TestVerdict {
  const compiled = compileRule(rule, { intervalMs })
  const { firings } = replay(compiled, judgeTicks(compiled, testTicks(compiled, test, intervalMs)))
  const isFine = firings.length === test.expect.length && test.expect.every((expected, at) => isMet(expected, firings[at], intervalMs))
  const name = test.name ?? rule.name
  const told = [`expected ${listed(test.expect.map(expectedText))}`, `got ${listed(firings.map(firingText))}`]
  return { name, isFine, text: isFine ? '' : `${source.file}:${source.line} ${told.join(', ')}` }
}

function * testTicks (rule: CompiledRule, test: TestEntry, stepMs: number): Generator<ReplayTick> {
  const range: ReplayRange = { from: START, to: START + lengthOf(test, rule), stepMs }
  const named = (wanted: string): ReplayGroup[] => (test.series ?? []).filter(({ name }) => name === wanted).map(groupOf)
  const data = new Map(rule.signal.needs.map((need) => [need.key, need.kind === 'series' ? seriesGroups(need, named(need.name)) : []]))
  const counts = startCounts(rule.signal.needs.filter((need) => need.kind === 'count'), START - rule.windowMs)
  const sent = (test.events ?? []).flatMap(eventsOf).sort((a, b) => a.at - b.at)
  let next = 0
  for (const { at, values } of replayTicks(rule.signal.needs.filter((need) => need.kind === 'series'), data, range)) {
    for (let one = sent[next]; one !== undefined && one.at < at; one = sent[++next]) {
      for (let count = 0; count < one.count; count++) countEvent(counts, one.event, one.at)
    }
    yield { at, values: new Map([...values, ...countsAt(counts, at)]) }
  }
}

/** As long as its numbers are given, and until its events have left the window. */
function lengthOf ({ lasts, series = [], events = [] }: TestEntry, { windowMs, keepFiringForMs }: CompiledRule): number {
  if (lasts !== undefined) return parseDuration(lasts)
  const ends = [
    ...series.map((one) => valuesOf(one).length * parseDuration(one.every ?? EVERY)),
    ...events.map(({ at, until = at }) => parseDuration(until) + windowMs + keepFiringForMs + parseDuration(EVERY))
  ]
  return Math.max(0, ...ends)
}

function groupOf (series: TestSeries): ReplayGroup {
  const everyMs = parseDuration(series.every ?? EVERY)
  const points = valuesOf(series).flatMap((value, at): ReplayPoint[] => value === null ? [] : [samplePoint(START + at * everyMs, value)])
  return { labels: series.labels ?? {}, points }
}

/** Reads `50x6 90 _x3`. */
function valuesOf ({ values }: TestSeries): Array<number | null> {
  return values.trim().split(/\s+/).flatMap((part) => {
    const [value = '', times = '1'] = part.split('x')
    return new Array<number | null>(Number(times)).fill(value === '_' ? null : Number(value))
  })
}

interface Sent { at: number, count: number, event: Matchable }

function eventsOf ({ at, every, until = at, count = 1, ...fields }: TestEvents): Sent[] {
  const [first, last, stepMs] = [parseDuration(at), parseDuration(until), every === undefined ? Infinity : Math.max(1, parseDuration(every))]
  const event = eventOf(fields)
  const sent: Sent[] = []
  for (let time = first; time <= Math.max(first, last); time += stepMs) sent.push({ at: START + time, count, event })
  return sent
}

function eventOf ({ message = '', level = 'INFO', service, type, host, meta }: Omit<TestEvents, 'at'>): Matchable {
  return {
    message,
    level,
    severity: severityOfLevel(level),
    service: service ?? null,
    type: type ?? null,
    host: host ?? null,
    traceId: null,
    meta: meta === undefined ? null : JSON.stringify(meta),
    patternId: null,
    anomaly: null
  }
}

function isMet ({ from, to, level, labels = {} }: Expected, firing: Firing | undefined, intervalMs: number): boolean {
  if (firing === undefined || (level !== undefined && level !== firing.level)) return false
  if (!isAt(firing.from, from, intervalMs) || (firing.to === null) !== (to === undefined)) return false
  if (to !== undefined && !isAt(firing.to ?? 0, to, intervalMs)) return false
  return Object.entries(labels).every(([name, value]) => firing.labels[name] === value)
}

function isAt (time: number, offset: string, intervalMs: number): boolean {
  const late = time - START - parseDuration(offset)
  return late >= 0 && late < intervalMs
}

function listed (texts: readonly string[]): string {
  return texts.length === 0 ? 'no firing' : texts.join('; ')
}

function expectedText ({ from, to, level, labels = {} }: Expected): string {
  return `${level ?? 'any level'} from ${from} ${to === undefined ? 'on' : `to ${to}`}${labelText(labels)}`
}

function firingText ({ from, to, level, labels }: Firing): string {
  return `${level} from ${seconds(from)} ${to === null ? 'on' : `to ${seconds(to)}`}${labelText(labels)}`
}

function seconds (time: number): string {
  return `${(time - START) / 1_000}s`
}

function labelText (labels: Readonly<Record<string, string>>): string {
  return Object.keys(labels).length === 0 ? '' : ` ${JSON.stringify(labels)}`
}
