import type { Connection } from './messages.ts'
import { SseReader, type ServerEvent } from './sse.ts'

const BACK_OFF_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000] as const
/** The service says that it is there every 15 s. */
const SILENT_MS = 40_000

interface Listener {
  onEvent: (event: ServerEvent) => void
  onChange: (connection: Connection) => void
}

/** The one stream of a browser: opened again when it breaks, from where it was. */
export class StreamConnection {
  readonly #url: string
  readonly #listener: Listener
  #lastId: string | undefined
  #tries = 0
  #since = 0
  #open: AbortController | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor (url: string, listener: Listener) {
    this.#url = url
    this.#listener = listener
  }

  get isOpen (): boolean {
    return this.#open !== undefined
  }

  /** Opens it now, whatever it waits for; an open one stays. */
  open (): void {
    if (this.#open !== undefined) return
    clearTimeout(this.#timer)
    const controller = this.#open = new AbortController()
    this.#listener.onChange({ state: 'connecting' })
    this.#read(controller).then(() => this.#retry(controller), () => this.#retry(controller))
  }

  /** Ends it until it is opened again; what is missed meanwhile comes then. */
  close (): void {
    clearTimeout(this.#timer)
    this.#open?.abort()
    this.#open = undefined
  }

  async #read (controller: AbortController): Promise<void> {
    const response = await fetch(this.#url, {
      signal: controller.signal,
      credentials: 'same-origin',
      headers: { accept: 'text/event-stream', ...this.#lastId === undefined ? {} : { 'last-event-id': this.#lastId } }
    })
    if (response.status === 401 || response.status === 403) {
      this.#open = undefined
      return this.#listener.onChange({ state: 'refused' })
    }
    if (!response.ok || response.body === null) return
    this.#tries = 0
    this.#since = 0
    this.#listener.onChange({ state: 'connected' })
    await this.#follow(response.body, controller)
  }

  async #follow (body: ReadableStream<Uint8Array>, controller: AbortController): Promise<void> {
    const reader = new SseReader()
    const decoder = new TextDecoder()
    let silent = setTimeout(() => controller.abort(), SILENT_MS)
    try {
      for (const chunks = body.getReader(); ;) {
        const { done, value } = await chunks.read()
        if (done) return
        clearTimeout(silent)
        silent = setTimeout(() => controller.abort(), SILENT_MS)
        for (const event of reader.read(decoder.decode(value, { stream: true }))) {
          if (event.id !== undefined) this.#lastId = event.id
          this.#listener.onEvent(event)
        }
      }
    } finally {
      clearTimeout(silent)
    }
  }

  #retry (controller: AbortController): void {
    // Closed meanwhile, refused, or opened anew.
    if (this.#open !== controller) return
    this.#open = undefined
    const base = BACK_OFF_MS[Math.min(this.#tries++, BACK_OFF_MS.length - 1)] ?? 15_000
    const waitMs = base * (0.75 + Math.random() / 2)
    const at = Date.now()
    this.#since ||= at
    this.#listener.onChange({ state: 'waiting', at: at + waitMs, since: this.#since })
    this.#timer = setTimeout(() => this.open(), waitMs)
  }
}
