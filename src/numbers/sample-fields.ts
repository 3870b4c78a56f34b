import { SAMPLE_LIMITS, type Labels, type Sample } from '../../schemas/sample.ts'
import { RESERVED_SERIES } from '../monitor/built-in-series.ts'
import type { Fault } from '../core/errors.ts'
import { addFault, pointerStep, textFault } from '../core/faults.ts'
import { isFields, kindOf, type Fields } from '../ingest/fields.ts'
import { parseInstant } from '../ingest/time/instant.ts'

/** Bounds of the time of a sample, in ms since the epoch, and what holds when it has none. */
export interface SampleTimes {
  now: number
  oldest: number
  latest: number
}

const FIELDS = ['name', 'value', 'labels', 'time']
const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/

/** Reads one sample as it was sent. Paths of faults are JSON pointers into it. */
export function readSample (input: unknown, times: SampleTimes): Sample | { faults: Fault[] } {
  const faults: Fault[] = []
  if (!isFields(input)) return { faults: [{ path: '', message: `a sample is an object like {"name": "queue_length", "value": 3}, got ${kindOf(input)}` }] }
  for (const name of Object.keys(input)) {
    if (!FIELDS.includes(name)) addFault(faults, pointerStep(name), `is not known here: a sample has ${FIELDS.join(', ')}`)
  }
  const sample = {
    name: readName(input, faults),
    value: readValue(input, faults),
    labels: readLabels(input, faults),
    time: readTime(input, faults, times)
  }
  return faults.length === 0 ? sample : { faults }
}

function readName ({ name }: Fields, faults: Fault[]): string {
  const fault = nameFault(name)
  if (fault !== undefined) addFault(faults, '/name', fault)
  return String(name)
}

function nameFault (name: unknown): string | undefined {
  if (typeof name !== 'string') return name === undefined ? 'is missing' : `must be a text, got ${kindOf(name)}`
  if (name.length > SAMPLE_LIMITS.nameLength) return `${name.length} characters, at most ${SAMPLE_LIMITS.nameLength}`
  if (!NAME.test(name)) return `${JSON.stringify(name)} is no name: use letters, digits and _, and no digit first`
  if (RESERVED_SERIES.test(name)) return `${name.split('_')[0]}_ is for what the service measures itself: use another beginning`
}

function readValue ({ value }: Fields, faults: Fault[]): number {
  const number = JSON.isRawJSON(value) ? Number(value.rawJSON) : value
  if (typeof number !== 'number') addFault(faults, '/value', value === undefined ? 'is missing' : `must be a number, got ${kindOf(value)}`)
  else if (Math.abs(number) > SAMPLE_LIMITS.value) addFault(faults, '/value', `must be between -${SAMPLE_LIMITS.value} and ${SAMPLE_LIMITS.value}`)
  return Number(number)
}

function readLabels ({ labels = {} }: Fields, faults: Fault[]): Labels {
  if (!isFields(labels)) {
    addFault(faults, '/labels', `must be an object like {"queue": "mail"}, got ${kindOf(labels)}`)
    return {}
  }
  const entries = Object.entries(labels)
  if (entries.length > SAMPLE_LIMITS.labels) addFault(faults, '/labels', `${entries.length} labels, at most ${SAMPLE_LIMITS.labels}`)
  return Object.fromEntries(entries.map(([name, value]) => {
    const fault = labelFault(name, value)
    if (fault !== undefined) addFault(faults, `/labels${pointerStep(name)}`, fault)
    return [name, String(value)]
  }))
}

/** Two underscores in front are Prometheus's own. */
function labelFault (name: string, value: unknown): string | undefined {
  const { labelLength } = SAMPLE_LIMITS
  if (!NAME.test(name) || name.startsWith('__')) return 'is no name of a label: use letters, digits and _, and no digit or __ first'
  if (typeof value !== 'string') return `must be a text, got ${kindOf(value)}`
  if (name.length > labelLength || value.length > labelLength) return `name and value have at most ${labelLength} characters`
  return textFault(value)
}

function readTime ({ time }: Fields, faults: Fault[], { now, oldest, latest }: SampleTimes): number {
  if (time === undefined) return now
  const scalar = JSON.isRawJSON(time) ? time.rawJSON : time
  const ms = typeof scalar === 'string' || typeof scalar === 'number' ? parseInstant(scalar)?.ms : undefined
  if (ms === undefined) addFault(faults, '/time', 'is not a time: send ISO 8601 like 2026-01-31T12:00:00Z, or seconds, ms, µs or ns since the epoch')
  else if (ms < oldest) addFault(faults, '/time', `is before ${new Date(oldest).toISOString()}: older samples are summed up already`)
  else if (ms > latest) addFault(faults, '/time', `is after ${new Date(latest).toISOString()}, in the future`)
  return ms ?? now
}
