import { computed, signal } from '@preact/signals'
import { param, setParams } from './router.ts'
import { readTimeText } from './time-text.ts'

/** What every panel of a page shows. Times are ms since the epoch. */
export interface Range {
  from: number
  to: number
  /** It follows the present. */
  isLive: boolean
}

export const QUICK_RANGES: ReadonlyArray<{ from: string, name: string, short: string, key: string }> = [
  { from: '-15m', name: 'Last 15 min', short: '15 min', key: '1' },
  { from: '-1h', name: 'Last 1 hour', short: '1 h', key: '2' },
  { from: '-6h', name: 'Last 6 hours', short: '6 h', key: '3' },
  { from: '-24h', name: 'Last 24 hours', short: '24 h', key: '4' },
  { from: '-7d', name: 'Last 7 days', short: '7 d', key: '5' }
]
const DEFAULT_FROM = '-1h'
const TICK_MS = 1_000
const LEAST_MS = 1_000
const ZONE_KEY = 'bw.utc'
const RECENT_KEY = 'bw.ranges'
const MOST_RECENT = 4

/** The present, to the second; ages count from it. */
export const now = signal(Date.now())
setInterval(() => { now.value = Date.now() }, TICK_MS)

export const isUtc = signal(localStorage.getItem(ZONE_KEY) === 'true')
export function setUtc (utc: boolean): void {
  isUtc.value = utc
  localStorage.setItem(ZONE_KEY, String(utc))
}

/** Texts of ranges that were typed, the newest first; kept on the device. */
export const recentRanges = signal<ReadonlyArray<{ from: string, to: string }>>(readRecent())

function readRecent (): Array<{ from: string, to: string }> {
  return (localStorage.getItem(RECENT_KEY) ?? '').split('\n').map((line) => line.split('\t')).flatMap(([from = '', to = '']) => to === '' ? [] : [{ from, to }])
}

export function rememberRange (typed: { from: string, to: string }): void {
  recentRanges.value = [typed, ...recentRanges.value.filter(({ from, to }) => from !== typed.from || to !== typed.to)].slice(0, MOST_RECENT)
  localStorage.setItem(RECENT_KEY, recentRanges.value.map(({ from, to }) => `${from}\t${to}`).join('\n'))
}

const fromText = computed(() => param('from') ?? DEFAULT_FROM)
const toText = computed(() => param('to') ?? 'now')

/** Whether the page follows the present: its range ends now, and nobody paused it. */
export const isFollowing = computed(() => toText.value === 'now' && param('live') !== '0')

/** Moves every ten seconds while it follows the present, so that panels ask no more often. */
const coarseNow = computed(() => Math.floor(now.value / 10_000) * 10_000)

/** The range of the address; the last hour where it says none that can be read. */
export const range = computed<Range>(() => {
  const at = isFollowing.value ? coarseNow.value + 10_000 : Date.now()
  const from = readTime(fromText.value, at) ?? at - 3_600_000
  const to = readTime(toText.value, at) ?? at
  return from + LEAST_MS <= to ? { from, to, isLive: isFollowing.value } : { from: to - 3_600_000, to, isLive: isFollowing.value }
})

const quickRange = computed(() => QUICK_RANGES.find(({ from }) => from === fromText.value && toText.value === 'now'))

export const rangeName = computed(() => {
  if (quickRange.value !== undefined) return quickRange.value.name
  return `${clockText(range.value.from)} to ${toText.value === 'now' ? 'now' : clockText(range.value.to)}`
})

/** For where there is little room. */
export const shortRangeName = computed(() => quickRange.value?.short ?? rangeName.value)

/** Reads a time as a person writes it, in the zone that is shown; undefined for what is none. */
export function readTime (text: string, at = Date.now()): number | undefined {
  return readTimeText(text, { now: at, isUtc: isUtc.value })
}

/** Shows a relative range that follows the present. */
export function followRange (from: string): void {
  setParams({ from: from === DEFAULT_FROM ? undefined : from, to: undefined, live: undefined })
}

/** Shows what came since a time, and follows the present. */
export function showFrom (from: number): void {
  setParams({ from: new Date(from).toISOString(), to: undefined, live: undefined })
}

/** Shows a fixed range. */
export function showRange (from: number, to: number): void {
  setParams({ from: new Date(Math.min(from, to)).toISOString(), to: new Date(Math.max(from, to, Math.min(from, to) + LEAST_MS)).toISOString(), live: undefined })
}

export function zoomOut (): void {
  const { from, to } = range.value
  const half = (to - from) / 2
  showRange(from - half, Math.min(to + half, Date.now()))
}

/** Moves by its own length: -1 back, 1 forward. */
export function moveRange (direction: -1 | 1): void {
  const { from, to } = range.value
  const by = direction * (to - from)
  if (direction === 1 && to + by >= Date.now()) return followRange(`-${Math.round((to - from) / 60_000)}m`)
  showRange(from + by, to + by)
}

/** Made once for each zone: making one takes longer than a hundred texts of it. */
const FORMATS = {
  time: formatOf({ hour: '2-digit', minute: '2-digit' }),
  day: formatOf({ day: 'numeric', month: 'short' }),
  full: formatOf({ dateStyle: 'medium', timeStyle: 'medium' })
}

function formatOf (options: Intl.DateTimeFormatOptions): (ms: number) => string {
  const local = new Intl.DateTimeFormat('en-GB', options)
  const utc = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' })
  return (ms) => (isUtc.value ? utc : local).format(ms)
}

const pad = (value: number, width = 2): string => String(value).padStart(width, '0')

/** 14:32; with the day when it is not today's. */
export function clockText (ms: number): string {
  const isToday = FORMATS.day(ms) === FORMATS.day(Date.now())
  return isToday ? FORMATS.time(ms) : `${FORMATS.day(ms)} ${FORMATS.time(ms)}`
}

/** 2026-01-31 14:32:08, as it is typed. */
export function textOf (ms: number): string {
  return new Date(ms + offsetMs(ms)).toISOString().slice(0, 19).replace('T', ' ')
}

/** 14:32:08.214 */
export function preciseText (ms: number): string {
  const date = new Date(ms)
  const time = isUtc.value
    ? [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()]
    : [date.getHours(), date.getMinutes(), date.getSeconds()]
  return `${time.map((part) => pad(part)).join(':')}.${pad(date.getMilliseconds(), 3)}`
}

/** How far the clock of the reader is ahead of UTC at a time. */
export function offsetMs (ms: number): number {
  return isUtc.value ? 0 : -new Date(ms).getTimezoneOffset() * 60_000
}

/** Date and time with the offset, and in UTC, for tooltips. */
export function fullText (ms: number): string {
  const minutes = offsetMs(ms) / 60_000
  const offset = minutes === 0 ? 'UTC' : `UTC${minutes < 0 ? '-' : '+'}${pad(Math.floor(Math.abs(minutes) / 60))}:${pad(Math.abs(minutes) % 60)}`
  const text = `${FORMATS.full(ms)} ${offset}`
  return minutes === 0 ? text : `${text} (${new Date(ms).toISOString()})`
}

export function zoneName (): string {
  return isUtc.value ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone
}
