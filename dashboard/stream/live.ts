import { computed, effect, signal } from '@preact/signals'
import type { Alert } from '../../schemas/alert.ts'
import type { Event } from '../../schemas/event.ts'
import type { Stats } from '../../schemas/pipeline.ts'
import { isSignedOut } from '../core/api.ts'
import type { StreamHub } from './hub.ts'
import type { Connection, FromWorker, ToWorker } from './messages.ts'

const HIDDEN_MS = 30_000

interface TrustedPolicy { createScriptURL: (url: string) => string }
interface TrustedFactory { createPolicy: (name: string, rules: TrustedPolicy) => TrustedPolicy }

type Listeners<T> = Set<(news: T) => void>

/** How the stream is; the rail tells it. */
export const connection = signal<Connection>({ state: 'connecting' })
/** Events that came in the last second. */
export const eventRate = signal(0)
export const lastEventAt = signal<number | undefined>(undefined)

/** Whether what the page shows may be behind. */
export const isStale = computed(() => connection.value.state !== 'connected')

const onEvents: Listeners<{ events: Event[], dropped: number }> = new Set()
const onMissed: Listeners<void> = new Set()
const onAlerts: Listeners<Alert[]> = new Set()
const onPipeline: Listeners<Stats> = new Set()

let post: (message: ToWorker) => void = () => {}
let following: Extract<ToWorker, { kind: 'follow' }> = { kind: 'follow', q: undefined, mostASecond: 0 }
let hiddenTimer: ReturnType<typeof setTimeout> | undefined
let isAway = false

/** Begins to follow: in a worker that all pages of this browser share, or here where there are no such workers. */
export function startLive (): void {
  post = typeof SharedWorker === 'undefined' ? ownHub() : sharedHub()
  post({ kind: 'connect' })
  post(following)
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hiddenTimer)
    if (document.hidden) hiddenTimer = setTimeout(leave, HIDDEN_MS)
    else comeBack()
  })
  addEventListener('pagehide', leave)
  addEventListener('pageshow', ({ persisted }) => { if (persisted) comeBack() })
  effect(() => { if (!isSignedOut.value && connection.peek().state === 'refused') post({ kind: 'connect' }) })
}

/** Tries now what would be tried later. */
export function reconnect (): void {
  post({ kind: 'connect' })
}

/**
 * Has events that match `q` come to this page, at most so many a second. `missed` is called when some came that this page was not told of:
 * it was hidden for long, or the stream broke for long. Answers how to stop.
 */
export function followEvents (q: string, mostASecond: number, listener: (news: { events: Event[], dropped: number }) => void, missed: () => void = () => {}): () => void {
  const request = following = { kind: 'follow', q, mostASecond }
  post(request)
  onEvents.add(listener)
  onMissed.add(missed)
  return () => {
    onEvents.delete(listener)
    onMissed.delete(missed)
    if (following !== request) return
    following = { kind: 'follow', q: undefined, mostASecond: 0 }
    post(following)
  }
}

/** Told of alerts that changed. Answers how to stop. */
export function followAlerts (listener: (alerts: Alert[]) => void): () => void {
  onAlerts.add(listener)
  return () => { onAlerts.delete(listener) }
}

/** Told each second in which something came what the pipelines over ingest did until then. Answers how to stop. */
export function followPipeline (listener: (stats: Stats) => void): () => void {
  onPipeline.add(listener)
  post({ kind: 'pipeline', isWanted: true })
  return () => {
    onPipeline.delete(listener)
    post({ kind: 'pipeline', isWanted: onPipeline.size > 0 })
  }
}

function leave (): void {
  isAway = true
  post({ kind: 'leave' })
}

function comeBack (): void {
  post({ kind: 'connect' })
  if (!isAway) return
  isAway = false
  post(following)
  if (onPipeline.size > 0) post({ kind: 'pipeline', isWanted: true })
  tellAll(onMissed, undefined)
}

function sharedHub (): (message: ToWorker) => void {
  const worker = new SharedWorker(trusted(workerUrl()), { type: 'module', name: 'bellwether' })
  worker.port.onmessage = ({ data }: MessageEvent<FromWorker>) => hear(data)
  return (message) => worker.port.postMessage(message)
}

/** The same file holds the hub for a browser without shared workers. What it is told before that is there, it hears then. */
function ownHub (): (message: ToWorker) => void {
  const early: ToWorker[] = []
  let tell = (message: ToWorker): void => { early.push(message) }
  loadHub().then((hub) => {
    let follower = hub.join(hear)
    let isHere = true
    tell = (message) => {
      if (!isHere && message.kind !== 'leave') follower = hub.join(hear)
      isHere = message.kind !== 'leave'
      hub.hear(follower, message)
    }
    for (const message of early) tell(message)
  }, () => hear({ kind: 'connection', connection: { state: 'waiting', at: Infinity, since: Date.now() } }))
  return (message) => tell(message)
}

async function loadHub (): Promise<StreamHub> {
  const worker: { hub: StreamHub } = await import(workerUrl())
  return worker.hub
}

function workerUrl (): string {
  return document.documentElement.dataset['streamWorker'] ?? ''
}

/** The address of our own worker, and of nothing else, as a browser with trusted types wants it. */
function trusted (url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedFactory }
  const check = (text: string): string => {
    if (text !== workerUrl()) throw new TypeError('no script of this page')
    return text
  }
  return trustedTypes === undefined ? url : trustedTypes.createPolicy('bellwether', { createScriptURL: check }).createScriptURL(url)
}

function hear (message: FromWorker): void {
  switch (message.kind) {
    case 'connection':
      connection.value = message.connection
      if (message.connection.state === 'refused') isSignedOut.value = true
      return
    case 'rate': eventRate.value = Math.round(message.received * 1_000 / message.ms); if (message.received > 0) lastEventAt.value = Date.now(); return
    case 'events': return tellAll(onEvents, message)
    case 'gap': return tellAll(onMissed, undefined)
    case 'pipeline': return tellAll(onPipeline, message.stats)
    default: tellAll(onAlerts, message.alerts)
  }
}

function tellAll<T> (listeners: Listeners<T>, news: T): void {
  for (const listener of listeners) listener(news)
}
